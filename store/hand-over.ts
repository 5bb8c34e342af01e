/**
 * Hands a batch of views to DuckDB without touching a byte of text: the one unsafe trick of the project.
 *
 * It relies on five things, each checked by test/store/hand-over.test.ts against DuckDB's own reading of the values:
 * - a DuckDB `string_t` and an Arrow view are the same 16 bytes but for the last eight of a long one: a pointer there,
 *   buffer index and offset here;
 * - `vector_assign_string_element_len` copies the bytes once into a heap that lives as long as the chunk;
 * - a string longer than 12 bytes is stored behind the pointer at byte 8 of its `string_t`;
 * - the vectors of a chunk that is to be filled are all valid;
 * - DuckDB silently stores NULL for a string that is not UTF-8 in a VARCHAR vector, and checks nothing in a BLOB one.
 */
import { isUtf8 } from 'node:buffer';
import type { DataChunk, Vector } from '@duckdb/node-bindings';
import type { DuckDBType } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { BIGINT, BLOB, BOOLEAN, SMALLINT, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import type { ParsedBatch } from '../parsers/batch.js';
import { bitmapBytes, type BatchColumn } from '../parsers/batch-memory.js';
import type { ColumnKind, Table } from '../parsers/tables.js';

/** DuckDB's type of each kind of column. */
export const duckdbTypes: Readonly<Record<ColumnKind, DuckDBType>> = {
  text: VARCHAR,
  blob: BLOB,
  int16: SMALLINT,
  int64: BIGINT,
  timestamp: TIMESTAMP,
  boolean: BOOLEAN,
};

const valueBytes: Readonly<Record<ColumnKind, number>> = {
  text: 16,
  blob: 16,
  int16: 2,
  int64: 8,
  timestamp: 8,
  boolean: 1,
};

const allSet = Buffer.alloc(bitmapBytes, 0xff);
const noneSet = Buffer.alloc(bitmapBytes);

/** A 64-bit address as two halves, or null for bytes that no long view can point into. */
type Address = readonly [low: number, high: number] | null;

/**
 * Fills a chunk of DuckDB with a batch of at most 2,048 rows whose columns are those of the table, in order.
 * Consumes the batch: its views hold addresses of DuckDB's memory afterwards.
 * Throws when a text buffer is not UTF-8, which is a mistake of a parser.
 */
export function handOver({ table, rows, columns, buffers }: ParsedBatch, chunk: DataChunk): void {
  duckdb.data_chunk_set_size(chunk, rows);
  const addresses = anchor(table, buffers, chunk);
  for (let index = 0; index < columns.length; index++) {
    const { kind } = table.columns[index]!;
    const column = columns[index]!;
    const vector = duckdb.data_chunk_get_vector(chunk, index);
    // DuckDB is quicker with a vector that it knows to be all valid.
    if (!startsWith(column.valid, allSet, rows)) copyValidity(vector, column.valid, rows);
    if (startsWith(column.valid, noneSet, rows)) continue;
    if (kind === 'text' || kind === 'blob') pointViews(column, rows, addresses);
    const { buffer, byteOffset } = kind === 'boolean' ? expandBits(column, rows) : column.bytes;
    duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, rows * valueBytes[kind]);
  }
}

/** Copies the buffers of the batch into DuckDB's heap and says where they are now. */
function anchor(table: Table, buffers: readonly Buffer[], chunk: DataChunk): Address[] {
  const blob = table.columns.findIndex(({ kind }) => kind === 'blob');
  const text = table.columns.findIndex(({ kind }) => kind === 'text');
  const vector = duckdb.data_chunk_get_vector(chunk, blob >= 0 ? blob : text);
  return buffers.map((buffer) => {
    if (buffer.length <= 12) return null;
    if (blob < 0 && !isUtf8(buffer)) throw new Error(`a text buffer of a ${table.name} batch is not UTF-8`);
    duckdb.vector_assign_string_element_len(vector, 0, buffer);
    const stored = Buffer.from(duckdb.vector_get_data(vector, 16));
    return [stored.readUInt32LE(8), stored.readUInt32LE(12)];
  });
}

/** Turns (buffer, offset) of each long view into an address. Views of null rows are rubbish and stay so. */
function pointViews({ words, valid }: BatchColumn, rows: number, addresses: readonly Address[]): void {
  for (let row = 0, at = 0; row < rows; row++, at += 4) {
    if (words[at]! <= 12 || (valid[row >> 3]! & (1 << (row & 7))) === 0) continue;
    const address = addresses[words[at + 2]!]!;
    if (address === null) throw new Error('a view points into a buffer that is too short for it');
    const low = address[0] + words[at + 3]!;
    words[at + 2] = low;
    words[at + 3] = low > 4294967295 ? address[1] + 1 : address[1];
  }
}

function expandBits({ bytes: bits }: BatchColumn, rows: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(rows);
  for (let row = 0; row < rows; row++) bytes[row] = (bits[row >> 3]! >> (row & 7)) & 1;
  return bytes;
}

/** Whether the first `count` bits are those of `bits`. */
function startsWith(valid: Buffer, bits: Buffer, count: number): boolean {
  const whole = count >> 3;
  const rest = (1 << (count & 7)) - 1;
  return valid.compare(bits, 0, whole, 0, whole) === 0 && (rest === 0 || ((valid[whole]! ^ bits[whole]!) & rest) === 0);
}

function copyValidity(vector: Vector, { buffer, byteOffset }: Buffer, rows: number): void {
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, buffer as ArrayBuffer, byteOffset, Math.ceil(rows / 64) * 8);
}
