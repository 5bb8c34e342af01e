/** Decides after every recording what each sink has to hear, and writes it to the outbox in the same transaction. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FileConfig } from '../config/schema.js';
import { isAtLeast, type Severity } from '../config/severity.js';
import { queryRows } from '../store/duckdb.js';
import { announcementReason, type AnnouncementReason } from './announcement.js';
import { findingRecord, selectFindings, type FindingRow } from './findings-table.js';
import { addAlerts, alertId, withdrawAlerts, type NewAlert } from './outbox.js';
import { namedSinks, type NamedSink } from './sink-name.js';
import { foldStorm } from './storm.js';

export interface EnqueueOptions {
  readonly config: Pick<FileConfig, 'sinks' | 'alerts'>;
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * Enqueues the first alert of what this run found, rises in severity, and updates whose cool-down is over. May be called
 * several times in a run: a finding that changes again before its alert is delivered is still one alert. A sink that is
 * new in the config is not told of what other runs found, only of what changes from now on.
 */
export async function enqueueAlerts(connection: DuckDBConnection, options: EnqueueOptions): Promise<void> {
  const { config, runId, nowMs } = options;
  await withdrawAlerts(connection);
  for (const sink of namedSinks(config.sinks)) {
    const due = await dueFindings(connection, sink, options);
    if (due.size === 0) continue;
    await addAlerts(connection, await alertsOf(connection, due, { sink: sink.name, runId, nowMs }));
    await withdrawSuperseded(connection, sink.name);
    if (sink.takesDigests) await foldStorm(connection, { sink: sink.name, runId, nowMs, cap: config.alerts.maxPerRun });
  }
}

interface RunTime {
  readonly runId: string;
  readonly nowMs: number;
}

interface Due {
  readonly reason: AnnouncementReason;
  /** Whether it was over for the sink and is not any more. */
  readonly isReturn: boolean;
}

interface CandidateRow {
  readonly id: string;
  readonly severity: Severity;
  readonly heard_severity: Severity | null;
  readonly heard_reason: AnnouncementReason | null;
  readonly heard_state: string | null;
  readonly heard_at: bigint | null;
}

/** What the sink has not heard; digests are no alerts of a finding. */
const candidatesSql = `
with
heard as (
  select finding_id, revision, severity, reason, state, coalesce(delivered_at, created_at) as heard_at
  from outbox
  where sink = $sink and state <> 'withdrawn' and finding_id is not null
  qualify row_number() over (partition by finding_id order by revision desc, created_at desc) = 1
)
select
  findings.id, findings.severity, heard.severity as heard_severity, heard.reason as heard_reason,
  heard.state as heard_state, epoch_ms(heard.heard_at) as heard_at
from findings
left join heard on heard.finding_id = findings.id
where findings.state in ('open', 'updated')
  and (
    findings.revision > heard.revision
    or heard.reason = 'closed'
    or (heard.revision is null and findings.run_id = $run)
  )`;

async function dueFindings(
  connection: DuckDBConnection,
  { name, minSeverity }: NamedSink,
  { config, runId, nowMs }: EnqueueOptions,
): Promise<Map<string, Due>> {
  const rows = await queryRows<CandidateRow>(connection, candidatesSql, { sink: name, run: runId });
  const due = new Map<string, Due>();
  for (const row of rows) {
    if (!isAtLeast(row.severity, minSeverity)) continue;
    const reason = announcementReason(row.severity, heardOf(row), { coolDowns: config.alerts, nowMs });
    if (reason !== null) due.set(row.id, { reason, isReturn: row.heard_reason === 'closed' });
  }
  return due;
}

function heardOf({ heard_severity, heard_reason, heard_state, heard_at }: CandidateRow) {
  if (heard_severity === null || heard_reason === null) return null;
  return {
    severity: heard_severity,
    reason: heard_reason,
    isPending: heard_state === 'pending',
    atMs: Number(heard_at),
  };
}

async function alertsOf(
  connection: DuckDBConnection,
  due: ReadonlyMap<string, Due>,
  { sink, runId, nowMs }: RunTime & { readonly sink: string },
): Promise<NewAlert[]> {
  const rows = await queryRows<FindingRow>(
    connection,
    `${selectFindings} where id in (select unnest(from_json($1, '["varchar"]')))`,
    [JSON.stringify([...due.keys()])],
  );
  return rows.map((row) => {
    const { finding, revision } = findingRecord(row);
    const { id: findingId, severity, updated_at } = finding;
    const { reason, isReturn } = due.get(findingId)!;
    const id = alertId(findingId, sink, revision, isReturn ? updated_at : null);
    const what = { id, findingId, revision, severity, content: finding };
    return { ...what, sink, reason, createdAtMs: nowMs, runId };
  });
}

/** Of two alerts that wait for one finding, only the newer says something. */
async function withdrawSuperseded(connection: DuckDBConnection, sink: string): Promise<void> {
  await connection.run(
    `update outbox
     set state = 'withdrawn'
     where state = 'pending'
       and sink = $1
       and revision < (select max(newer.revision) from outbox as newer where newer.sink = $1 and newer.finding_id = outbox.finding_id)`,
    [sink],
  );
}
