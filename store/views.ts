/** Puts the views over the lake into a connection. Views read lists of files that are set as variables. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { setList } from './duckdb.js';
import type { LakeTable } from './lake-files.js';
import { runSqlFile, sqlText } from './sql-files.js';

/** Lists of files that the views read; a list must not be empty. */
export type ViewFiles = Readonly<Record<LakeTable, readonly string[]>>;

const macroFiles = ['macros', 'actions'];
const viewFiles = [
  's3_access_log',
  'cloudtrail',
  'rejects',
  'access_log_events',
  'cloudtrail_events',
  'request_twins',
  'separate_events',
  's3_events',
  'api_events',
  'activity',
  'activity_by_hour',
  'aws_s3_server_access_log',
  'aws_cloudtrail_log',
];

/** What stands for a view that compares the logs where there is one log only, so that nothing is asked of request ids. */
const separateViews = new Map([
  ['s3_events', 'create or replace temp view s3_events as select * from separate_events'],
  ['activity_by_hour', 'create or replace temp view activity_by_hour as select * from separate_activity_by_hour'],
]);

/** Says which files the views and the rollups read; of tables that are left out, the same as before. */
export async function setFiles(connection: DuckDBConnection, files: Partial<ViewFiles>): Promise<void> {
  for (const [table, paths] of Object.entries(files)) await setList(connection, `${table}_files`, paths);
}

/** Creates the macros that views, rollups and detectors share. */
export async function createMacros(connection: DuckDBConnection): Promise<void> {
  for (const macros of macroFiles) await runSqlFile(connection, `store/views/${macros}.sql`);
}

/** Creates macros and views; all are temporary, so they work on a read-only database. */
export async function createViews(
  connection: DuckDBConnection,
  files: ViewFiles,
  { isOneLog = false }: { readonly isOneLog?: boolean } = {},
): Promise<void> {
  await setFiles(connection, files);
  await createMacros(connection);
  for (const view of viewFiles) {
    const separate = isOneLog ? separateViews.get(view) : undefined;
    await connection.run(separate ?? sqlText(`store/views/${view}.sql`));
  }
}
