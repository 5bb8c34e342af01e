/** Headers and footer of a Parquet file, by https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift. */
import type { Column, ColumnKind, Table } from '../parsers/tables.js';
import { ThriftWriter } from './thrift.js';

/** How values are stored, and what they mean by Parquet's older word; its newer one is `writeLogicalType`. */
const types: Readonly<Record<ColumnKind, { readonly physical: number; readonly converted: number | null }>> = {
  boolean: { physical: 0, converted: null },
  int16: { physical: 1, converted: 16 },
  int64: { physical: 2, converted: 18 },
  timestamp: { physical: 2, converted: 10 },
  blob: { physical: 6, converted: null },
  text: { physical: 6, converted: 0 },
};

/** Numbers of Parquet's encodings, as in wasm/pages.ts. */
export const Encoding = { plain: 0, rle: 3, rleDictionary: 8 } as const;

const snappy = 1;
const optional = 1;
const dataPage = 0;
const dictionaryPage = 2;

/** Every reader of our encodings knows what is in a file of version 2. */
const formatVersion = 2;
const createdBy = Buffer.from('bucketwatch');

const writer = new ThriftWriter();

const noFields = (): void => undefined;

export interface Page {
  /** Bytes without and with compression. */
  readonly inflated: number;
  readonly packed: number;
  /** Rows, or texts of a dictionary. */
  readonly values: number;
  readonly encoding: number;
}

/** What stands before a page of rows. Good until the next header or footer, as are all bytes from here. */
export function dataPageHeader(page: Page): Uint8Array {
  writePageHeader(dataPage, page, () =>
    writer.struct(5, () => {
      writer.i32(1, page.values);
      writer.i32(2, page.encoding);
      writer.i32(3, Encoding.rle);
      writer.i32(4, Encoding.rle);
    }),
  );
  return writer.take();
}

/** What stands before the page of a dictionary. */
export function dictionaryPageHeader(page: Page): Uint8Array {
  writePageHeader(dictionaryPage, page, () =>
    writer.struct(7, () => {
      writer.i32(1, page.values);
      writer.i32(2, page.encoding);
    }),
  );
  return writer.take();
}

function writePageHeader(type: number, { inflated, packed }: Page, header: () => void): void {
  writer.root(() => {
    writer.i32(1, type);
    writer.i32(2, inflated);
    writer.i32(3, packed);
    header();
  });
}

/** What stands before the bits of a Bloom filter. */
export function filterHeader(bytes: number): Uint8Array {
  writer.root(() => {
    writer.i32(1, bytes);
    // Blocks, xxHash and no compression: each the only choice there is.
    for (const id of [2, 3, 4]) writer.struct(id, () => writer.struct(1, noFields));
  });
  return writer.take();
}

/** What the footer says of the values of a column in a row group. */
export interface Statistics {
  readonly nulls: number;
  /** How many different values there are, at most; null when they were not counted. */
  readonly distinct: number | null;
  /** The least and the greatest value as bytes of Parquet's plain encoding; null when there is none, or a long one. */
  readonly least: Uint8Array | null;
  readonly greatest: Uint8Array | null;
}

/** A column in a row group. Offsets are those in the file. */
export interface ColumnChunk {
  readonly column: Column;
  readonly rows: number;
  readonly encodings: readonly number[];
  readonly inflated: number;
  readonly packed: number;
  readonly dictionaryOffset: number | null;
  readonly dataOffset: number;
  readonly statistics: Statistics;
  filter: { readonly offset: number; readonly bytes: number } | null;
}

export interface RowGroup {
  readonly rows: number;
  readonly chunks: readonly ColumnChunk[];
}

/** The metadata of a file, which its end holds. */
export function fileMetadata({ columns }: Table, groups: readonly RowGroup[]): Uint8Array {
  writer.root(() => {
    writer.i32(1, formatVersion);
    writer.structs(2, [null, ...columns], (column) =>
      column === null ? writeRoot(columns.length) : writeColumn(column),
    );
    writer.i64(
      3,
      sum(groups, ({ rows }) => rows),
    );
    writer.structs(4, groups, writeRowGroup);
    writer.binary(6, createdBy);
    // Texts are ordered by their bytes, numbers as such.
    writer.structs(7, columns, () => writer.struct(1, noFields));
  });
  return writer.take();
}

function writeRoot(columns: number): void {
  writer.binary(4, Buffer.from('schema'));
  writer.i32(5, columns);
}

function writeColumn({ name, kind }: Column): void {
  const { physical, converted } = types[kind];
  writer.i32(1, physical);
  writer.i32(3, optional);
  writer.binary(4, Buffer.from(name));
  if (converted !== null) writer.i32(6, converted);
  if (kind !== 'boolean' && kind !== 'blob') writer.struct(10, () => writeLogicalType(kind));
}

function writeLogicalType(kind: 'text' | 'timestamp' | 'int16' | 'int64'): void {
  if (kind === 'text') {
    writer.struct(1, noFields);
  } else if (kind === 'timestamp') {
    writer.struct(8, () => {
      // Like DuckDB's TIMESTAMP: no time zone is asked for. Microseconds.
      writer.boolean(1, false);
      writer.struct(2, () => writer.struct(2, noFields));
    });
  } else {
    writer.struct(10, () => {
      writer.i8(1, kind === 'int16' ? 16 : 64);
      writer.boolean(2, true);
    });
  }
}

function writeRowGroup({ rows, chunks }: RowGroup): void {
  writer.structs(1, chunks, writeColumnChunk);
  writer.i64(
    2,
    sum(chunks, ({ inflated }) => inflated),
  );
  writer.i64(3, rows);
  writer.i64(5, startOf(chunks[0]!));
  writer.i64(
    6,
    sum(chunks, ({ packed }) => packed),
  );
}

function writeColumnChunk(chunk: ColumnChunk): void {
  const { column, dictionaryOffset, filter } = chunk;
  writer.i64(2, startOf(chunk));
  writer.struct(3, () => {
    writer.i32(1, types[column.kind].physical);
    writer.i32s(2, chunk.encodings);
    writer.binaries(3, [Buffer.from(column.name)]);
    writer.i32(4, snappy);
    writer.i64(5, chunk.rows);
    writer.i64(6, chunk.inflated);
    writer.i64(7, chunk.packed);
    writer.i64(9, chunk.dataOffset);
    if (dictionaryOffset !== null) writer.i64(11, dictionaryOffset);
    writer.struct(12, () => writeStatistics(chunk.statistics));
    if (filter === null) return;
    writer.i64(14, filter.offset);
    writer.i32(15, filter.bytes);
  });
}

function writeStatistics({ nulls, distinct, least, greatest }: Statistics): void {
  writer.i64(3, nulls);
  if (distinct !== null) writer.i64(4, distinct);
  if (greatest !== null) writer.binary(5, greatest);
  if (least !== null) writer.binary(6, least);
}

function startOf({ dictionaryOffset, dataOffset }: ColumnChunk): number {
  return dictionaryOffset ?? dataOffset;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
