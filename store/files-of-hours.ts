/** Makes a reader look only at the files of the lake that can hold rows of certain hours. */
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from './duckdb.js';
import { dataDirectory } from './lake-files.js';
import { emptyFile } from './lake-housekeeping.js';

/**
 * Sets the files that the views over both logs read to those that overlap an hour of the temporary table
 * `subject_hours`. What the views answer for those hours does not change.
 */
export async function readOnlyFilesOfHours(connection: DuckDBConnection, dataDir: string): Promise<void> {
  const directory = dataDirectory(path.resolve(dataDir));
  const rows = await queryRows<{ table_name: 'access_log' | 'cloudtrail'; path: string }>(
    connection,
    `select distinct table_name, path
     from lake_files
     join subject_hours
       on subject_hours.hour <= lake_files.max_event_time and subject_hours.hour + interval 1 hour > lake_files.min_event_time
     where table_name in ('access_log', 'cloudtrail')`,
  );
  for (const table of ['access_log', 'cloudtrail'] as const) {
    const files = rows.filter((row) => row.table_name === table).map((row) => path.resolve(directory.root, row.path));
    await setList(connection, `${table}_files`, [...files, emptyFile(directory, table)]);
  }
}
