/** The table `log_readers`: who reads log buckets by profession, by the config or as this program itself. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { VARCHAR } from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import { appendTempRows } from '../../store/append-rows.js';

/** Creates `log_readers(principal)`, a row a principal as `s3_events` names it. */
export async function createLogReaders(connection: DuckDBConnection, { logReaders }: FileConfig): Promise<void> {
  await connection.run('create or replace temp table log_readers as select distinct principal from own_principals');
  await appendTempRows(connection, 'log_readers', [{ type: VARCHAR, value: (name: string) => name }], logReaders);
}
