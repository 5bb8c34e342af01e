/**
 * Rows as Parquet. Columns have the types that they have in Arrow: integers of 64 bits, times in UTC, nested values and
 * decimals as text.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import { blobValue, dateValue, timestampTZValue } from '../../store/duckdb-values.js';
import { writeParquetFile, type ParquetColumn, type ParquetRow } from '../../store/parquet-rows.js';
import { int64, timestampMicros } from './arrow.js';
import { cellText } from './cell-text.js';
import type { Cell, Column, ColumnType, Output, Row, RowStream } from './rows.js';

/** Writes the rows by way of a temporary file, for Parquet has its directory at its end; returns their number. */
export async function writeParquet({ columns, batches }: RowStream, output: Output): Promise<number> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bucketwatch-parquet-'));
  try {
    const file = path.join(folder, 'result.parquet');
    const count = await writeParquetFile(file, columns.map(parquetColumn), converted(columns, batches));
    for await (const chunk of fs.createReadStream(file)) await output.write(chunk as Buffer);
    return count;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function* converted(columns: readonly Column[], batches: RowStream['batches']): AsyncGenerator<ParquetRow[]> {
  const convert = (row: Row): ParquetRow => row.map((cell, index) => parquetValue(cell, columns[index]!));
  for await (const batch of batches) yield batch.map(convert);
}

const parquetTypes: Readonly<Partial<Record<ColumnType, ParquetColumn['type']>>> = {
  integer: 'bigint',
  real: 'double',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  date: 'date',
  blob: 'blob',
};

function parquetColumn({ name, type }: Column): ParquetColumn {
  return { name, type: parquetTypes[type] ?? 'varchar' };
}

function parquetValue(cell: Cell, column: Column): DuckDBValue {
  if (cell === null) return null;
  switch (column.type) {
    case 'integer':
      return int64(BigInt(cell as number | bigint), column);
    case 'real':
    case 'boolean':
      return cell as number | boolean;
    case 'timestamp':
      return timestampTZValue(timestampMicros(cell as string));
    case 'date':
      return dateValue(cell as string);
    case 'blob':
      return blobValue(cell as Uint8Array);
    default:
      return cellText(cell, column.type);
  }
}
