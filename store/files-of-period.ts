/** Makes a reader look only at the files of the lake that can hold rows of certain times. */
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from './catalog.js';
import { queryRows } from './duckdb.js';
import { dataDirectory } from './lake-files.js';
import { viewFiles } from './lake-housekeeping.js';
import { setFiles } from './views.js';

interface LogFile {
  readonly table_name: 'access_log' | 'cloudtrail';
  readonly path: string;
}

/**
 * Sets the files that the views over both logs read to those that overlap an hour of the temporary table
 * `subject_hours`. What the views answer for those hours does not change. True when the files are of one log only.
 */
export async function readOnlyFilesOfHours(connection: DuckDBConnection, dataDir: string): Promise<boolean> {
  const files = await queryRows<LogFile>(
    connection,
    `select distinct table_name, path
     from lake_files
     join subject_hours
       on subject_hours.hour <= lake_files.max_event_time and subject_hours.hour + interval 1 hour > lake_files.min_event_time
     where table_name in ('access_log', 'cloudtrail')`,
  );
  await readOnly(connection, dataDir, files);
  return new Set(files.map((file) => file.table_name)).size < 2;
}

/** The same for a period in milliseconds since 1970; `toMs` is not included. */
export async function readOnlyFilesOfPeriod(
  connection: DuckDBConnection,
  dataDir: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const files = await queryRows<LogFile>(
    connection,
    `select table_name, path
     from lake_files
     where table_name in ('access_log', 'cloudtrail') and max_event_time >= $1 and min_event_time < $2`,
    [timestampValue(fromMs * 1000), timestampValue(toMs * 1000)],
  );
  await readOnly(connection, dataDir, files);
}

async function readOnly(connection: DuckDBConnection, dataDir: string, files: readonly LogFile[]): Promise<void> {
  const directory = dataDirectory(path.resolve(dataDir));
  const filesOf = (table: LogFile['table_name']): string[] => {
    const own = files.filter((file) => file.table_name === table).map((file) => file.path);
    return viewFiles(directory, table, own);
  };
  await setFiles(connection, { access_log: filesOf('access_log'), cloudtrail: filesOf('cloudtrail') });
}
