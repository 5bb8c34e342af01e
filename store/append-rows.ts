/** Bulk inserts: a chunk at a time, in the connection's transaction. */
import type { DuckDBAppender, DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { DuckDBDataChunk } from '@duckdb/node-api';

const chunkRows = 2048;

/** A column to append: its type and the value of each row. */
export interface AppendColumn<Row> {
  readonly type: DuckDBType;
  readonly value: (row: Row) => DuckDBValue;
}

/** Appends rows to a table of the catalog whose columns are exactly the given ones, in order. */
export async function appendRows<Row>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly AppendColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length > 0) append(await connection.createAppender(table), columns, rows);
}

/**
 * The same for a temporary table. Its catalog is named, because the database of a reader is read-only and an appender
 * would look there.
 */
export async function appendTempRows<Row>(
  connection: DuckDBConnection,
  table: string,
  columns: readonly AppendColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length > 0) append(await connection.createAppender(table, 'main', 'temp'), columns, rows);
}

function append<Row>(appender: DuckDBAppender, columns: readonly AppendColumn<Row>[], rows: readonly Row[]): void {
  const types = columns.map(({ type }) => type);
  for (let start = 0; start < rows.length; start += chunkRows) {
    const slice = rows.slice(start, start + chunkRows);
    const chunk = DuckDBDataChunk.create(types, slice.length);
    chunk.setColumns(columns.map(({ value }) => slice.map(value)));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
