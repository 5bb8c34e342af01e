/** Forgets days of logs that are older than the config keeps. */
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows } from './duckdb.js';
import { leaveToReaders } from './lake-housekeeping.js';
import { dayOf, microsecondsPerDay, type DataDirectory } from './lake-files.js';

/** Days of event time that were forgotten; `before` is the first day that was kept, `YYYY-MM-DD`. */
export interface Forgotten {
  readonly days: number;
  readonly rows: number;
  readonly before: string;
}

/**
 * Takes the files of the logs out of the manifest whose day is more than `days` before the newest event; the day of rejects is that of their
 * run. The newest event is never taken to be later than `nowUs`: a forged date in the future forgets nothing. Rollups, findings and the ledger
 * stay, so that baselines know the past and nothing is read again. Runs inside the catalog's transaction.
 */
export async function forgetOldDays(
  connection: DuckDBConnection,
  directory: DataDirectory,
  { days, nowUs }: { readonly days: number; readonly nowUs: number },
): Promise<Forgotten> {
  const [newest] = await queryRows<{ at: bigint | null }>(
    connection,
    'select epoch_us(max(max_event_time)) as at from lake_files',
  );
  const endUs = Math.min(nowUs, Number(newest?.at ?? nowUs));
  const before = dayOf(endUs - days * microsecondsPerDay);
  const old = await queryRows<{ path: string; day: string; rows: bigint }>(
    connection,
    `delete from lake_files
     where table_name in ('access_log', 'cloudtrail', 'rejects') and day < cast($1 as date)
     returning path, cast(day as varchar) as day, "rows"`,
    [before],
  );
  leaveToReaders(old.map((file) => path.resolve(directory.root, file.path)));
  return {
    days: new Set(old.map(({ day }) => day)).size,
    rows: old.reduce((sum, { rows }) => sum + Number(rows), 0),
    before,
  };
}
