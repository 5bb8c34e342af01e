/**
 * Puts the events of a subject into temporary tables, so that every further question costs what they cost and not what
 * the lake costs. Rows of both logs that belong together are fetched together: the views then join them as ever. Where
 * the files are of one log, there is nothing to join.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from '../../store/duckdb.js';
import { timestampValue } from '../../store/catalog.js';
import { readOnlyFilesOfHours, readOnlyFilesOfPeriod } from '../../store/files-of-period.js';
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

/** Rows of the files that are read whole, and rows of the subject in them: what two cores fetch within half a second. */
const maxRowsRead = 300_000;
const maxRowsFetched = 20_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const farPastMs = Date.UTC(1970, 0, 1);
const farFutureMs = Date.UTC(2200, 0, 1);

/**
 * Creates the tables `subject_history` (the events before the end of the period) and `subject_events`
 * (those of the period). When the files with them hold more
 * than `limit` rows, only the latest hours are fetched.
 */
export async function narrowEvents(
  connection: DuckDBConnection,
  subject: SubjectValues,
  {
    period,
    dataDir,
    limit = maxRowsRead,
  }: { readonly period: Period; readonly dataDir: string; readonly limit?: number },
): Promise<NarrowedEvents> {
  await setList(connection, 'subject_values', subject.values);
  await setList(connection, 'subject_key', [subject.key ?? '']);
  const matched = eventCondition(subject);
  const toMs = period.toMs ?? farFutureMs;
  const hours = await hoursOf(connection, subject, toMs);
  const found = summaryOf(hours, await timedFiles(connection), limit);
  await connection.run('create or replace temp table subject_hours (hour timestamp)');
  const kept = hours.filter(({ hour }) => hour.getTime() >= found.historyFromMs);
  await connection.run(`insert into subject_hours select make_timestamp(unnest(from_json($1, '["bigint"]')) * 1000)`, [
    JSON.stringify(kept.map(({ hour }) => hour.getTime())),
  ]);
  const isOneLog = await readOnlyFilesOfHours(connection, dataDir);
  await connection.run('set variable history_from = $1', [timestampValue(found.historyFromMs * 1000)]);
  await connection.run('set variable history_to = $1', [timestampValue(toMs * 1000)]);
  if (!isOneLog) await narrowBothLogs(connection, matched);
  const events = isOneLog
    ? '(select * from separate_events union all select * from other_service_events)'
    : 'api_events';
  await connection.run(
    `create or replace temp table subject_history as
     select *
     from ${events}
     where ${matched} and event_time >= getvariable('history_from') and event_time < getvariable('history_to')`,
  );
  const fromMs = Math.max(period.fromMs ?? farPastMs, found.historyFromMs);
  await connection.run('set variable events_from = $1', [timestampValue(fromMs * 1000)]);
  await connection.run(
    `create or replace temp view subject_events as
     select * from subject_history where event_time >= getvariable('events_from')`,
  );
  return found;
}

/** Lets `api_events` read tables of the rows that have to do with the subject. */
async function narrowBothLogs(connection: DuckDBConnection, matched: string): Promise<void> {
  const views = {
    log_matches: 'access_log_events',
    trail_matches: 'cloudtrail_events',
    other_matches: 'other_service_events',
  };
  for (const [view, events] of Object.entries(views))
    await connection.run(`create or replace temp view ${view} as select * from ${events} where ${matched}`);
  await runSqlFile(connection, 'queries/investigation/narrow.sql');
}

interface Hour {
  readonly hour: Date;
  readonly events: bigint;
}

/** The hours with events of the subject, latest first. Rollups know those of principals and buckets without a look at rows. */
async function hoursOf(connection: DuckDBConnection, subject: SubjectValues, toMs: number): Promise<Hour[]> {
  const matched = eventCondition(subject);
  const isRolledUp = subject.kind === 'principal' || subject.kind === 'bucket';
  const ofS3 = isRolledUp
    ? `select hour, requests as events from read_parquet(getvariable('activity_files')) where ${matched}`
    : `select date_trunc('hour', event_time), 1 from access_log_events where ${matched}
       union all
       select date_trunc('hour', event_time), 1 from cloudtrail_events where ${matched}`;
  return queryRows<Hour>(
    connection,
    `select hour, sum(events)::bigint as events
     from (
       ${ofS3}
       union all
       select date_trunc('hour', event_time), 1 from other_service_events where ${matched}
     ) as matches(hour, events)
     where hour < $1
     group by hour
     order by hour desc`,
    [timestampValue(toMs * 1000)],
  );
}

interface TimedFile {
  readonly rows: number;
  readonly fromMs: number;
  readonly toMs: number;
}

async function timedFiles(connection: DuckDBConnection): Promise<TimedFile[]> {
  const rows = await queryRows<{ rows: bigint; first: Date; last: Date }>(
    connection,
    `select "rows", min_event_time as first, max_event_time as last
     from lake_files
     where table_name in ('access_log', 'cloudtrail') and min_event_time is not null`,
  );
  return rows.map(({ rows: count, first, last }) => ({
    rows: Number(count),
    fromMs: first.getTime(),
    toMs: last.getTime(),
  }));
}

/** As many of the latest hours as files with `limit` rows hold, while they are not too many themselves; at least one. */
function summaryOf(hours: readonly Hour[], files: readonly TimedFile[], limit: number): NarrowedEvents {
  const touched = new Set<TimedFile>();
  let rowsRead = 0;
  let fetched = 0;
  let kept = 0;
  for (const { hour, events } of hours) {
    const more = files.filter(
      (file) => !touched.has(file) && file.fromMs < hour.getTime() + hourMs && file.toMs >= hour.getTime(),
    );
    rowsRead += more.reduce((sum, { rows }) => sum + rows, 0);
    fetched += Number(events);
    if (kept > 0 && (rowsRead > limit || (limit !== Infinity && fetched > maxRowsFetched))) break;
    for (const file of more) touched.add(file);
    kept++;
  }
  return {
    firstHourMs: hours.at(-1)?.hour.getTime() ?? null,
    lastHourMs: hours[0]?.hour.getTime() ?? null,
    rows: hours.reduce((sum, { events }) => sum + Number(events), 0),
    historyFromMs: hours[kept - 1]?.hour.getTime() ?? farPastMs,
    isCut: kept < hours.length,
  };
}

/**
 * Lets the views of the logs read everybody's rows of the time around a subject: a day before and after its events, or as
 * much of the end of that as files with `limit` rows hold. Answers that time.
 */
export async function widenToNeighbours(
  connection: DuckDBConnection,
  {
    fromMs,
    toMs,
    dataDir,
    limit = maxRowsRead,
  }: { readonly fromMs: number; readonly toMs: number; readonly dataDir: string; readonly limit?: number },
): Promise<{ readonly fromMs: number; readonly toMs: number }> {
  const files = await timedFiles(connection);
  const earliestMs = fromMs - dayMs;
  const endMs = toMs + dayMs;
  const rowsSince = (sinceMs: number): number =>
    files.reduce((sum, file) => sum + (file.toMs >= sinceMs && file.fromMs < endMs ? file.rows : 0), 0);
  let startMs = Math.max(earliestMs, endMs - 2 * dayMs);
  while (startMs > earliestMs && rowsSince(Math.max(earliestMs, startMs - dayMs)) <= limit)
    startMs = Math.max(earliestMs, startMs - dayMs);
  const around = { fromMs: startMs, toMs: endMs };
  await readOnlyFilesOfPeriod(connection, dataDir, around);
  return around;
}
