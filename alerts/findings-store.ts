/**
 * Reading findings, and what people do with them. Reading works in a transaction on the catalog and on the snapshot of a
 * reader; changing needs the transaction.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import { nearestName } from '../config/nearest-name.js';
import { severities, type Severity } from '../config/severity.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';
import { isoTime, type Finding, type FindingState } from './finding.js';
import { withChange, type FindingRecord } from './finding-record.js';
import { findingRecord, selectFindings, writeFindings, type FindingRow } from './findings-table.js';
import { withdrawAlerts, withdrawDead } from './outbox.js';

/** What to list; everything that is given must hold. In names, `*` stands for anything. */
export interface FindingFilters {
  readonly states?: readonly FindingState[] | undefined;
  readonly minSeverity?: Severity | undefined;
  readonly detector?: string | undefined;
  readonly bucket?: string | undefined;
  readonly principal?: string | undefined;
  /** Findings with events at or after this; milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  readonly limit?: number | undefined;
}

const listSql = `${selectFindings}
where ($states is null or state in (select unnest(from_json($states, '["varchar"]'))))
  and ($severities is null or severity in (select unnest(from_json($severities, '["varchar"]'))))
  and ($detector is null or detector like $detector escape '\\')
  and ($bucket is null or bucket like $bucket escape '\\')
  and ($principal is null or principal like $principal escape '\\')
  and ($since is null or findings.last_event_at >= $since)
order by
  list_position(['critical', 'high', 'medium', 'low', 'info'], severity), findings.last_event_at desc, id
limit $limit`;

/** Findings, worst first, then those with the latest events. */
export async function listFindings(connection: DuckDBConnection, filters: FindingFilters = {}): Promise<Finding[]> {
  const { states, minSeverity, detector, bucket, principal, sinceMs, limit } = filters;
  const reached = minSeverity === undefined ? null : severities.slice(0, severities.indexOf(minSeverity) + 1);
  const rows = await queryRows<FindingRow>(connection, listSql, {
    states: states === undefined ? null : JSON.stringify(states),
    severities: reached === null ? null : JSON.stringify(reached),
    detector: likePattern(detector),
    bucket: likePattern(bucket),
    principal: likePattern(principal),
    since: sinceMs === undefined ? null : timestampValue(sinceMs * 1000),
    limit: limit === undefined ? null : BigInt(limit),
  });
  return rows.map((row) => findingRecord(row).finding);
}

function likePattern(pattern: string | undefined): string | null {
  return pattern === undefined ? null : pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}

/** How many findings a run opened or changed and nobody has quietened, by severity; each counts once. */
export async function countFindingsOfRun(
  connection: DuckDBConnection,
  runId: string,
): Promise<Partial<Record<Severity, number>>> {
  const rows = await queryRows<{ severity: Severity; findings: bigint }>(
    connection,
    `select severity, count(*) as findings
     from findings
     where run_id = $1 and state in ('open', 'updated')
     group by severity
     order by list_position(['critical', 'high', 'medium', 'low', 'info'], severity)`,
    [runId],
  );
  return Object.fromEntries(rows.map(({ severity, findings }) => [severity, Number(findings)]));
}

/** Shortest prefix of an id that is looked for. */
const minIdPrefix = 6;
/** Findings that an ambiguous prefix is answered with. */
const maxCandidates = 5;

/** The finding with this id, or whose id alone begins with this. Throws `name-unknown` with the candidates. */
export async function getFinding(connection: DuckDBConnection, idOrPrefix: string): Promise<FindingRecord> {
  const prefix = idOrPrefix.toLowerCase();
  if (!/^[0-9a-f]+$/.test(prefix) || prefix.length < minIdPrefix) {
    throw unknown(idOrPrefix, `is not the id of a finding; expected its first ${minIdPrefix} characters or more`);
  }
  const rows = await queryRows<FindingRow>(
    connection,
    `${selectFindings} where starts_with(id, $1) order by id limit ${maxCandidates + 1}`,
    [prefix],
  );
  if (rows.length === 1) return findingRecord(rows[0]!);
  if (rows.length === 0) throw await noSuchFinding(connection, prefix);
  const shown = rows.slice(0, maxCandidates).map((row) => row.id.slice(0, prefix.length + 6));
  const more = rows.length > maxCandidates ? ', …' : '';
  throw unknown(idOrPrefix, `is the start of several ids; expected one of ${shown.join(', ')}${more}`);
}

async function noSuchFinding(connection: DuckDBConnection, prefix: string): Promise<AppError> {
  const ids = await queryRows<{ id: string }>(
    connection,
    'select id from findings order by updated_at desc, id limit 10000',
  );
  const near = nearestName(
    prefix,
    ids.map(({ id }) => id.slice(0, prefix.length)),
  );
  const hint = near === null ? 'bucketwatch findings list shows them all' : `did you mean ${near}?`;
  return unknown(prefix, `no finding has this id; ${hint}`);
}

function unknown(given: string, problem: string): AppError {
  return new AppError('name-unknown', `finding ${JSON.stringify(given)}: ${problem}`, { facts: { finding: given } });
}

/** Who changed a state, and why. */
export interface Decision {
  readonly by: string;
  readonly note: string | null;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Somebody is on it: it stays quiet while its severity does not rise. Throws `usage` when it is closed. */
export async function acknowledge(
  connection: DuckDBConnection,
  idPrefix: string,
  decision: Decision,
): Promise<FindingRecord> {
  const record = await getFinding(connection, idPrefix);
  const { state, severity, id } = record.finding;
  if (state === 'closed') {
    throw new AppError('usage', `finding ${id.slice(0, 10)}: is closed; expected an open one; reopen it first`, {
      facts: { id },
    });
  }
  const life = { ...record.life, acknowledged: severity };
  return change(connection, { ...record, life }, { ...decision, state: 'acknowledged' });
}

/**
 * It is dealt with: events within 24 hours after its last one are added to it and raise nothing, unless they are worse;
 * later ones are a new finding. Alerts that wait or are dead are taken back.
 */
export async function close(
  connection: DuckDBConnection,
  idPrefix: string,
  decision: Decision,
): Promise<FindingRecord> {
  const record = await getFinding(connection, idPrefix);
  const { severity, first_event_at, last_event_at } = record.finding;
  const closed = {
    firstEventAtUs: Date.parse(first_event_at) * 1000,
    lastEventAtUs: Date.parse(last_event_at) * 1000,
    severity,
  };
  const life = { ...record.life, closed, acknowledged: null, isQuiet: false };
  const changed = await change(connection, { ...record, life }, { ...decision, state: 'closed' });
  await withdrawAlerts(connection);
  await withdrawDead(connection, changed.finding.id);
  return changed;
}

/** Takes back that it was acknowledged or closed. Only sinks that were told of its end will be told that it is open again. */
export async function reopen(
  connection: DuckDBConnection,
  idPrefix: string,
  decision: Decision,
): Promise<FindingRecord> {
  const record = await getFinding(connection, idPrefix);
  const life = { ...record.life, closed: null, acknowledged: null, isQuiet: false };
  return change(connection, { ...record, life }, { ...decision, state: 'open' });
}

/** `revision` and `run_id` stay: they count what was found, and this is what people say about it. */
async function change(
  connection: DuckDBConnection,
  record: FindingRecord,
  { by, note, nowMs, state }: Decision & { readonly state: FindingState },
): Promise<FindingRecord> {
  const at = isoTime(nowMs * 1000);
  const changed: FindingRecord = {
    ...record,
    finding: { ...record.finding, state, updated_at: at },
    reason: note,
    life: withChange(record.life, { at, by, state, note }),
  };
  await writeFindings(connection, [changed]);
  return changed;
}
