/** Access logs that S3 delivers as Parquet: turned into JSON lines, so that one parser knows the names of the fields. */
import { openDatabase, type DatabaseOptions } from './duckdb.js';

/** Writes the rows of the Parquet file `from` as JSON lines; throws DuckDB's error when it is not readable as Parquet. */
export type ParquetConverter = (from: string, to: string) => Promise<void>;

/** Opens a database of its own, which lives as long as the thread. */
export async function openParquetConverter(options: DatabaseOptions): Promise<ParquetConverter> {
  const { connection } = await openDatabase(':memory:', options);
  return async (from, to) => {
    await connection.run(`copy (from read_parquet($1)) to $2 (format json, timestampformat '%Y-%m-%dT%H:%M:%S.%fZ')`, [
      from,
      to,
    ]);
  };
}
