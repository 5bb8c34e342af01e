/** Fills temporary tables with rows that were worked out in TypeScript. */
import { DuckDBDataChunk, type DuckDBConnection } from '@duckdb/node-api';
import type { AppendColumn } from '../../store/append-rows.js';

const chunkRows = 2048;

/**
 * Appends rows to a temporary table whose columns are exactly the given ones, in order. The catalog is named, because the
 * database of a reader is read-only and an appender would look there.
 */
export async function appendTempRows<Row>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly AppendColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table, 'main', 'temp');
  const types = columns.map(({ type }) => type);
  for (let start = 0; start < rows.length; start += chunkRows) {
    const slice = rows.slice(start, start + chunkRows);
    const chunk = DuckDBDataChunk.create(types, slice.length);
    chunk.setColumns(columns.map(({ value }) => slice.map(value)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
