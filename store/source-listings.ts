/** When sources were last listed to their end, so that a pause of the job is caught up. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from './catalog.js';
import { queryRows } from './duckdb.js';

/** Milliseconds since 1970; null when the source was never listed to its end. */
export async function lastListing(connection: DuckDBConnection, source: string): Promise<number | null> {
  const [row] = await queryRows<{ listed_at_ms: bigint }>(
    connection,
    'select epoch_ms(listed_at) as listed_at_ms from source_listings where source = $1',
    [source],
  );
  return row === undefined ? null : Number(row.listed_at_ms);
}

export async function saveListing(connection: DuckDBConnection, source: string, listedAtMs: number): Promise<void> {
  await connection.run('delete from source_listings where source = $1', [source]);
  await connection.run('insert into source_listings values ($1, $2)', [source, timestampValue(listedAtMs * 1000)]);
}
