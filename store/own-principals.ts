/** The principals with which this program reads logs, as the logs name them. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from './catalog.js';

export async function saveOwnPrincipal(connection: DuckDBConnection, principal: string, nowMs: number): Promise<void> {
  await connection.run('delete from own_principals where principal = $1', [principal]);
  await connection.run('insert into own_principals values ($1, $2)', [principal, timestampValue(nowMs * 1000)]);
}
