/** Puts the views over the lake into a connection. Views read lists of files that are set as variables. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { setList } from './duckdb.js';
import { runSqlFile } from './sql-files.js';

/** Lists of files that the views read; a list must not be empty. */
export interface ViewFiles {
  readonly access_log: readonly string[];
  readonly cloudtrail: readonly string[];
  readonly rejects: readonly string[];
  readonly activity: readonly string[];
  readonly sightings: readonly string[];
}

const viewFiles = [
  'macros',
  'actions',
  's3_access_log',
  'cloudtrail',
  'rejects',
  's3_events',
  'api_events',
  'activity',
  'aws_s3_server_access_log',
  'aws_cloudtrail_log',
];

/** Creates macros and views; all are temporary, so they work on a read-only database. */
export async function createViews(connection: DuckDBConnection, files: ViewFiles): Promise<void> {
  for (const table of Object.keys(files) as (keyof ViewFiles)[])
    await setList(connection, `${table}_files`, files[table]);
  for (const view of viewFiles) await runSqlFile(connection, `store/views/${view}.sql`);
}
