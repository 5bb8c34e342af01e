/** A batch as Apache Arrow has it: for tests, and for any program that reads Arrow. Nothing is copied. */
import {
  BinaryView,
  Bool,
  Field,
  Int16,
  Int64,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8View,
  makeData,
  type Data,
  type DataType,
} from 'apache-arrow';
import type { ParsedBatch } from './batch.js';
import { bitmapBytes, type BatchColumn } from './batch-memory.js';
import type { Column, ColumnKind } from './tables.js';

/** The record batch over the memory of a batch; it must not be read once that was given back. */
export function toRecordBatch({ table, rows, columns, buffers }: ParsedBatch): RecordBatch {
  const fields = table.columns.map((column) => new Field(column.name, arrowType(column), true));
  const children = columns.map((column, index) => {
    const type = fields[index]!.type;
    const common = { type, length: rows, nullCount: -1, nullBitmap: column.valid };
    const { kind } = table.columns[index]!;
    return makeData({ ...common, ...valuesOf(kind, column, buffers) } as never) as Data;
  });
  const struct = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), struct);
}

function valuesOf(kind: ColumnKind, { bytes }: BatchColumn, buffers: readonly Buffer[]): object {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (kind) {
    case 'text':
    case 'blob':
      return { views: new Uint8Array(buffer, byteOffset, byteLength), variadicBuffers: [...buffers] };
    case 'int16':
      return { data: new Int16Array(buffer, byteOffset, byteLength / 2) };
    case 'boolean':
      return { data: new Uint8Array(buffer, byteOffset, bitmapBytes) };
    case 'int64':
    case 'timestamp':
      return { data: new BigInt64Array(buffer, byteOffset, byteLength / 8) };
  }
}

function arrowType({ kind }: Column): DataType {
  switch (kind) {
    case 'text':
      return new Utf8View();
    case 'blob':
      return new BinaryView();
    case 'int16':
      return new Int16();
    case 'int64':
      return new Int64();
    case 'timestamp':
      return new TimestampMicrosecond();
    case 'boolean':
      return new Bool();
  }
}
