/**
 * Puts the events of a subject into temporary tables, so that every further question costs what they cost and not what
 * the lake costs. Rows of both logs that belong together are fetched together: the views then join them as ever.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from '../../store/duckdb.js';
import { timestampValue } from '../../store/catalog.js';
import { readOnlyFilesOfHours } from '../../store/files-of-hours.js';
import { runSqlFile } from '../../store/sql-files.js';
import { eventCondition, type SubjectValues } from './conditions.js';

/** A period in milliseconds since 1970; null is open. */
export interface Period {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

/** What was found of the subject, and how much of it was fetched. Times in milliseconds since 1970. */
export interface NarrowedEvents {
  /** The first hour with any event of it; null when there is none before the end of the period. */
  readonly firstHourMs: number | null;
  readonly lastHourMs: number | null;
  /** Rows of both logs before the end of the period, those that both have twice. */
  readonly rows: number;
  /** Where its history begins in the tables; later than the first hour when there was too much. */
  readonly historyFromMs: number;
  readonly isCut: boolean;
}

/** Rows that are fetched at most: what two cores fetch and group within half a second. */
export const maxRows = 200_000;

const farPastMs = Date.UTC(1970, 0, 1);
const farFutureMs = Date.UTC(2200, 0, 1);

/**
 * Creates the tables `subject_hours`, `subject_history` (the events before the end of the period) and `subject_events`
 * (those of the period). When there are more than `limit`, only the latest hours are fetched.
 */
export async function narrowEvents(
  connection: DuckDBConnection,
  subject: SubjectValues,
  { period, dataDir, limit = maxRows }: { readonly period: Period; readonly dataDir: string; readonly limit?: number },
): Promise<NarrowedEvents> {
  await setList(connection, 'subject_values', subject.values);
  await setList(connection, 'subject_key', [subject.key ?? '']);
  const matched = eventCondition(subject);
  const toMs = period.toMs ?? farFutureMs;
  await connection.run(
    `create or replace temp table subject_hours as
     select date_trunc('hour', event_time) as hour, count(*) as events
     from (
       select event_time from access_log_events where ${matched}
       union all
       select event_time from cloudtrail_events where ${matched}
       union all
       select event_time from other_service_events where ${matched}
     )
     where event_time < $1
     group by hour`,
    [timestampValue(toMs * 1000)],
  );
  const hours = await queryRows<{ hour: Date; events: bigint }>(
    connection,
    'select hour, events from subject_hours order by hour desc',
  );
  const found = summaryOf(hours, limit);
  await connection.run('delete from subject_hours where hour < $1', [timestampValue(found.historyFromMs * 1000)]);
  await readOnlyFilesOfHours(connection, dataDir);
  await connection.run('set variable history_from = $1', [timestampValue(found.historyFromMs * 1000)]);
  await connection.run('set variable history_to = $1', [timestampValue(toMs * 1000)]);
  await connection.run(`create or replace temp view log_matches as select * from access_log_events where ${matched}`);
  await connection.run(`create or replace temp view trail_matches as select * from cloudtrail_events where ${matched}`);
  await connection.run(
    `create or replace temp view other_matches as select * from other_service_events where ${matched}`,
  );
  await runSqlFile(connection, 'queries/investigation/narrow.sql');
  await connection.run(
    `create or replace temp table subject_history as
     select *
     from api_events
     where ${matched} and event_time >= getvariable('history_from') and event_time < getvariable('history_to')`,
  );
  await connection.run(
    'create or replace temp table subject_events as select * from subject_history where event_time >= $1',
    [timestampValue(Math.max(period.fromMs ?? farPastMs, found.historyFromMs) * 1000)],
  );
  return found;
}

function summaryOf(hours: readonly { readonly hour: Date; readonly events: bigint }[], limit: number): NarrowedEvents {
  const rows = hours.reduce((sum, { events }) => sum + Number(events), 0);
  let fetched = 0;
  let kept = 0;
  while (kept < hours.length && (kept === 0 || fetched + Number(hours[kept]!.events) <= limit))
    fetched += Number(hours[kept++]!.events);
  return {
    firstHourMs: hours.at(-1)?.hour.getTime() ?? null,
    lastHourMs: hours[0]?.hour.getTime() ?? null,
    rows,
    historyFromMs: hours[kept - 1]?.hour.getTime() ?? farPastMs,
    isCut: kept < hours.length,
  };
}
