/** Hours of event time that gained rows: written by the commit of their rows, taken away by the commit of their findings. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from './catalog.js';
import { queryRows } from './duckdb.js';

export interface HourOfEvents {
  /** Milliseconds since 1970, on the hour. */
  readonly startMs: number;
  /** Events that the day of the hour holds by now, in both logs, spread over its pending hours. */
  readonly events: number;
}

/** Hours that detectors have not looked at, from a reader's connection. */
export async function pendingHours(connection: DuckDBConnection): Promise<HourOfEvents[]> {
  return hours(connection, 'select distinct hour from pending_hours');
}

/** Hours of a period that hold events. */
export async function hoursBetween(
  connection: DuckDBConnection,
  fromMs: number,
  toMs: number,
): Promise<HourOfEvents[]> {
  return hours(connection, 'select distinct hour from activity_rows where hour >= $1 and hour < $2', [fromMs, toMs]);
}

async function hours(
  connection: DuckDBConnection,
  sql: string,
  bounds: readonly number[] = [],
): Promise<HourOfEvents[]> {
  const rows = await queryRows<{ start: bigint; events: bigint }>(
    connection,
    `with pending as (${sql}),
     days as (select cast(hour as date) as day, sum(requests) as requests from activity_rows group by day),
     counts as (select cast(hour as date) as day, count(*) as hours from pending group by day)
     select epoch_ms(pending.hour) as start, ceil(coalesce(days.requests, 0) / counts.hours)::bigint as events
     from pending
     join counts on counts.day = cast(pending.hour as date)
     left join days on days.day = counts.day
     order by pending.hour`,
    bounds.map((bound) => timestampValue(bound * 1000)),
  );
  return rows.map(({ start, events }) => ({ startMs: Number(start), events: Number(events) }));
}

/** Forgets the hours of a period: its findings are committed with this. */
export async function forgetHours(connection: DuckDBConnection, fromMs: number, toMs: number): Promise<void> {
  await connection.run('delete from pending_hours where hour >= $1 and hour < $2', [
    timestampValue(fromMs * 1000),
    timestampValue(toMs * 1000),
  ]);
}
