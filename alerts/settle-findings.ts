/**
 * What time brings about, whether or not there are new events: findings without news are closed, sinks hear of what is
 * over, and of updates whose cool-down is over. Once a run, in one transaction, after all windows were recorded.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FileConfig } from '../config/schema.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';
import { enqueueAlerts } from './enqueue-alerts.js';
import { isoTime } from './finding.js';
import { programName, withChange, type FindingRecord } from './finding-record.js';
import { findingRecord, selectFindings, writeFindings, type FindingRow } from './findings-table.js';
import { addAlerts, alertId, type NewAlert } from './outbox.js';
import { namedSinks, type NamedSink } from './sink-name.js';

export interface SettleOptions {
  readonly config: Pick<FileConfig, 'sinks' | 'alerts'>;
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Answers how many findings were closed. */
export async function settleFindings(connection: DuckDBConnection, options: SettleOptions): Promise<number> {
  const closed = await closeQuiet(connection, options);
  await enqueueAlerts(connection, options);
  for (const sink of namedSinks(options.config.sinks)) {
    if (sink.hearsClosing) await announceEnds(connection, sink, options);
  }
  return closed;
}

/** Findings are closed in portions, so that no run holds all of a long history in memory. */
const closedAtOnce = 10_000;

/**
 * Closes what had no news for long: no event since, and no change by anybody. The time of processing counts too, so
 * that what a look at old logs finds is not closed before anybody has read it.
 */
async function closeQuiet(connection: DuckDBConnection, { config, nowMs }: SettleOptions): Promise<number> {
  const { closeAfterMs } = config.alerts;
  if (closeAfterMs === null) return 0;
  const rows = await queryRows<FindingRow>(
    connection,
    `${selectFindings}
     where state in ('open', 'updated', 'acknowledged')
       and findings.last_event_at < $1
       and findings.updated_at < $1
     order by findings.updated_at, id
     limit ${closedAtOnce}`,
    [timestampValue((nowMs - closeAfterMs) * 1000)],
  );
  const at = isoTime(nowMs * 1000);
  const note = `no news for ${Math.round(closeAfterMs / 3_600_000)} hours`;
  await writeFindings(
    connection,
    rows.map((row) => closedRecord(findingRecord(row), at, note)),
  );
  return rows.length;
}

/** Nothing new was found, so `revision` and `run_id` stay; an acknowledgement stays too, should there be more of the same. */
function closedRecord(record: FindingRecord, at: string, note: string): FindingRecord {
  return {
    ...record,
    finding: { ...record.finding, state: 'closed', updated_at: at },
    reason: note,
    life: withChange({ ...record.life, isQuiet: true }, { at, by: programName, state: 'closed', note }),
  };
}

/** Closed findings that the sink has, and whose end it has not heard of; the last thing that was enqueued counts. */
const endedSql = `${selectFindings}
where state = 'closed'
  and id in (
    select finding_id
    from (
      select finding_id, reason, bool_or(state = 'delivered') over (partition by finding_id) as is_known
      from outbox
      where sink = $sink and state <> 'withdrawn' and finding_id is not null
      qualify row_number() over (partition by finding_id order by revision desc, created_at desc) = 1
    )
    where is_known and reason <> 'closed'
  )
order by findings.updated_at, id
limit $cap`;

/** No more a run than of alerts; the others have their turn in the next ones. */
async function announceEnds(
  connection: DuckDBConnection,
  { name: sink }: NamedSink,
  { config, runId, nowMs }: SettleOptions,
): Promise<void> {
  const cap = BigInt(config.alerts.maxPerRun);
  const rows = await queryRows<FindingRow>(connection, endedSql, { sink, cap });
  const alerts = rows.map((row): NewAlert => {
    const { finding, revision } = findingRecord(row);
    const { id: findingId, severity, updated_at } = finding;
    const what = {
      id: alertId(findingId, sink, revision, updated_at),
      findingId,
      revision,
      severity,
      content: finding,
    };
    return { ...what, sink, reason: 'closed', createdAtMs: nowMs, runId };
  });
  await addAlerts(connection, alerts);
}
