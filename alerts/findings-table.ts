/** The tables `findings` and `finding_windows`: rows in and out, in the transaction or on the connection of the caller. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import { appendRows, type AppendColumn } from '../store/append-rows.js';
import { timestampValue } from '../store/catalog.js';
import type { Evidence } from '../detectors/engine/detection.js';
import { queryRows } from '../store/duckdb.js';
import { bodyOfContribution, readContribution, type Contribution } from './contribution.js';
import { findingSchemaName, isoTime, type Finding } from './finding.js';
import { newLife, type FindingRecord, type Life } from './finding-record.js';

/** What `findingRecord` reads; a query that puts its own clauses behind it must name the table `findings`. */
export const selectFindings = `
select
  id, dedupe_key, detector, detector_version, state, severity, title, account_id, region, bucket, "key", principal,
  source_ip, user_agent, epoch_us(first_event_at) as first_event_at, epoch_us(last_event_at) as last_event_at, event_count,
  epoch_us(created_at) as created_at, epoch_us(updated_at) as updated_at, run_id, revision, reason, life, body
from findings`;

const timeColumns = ['first_event_at', 'last_event_at', 'created_at', 'updated_at'] as const;
const bodyColumns = ['description', 'evidence', 'baseline', 'mitre', 'query', 'next_steps'] as const;
type StoredColumns = Omit<
  Finding,
  'schema' | 'event_count' | (typeof timeColumns)[number] | (typeof bodyColumns)[number]
>;

/** A row of `selectFindings`. */
export type FindingRow = StoredColumns &
  Record<(typeof timeColumns)[number] | 'event_count', bigint> & {
    readonly revision: number;
    readonly reason: string | null;
    readonly life: string;
    readonly body: string;
  };

export function findingRecord(row: FindingRow): FindingRecord {
  const { revision, reason, life, body, ...columns } = row;
  const finding: Finding = {
    schema: findingSchemaName,
    ...columns,
    event_count: Number(row.event_count),
    first_event_at: isoTime(Number(row.first_event_at)),
    last_event_at: isoTime(Number(row.last_event_at)),
    created_at: isoTime(Number(row.created_at)),
    updated_at: isoTime(Number(row.updated_at)),
    ...(JSON.parse(body) as Pick<Finding, (typeof bodyColumns)[number]>),
  };
  return {
    finding: inContractOrder(finding),
    revision,
    reason,
    life: { ...newLife, ...(JSON.parse(life) as Partial<Life>) },
  };
}

/** The keys in the order of the contract, so that the JSON of a finding is the same text each time. */
export function inContractOrder(finding: Finding): Finding {
  const { schema, id, dedupe_key, state, detector, detector_version, title, description, severity } = finding;
  const { account_id, region, bucket, key, principal, source_ip, user_agent } = finding;
  const { first_event_at, last_event_at, event_count, evidence, baseline, mitre, query, next_steps } = finding;
  const { created_at, updated_at, run_id } = finding;
  const what = { schema, id, dedupe_key, state, detector, detector_version, title, description, severity };
  const who = { account_id, region, bucket, key, principal, source_ip, user_agent };
  const how = { first_event_at, last_event_at, event_count, evidence, baseline, mitre, query, next_steps };
  return { ...what, ...who, ...how, created_at, updated_at, run_id };
}

const text = (value: (finding: Finding) => string | null): AppendColumn<FindingRecord> => ({
  type: VARCHAR,
  value: ({ finding }) => value(finding),
});
const time = (name: (typeof timeColumns)[number]): AppendColumn<FindingRecord> => ({
  type: TIMESTAMP,
  value: ({ finding }) => timestampValue(Date.parse(finding[name]) * 1000),
});

/** In the order of store/schema.sql. */
const findingColumns: readonly AppendColumn<FindingRecord>[] = [
  text(({ id }) => id),
  text(({ dedupe_key }) => dedupe_key),
  text(({ detector }) => detector),
  { type: INTEGER, value: ({ finding }) => finding.detector_version },
  text(({ state }) => state),
  text(({ severity }) => severity),
  text(({ title }) => title),
  text(({ account_id }) => account_id),
  text(({ region }) => region),
  text(({ bucket }) => bucket),
  text(({ key }) => key),
  text(({ principal }) => principal),
  text(({ source_ip }) => source_ip),
  text(({ user_agent }) => user_agent),
  time('first_event_at'),
  time('last_event_at'),
  { type: BIGINT, value: ({ finding }) => BigInt(finding.event_count) },
  time('created_at'),
  time('updated_at'),
  text(({ run_id }) => run_id),
  { type: INTEGER, value: ({ revision }) => revision },
  { type: VARCHAR, value: ({ reason }) => reason },
  { type: VARCHAR, value: ({ life }) => JSON.stringify(life) },
  { type: VARCHAR, value: ({ finding }) => bodyOf(finding) },
];

function bodyOf(finding: Finding): string {
  return JSON.stringify(Object.fromEntries(bodyColumns.map((column) => [column, finding[column]])));
}

/** Writes findings, in place of those with the same id. */
export async function writeFindings(connection: DuckDBConnection, records: readonly FindingRecord[]): Promise<void> {
  if (records.length === 0) return;
  const ids = JSON.stringify(records.map(({ finding }) => finding.id));
  await connection.run(`delete from findings where id in (select unnest(from_json($1, '["varchar"]')))`, [ids]);
  await appendRows(connection, 'findings', findingColumns, records);
}

/** A window of a finding. */
export interface FindingWindow {
  readonly findingId: string;
  readonly contribution: Contribution;
}

const windowColumns: readonly AppendColumn<FindingWindow>[] = [
  { type: VARCHAR, value: ({ findingId }) => findingId },
  { type: TIMESTAMP, value: ({ contribution }) => timestampValue(contribution.windowStartUs) },
  { type: TIMESTAMP, value: ({ contribution }) => timestampValue(contribution.firstEventAtUs) },
  { type: TIMESTAMP, value: ({ contribution }) => timestampValue(contribution.lastEventAtUs) },
  { type: BIGINT, value: ({ contribution }) => BigInt(contribution.eventCount) },
  { type: VARCHAR, value: ({ contribution }) => bodyOfContribution(contribution) },
];

/** Takes windows away, then adds others. */
export async function replaceWindows(
  connection: DuckDBConnection,
  { removed, added }: { readonly removed: readonly FindingWindow[]; readonly added: readonly FindingWindow[] },
): Promise<void> {
  if (removed.length > 0) {
    const keys = removed.map(({ findingId, contribution }) => ({ id: findingId, at: contribution.windowStartUs }));
    await connection.run(
      `delete from finding_windows
       using (select unnest(from_json($1, '[{"id": "varchar", "at": "bigint"}]'), recursive := true)) as gone
       where finding_id = gone.id and window_start = make_timestamp(gone.at)`,
      [JSON.stringify(keys)],
    );
  }
  await appendRows(connection, 'finding_windows', windowColumns, added);
}

/** The findings with these dedupe keys, whatever their state. */
export async function readFindings(
  connection: DuckDBConnection,
  dedupeKeys: readonly string[],
): Promise<FindingRecord[]> {
  const rows = await queryRows<FindingRow>(
    connection,
    `${selectFindings} where dedupe_key in (select unnest(from_json($1, '["varchar"]'))) order by id`,
    [JSON.stringify(dedupeKeys)],
  );
  return rows.map((row) => findingRecord(row));
}

interface WindowRow {
  readonly finding_id: string;
  readonly window_start: bigint;
  readonly first_event_at: bigint;
  readonly last_event_at: bigint;
  readonly event_count: bigint;
  readonly body: string;
}

/** The windows of these findings. */
export async function readWindows(connection: DuckDBConnection, ids: readonly string[]): Promise<FindingWindow[]> {
  if (ids.length === 0) return [];
  const rows = await queryRows<WindowRow>(
    connection,
    `select
       finding_id, epoch_us(window_start) as window_start, epoch_us(first_event_at) as first_event_at,
       epoch_us(last_event_at) as last_event_at, event_count, body
     from finding_windows
     where finding_id in (select unnest(from_json($1, '["varchar"]')))
     order by finding_id, window_start`,
    [JSON.stringify(ids)],
  );
  return rows.map((row) => ({
    findingId: row.finding_id,
    contribution: readContribution(
      {
        windowStartUs: Number(row.window_start),
        firstEventAtUs: Number(row.first_event_at),
        lastEventAtUs: Number(row.last_event_at),
        eventCount: Number(row.event_count),
      },
      row.body,
    ),
  }));
}

/** Dedupe keys of these detectors' findings that have a window which starts in [fromUs, toUs). */
export async function keysWithWindows(
  connection: DuckDBConnection,
  detectors: readonly string[],
  { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
): Promise<string[]> {
  const rows = await queryRows<{ dedupe_key: string }>(
    connection,
    `select distinct findings.dedupe_key
     from finding_windows
     join findings on findings.id = finding_windows.finding_id
     where finding_windows.window_start >= $2
       and finding_windows.window_start < $3
       and findings.detector in (select unnest(from_json($1, '["varchar"]')))`,
    [JSON.stringify(detectors), timestampValue(fromUs), timestampValue(toUs)],
  );
  return rows.map(({ dedupe_key }) => dedupe_key);
}

/** The log rows that windows in [fromMs, toMs) show already; they need not be looked up again. */
export async function readShownRows(
  connection: DuckDBConnection,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Evidence[]> {
  const rows = await queryRows<{ evidence: string }>(
    connection,
    `select cast(body::json->'$.evidence' as varchar) as evidence
     from finding_windows
     where window_start >= $1 and window_start < $2`,
    [timestampValue(fromMs * 1000), timestampValue(toMs * 1000)],
  );
  return rows.flatMap(({ evidence }) => JSON.parse(evidence) as Evidence[]);
}
