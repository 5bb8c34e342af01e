/**
 * The neutral shape of a result: named, typed columns and rows of plain values. Everything that prints rows takes
 * this.
 */

/**
 * What a column holds, and so how its cells are represented:
 * `text` string · `integer` number, or bigint beyond 2^53 · `real` number, also NaN and the infinities · `decimal` its
 * exact digits as string · `boolean` · `timestamp` ISO 8601 UTC text with as many digits of a second as it has
 * (`2026-01-31T07:00:00.123456Z`), or `infinity`, `-infinity` · `date` `YYYY-MM-DD` · `json` JSON text · `list`,
 * `struct`, `map` arrays, objects, and arrays of `{key, value}`, of cells · `blob` bytes. Any cell may be null.
 */
export type ColumnType =
  | 'text'
  | 'integer'
  | 'real'
  | 'decimal'
  | 'boolean'
  | 'timestamp'
  | 'date'
  | 'json'
  | 'list'
  | 'struct'
  | 'map'
  | 'blob';

/** A column of a result. Names may repeat and may be hostile: SQL can take them from data. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** One value, represented as its column's type says. */
export type Cell =
  | null
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | readonly Cell[]
  | { readonly [name: string]: Cell };

/** Cells in the order of the columns. */
export type Row = readonly Cell[];

/** A result that arrives in batches, so that it never has to fit into memory. Can be read once. */
export interface RowStream {
  readonly columns: readonly Column[];
  readonly batches: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;
}

/** A result of a known, small size. */
export interface RowSet {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** A small result as a stream of one batch. */
export function toRowStream({ columns, rows }: RowSet): RowStream {
  return { columns, batches: rows.length === 0 ? [] : [rows] };
}

/** Where output goes. `write` waits while the reader is slow. */
export interface Output {
  write(chunk: string | Uint8Array): Promise<void>;
}
