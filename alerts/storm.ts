/** A storm of alerts helps nobody: a sink gets the worst of a run one by one, and the counts of the rest. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Severity } from '../config/severity.js';
import { queryRows } from '../store/duckdb.js';
import { digestOf } from './digest.js';
import { isoTime } from './finding.js';
import { addAlerts } from './outbox.js';

export interface StormOptions {
  readonly sink: string;
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Alerts of one run that a sink gets one by one. */
  readonly cap: number;
}

/**
 * Folds what is beyond the cap into the run's digest. What waits is ranked anew each time, so a critical finding of the
 * run's last window takes the place of a low one of its first.
 */
export async function foldStorm(connection: DuckDBConnection, options: StormOptions): Promise<void> {
  const folded = await foldOverflow(connection, options);
  if (folded > 0) await writeDigest(connection, options);
}

const overflowSql = `
with
own as (
  select id, finding_id, state, severity
  from outbox
  where sink = $sink and run_id = $run and reason not in ('digest', 'closed')
),
ranked as (
  select
    own.id,
    row_number() over (
      order by list_position(['critical', 'high', 'medium', 'low', 'info'], own.severity), findings.first_event_at, own.id
    ) as place
  from own
  join findings on findings.id = own.finding_id
  where own.state = 'pending'
)
update outbox
set state = 'digested'
where id in (
  select id
  from ranked
  where place + (select count(*) from own where state in ('delivered', 'dead')) > $cap
)`;

async function foldOverflow(connection: DuckDBConnection, { sink, runId, cap }: StormOptions): Promise<number> {
  const { rowsChanged } = await connection.run(overflowSql, { sink, run: runId, cap });
  return rowsChanged;
}

interface LineRow {
  readonly detector: string;
  readonly severity: Severity;
  readonly findings: bigint;
}

async function writeDigest(connection: DuckDBConnection, { sink, runId, nowMs }: StormOptions): Promise<void> {
  const rows = await queryRows<LineRow>(
    connection,
    `select findings.detector, outbox.severity, count(distinct findings.id) as findings
     from outbox
     join findings on findings.id = outbox.finding_id
     where outbox.sink = $sink and outbox.run_id = $run and outbox.state = 'digested'
     group by findings.detector, outbox.severity`,
    { sink, run: runId },
  );
  const lines = rows.map((row) => ({ ...row, findings: Number(row.findings) }));
  const digest = digestOf({ sink, runId, createdAt: isoTime(nowMs * 1000), lines });
  const { id, severity } = digest;
  const what = { id, severity, findingId: null, revision: 0, content: digest };
  await addAlerts(connection, [{ ...what, sink, reason: 'digest', createdAtMs: nowMs, runId }]);
}
