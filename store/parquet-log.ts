/** Access logs that S3 delivers as Parquet: turned into JSON lines, so that one parser knows the names of the fields. */
import type { DuckDBConnection } from '@duckdb/node-api';

/** Writes the rows of a Parquet file as JSON lines; throws DuckDB's error when it is not readable as Parquet. */
export async function parquetToJsonLines(connection: DuckDBConnection, from: string, to: string): Promise<void> {
  await connection.run(`copy (from read_parquet($1)) to $2 (format json, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ')`, [
    from,
    to,
  ]);
}
