/** Rows of any query as one Parquet file: DuckDB holds them, in memory or spilled beside the file, and writes it. */
import path from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import { BIGINT, BLOB, BOOLEAN, DATE, DOUBLE, TIMESTAMPTZ, VARCHAR } from '@duckdb/node-api';
import { appendRows } from './append-rows.js';
import { openDatabase } from './duckdb.js';

const types = {
  bigint: BIGINT,
  double: DOUBLE,
  boolean: BOOLEAN,
  timestamptz: TIMESTAMPTZ,
  date: DATE,
  blob: BLOB,
  varchar: VARCHAR,
} as const;

/** A column of the file. Its name may be anything, also something hostile. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof types;
}

/** Values as DuckDB takes them, in the order of the columns. */
export type ParquetRow = readonly DuckDBValue[];

const memoryBytes = 256e6;

/** Writes the file, which must not exist, and answers the number of its rows. */
export async function writeParquetFile(
  file: string,
  columns: readonly ParquetColumn[],
  batches: AsyncIterable<readonly ParquetRow[]>,
): Promise<number> {
  const database = await openDatabase(':memory:', {
    threads: 1,
    memoryBytes,
    tempDirectory: `${path.dirname(file)}/spill`,
  });
  const { connection } = database;
  try {
    await connection.run(`create table result (${columns.map(columnDefinition).join(', ')})`);
    const appended = columns.map(({ type }, index) => ({
      type: types[type],
      value: (row: ParquetRow): DuckDBValue => row[index]!,
    }));
    let count = 0;
    for await (const batch of batches) {
      count += batch.length;
      await appendRows(connection, 'result', appended, batch);
    }
    // Version 1 of the format, unlike the lake: whoever gets the file may have an older reader.
    await connection.run('copy result to $1 (format parquet, compression zstd, compression_level 1)', [file]);
    return count;
  } finally {
    database.close();
  }
}

/** A quoted name can hold anything; a NUL alone ends it. */
function columnDefinition({ name, type }: ParquetColumn): string {
  return `"${name.replaceAll('"', '""').replaceAll('\0', '')}" ${type}`;
}
