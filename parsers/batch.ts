/**
 * Builds batches whose text columns are views over the raw block: nothing is copied but what differs from its raw bytes,
 * which goes to a side buffer. The one hot path of the project after the tokenisers. `toRecordBatch` (record-batch.ts)
 * makes a batch one of Apache Arrow without copying.
 */
import {
  batchRows,
  forgetRows,
  freeArena,
  layoutOf,
  takeArena,
  type Arena,
  type BatchColumn,
  type Layout,
} from './batch-memory.js';
import { firstWordMask, secondWordMask, thirdWordMask, writeInline } from './inline-text.js';
import type { Table } from './tables.js';

/**
 * A finished batch. The views of its columns point into `buffers`: the raw block is 0, the side buffer 1, and what the
 * caller columns added 2. The times span the table's time column in microseconds; both are NaN when no row has a time.
 */
export interface ParsedBatch {
  readonly table: Table;
  readonly rows: number;
  readonly columns: readonly BatchColumn[];
  readonly buffers: Buffer[];
  readonly minTimeUs: number;
  readonly maxTimeUs: number;
  /** The memory of the columns; `releaseBatch` gives it back once the batch has been consumed. */
  readonly arena: Arena;
}

/** Is given a batch that is good during the call: its memory, and its block, may be written to afterwards. */
export type BatchSink = (batch: ParsedBatch) => void;

/** Fewer bytes are copied faster by a loop than by `set`, which needs a subarray. */
const maxLoopBytes = 256;

/** A batch ends early when more than this was copied, so that rows of large rejected lines stay bounded. */
const maxSideBytes = 4 << 20;

/**
 * A batch ends when it spans more of its block than this, so that its text is still in the cache when it is encoded
 * (docs/adr/0016-an-encoder-of-our-own.md).
 */
const maxBlockBytes = 1 << 19;

/** Returns the column memory of a consumed batch for reuse; the batch must not be read afterwards. */
export function releaseBatch({ table, arena }: ParsedBatch): void {
  if (!arena.isLent) freeArena(layoutOf(table), arena);
}

const noBytes = Buffer.alloc(0);

/** Batches of this thread that were begun. */
let batches = 0;

/** Fills one batch after another. A column that is not set in a row is null. */
export class BatchBuilder {
  readonly table: Table;
  /** Rows of the batch so far, at most `batchRows`; the index of the row that setters fill. */
  rows = 0;
  /** Tells this batch from all others of the thread; never 0. */
  serial = 0;
  readonly #layout: Layout;
  readonly #sink: BatchSink;
  #arena!: Arena;
  #arenaWords: Int32Array = new Int32Array(0);
  #arenaBytes: Uint8Array = new Uint8Array(0);
  #arenaShorts: Int16Array = new Int16Array(0);
  #block: Uint8Array = noBytes;
  #base = 0;
  #end = 0;
  #side: Buffer = noBytes;
  #sideLength = 0;
  #minTimeUs = NaN;
  #maxTimeUs = NaN;

  constructor(table: Table, sink: BatchSink) {
    this.table = table;
    this.#layout = layoutOf(table);
    this.#sink = sink;
    this.#use(takeArena(this.#layout));
    this.#begin();
  }

  /** Says that the next row lies in `block[start, end)`; all rows of a batch must lie in one block, in order. */
  row(block: Uint8Array, start: number, end: number): void {
    if (this.rows === 0) this.#base = start;
    // The same memory each time, but a parser may know more of it by now.
    this.#block = block;
    this.#end = end;
  }

  /** Writes rows in memory of the same layout from now on; null goes back to the builder's own. */
  moveTo(arena: Arena | null): void {
    const before = this.#arena;
    const after = arena ?? takeArena(this.#layout);
    after.bytes.set(before.bytes);
    if (!before.isLent) freeArena(this.#layout, before);
    this.#use(after);
  }

  /** Says that the rows of somebody who writes into the memory begin at `start` of the block; returns where the batch begins. */
  beginRows(block: Uint8Array, start: number): number {
    this.row(block, start, start);
    return this.#base;
  }

  /** Counts `rows` that were written so, up to `end` of the block and with times that span these. Emits a full batch. */
  endRows(rows: number, end: number, minTimeUs: number, maxTimeUs: number): void {
    if (rows === 0) return;
    this.#end = end;
    this.rows += rows - 1;
    this.#spanTime(minTimeUs);
    this.endRow(maxTimeUs);
  }

  /** Sets a text column to bytes of the block that are valid UTF-8. */
  text(column: number, start: number, end: number): void {
    this.#view(column, this.#block, start, end - start, 0, start - this.#base);
  }

  /**
   * Sets many text columns to bytes of the block at once: column `columns[i]` to the span of `fields[i]`, whose start
   * and end are at `2f` and `2f + 1` of `spans`; an end before its start means null. `view` is over the block, and 12
   * bytes from every start must be readable in it.
   */
  texts(view: DataView, columns: Uint8Array, fields: Uint8Array, spans: Int32Array): void {
    const { firstWords, validBytes } = this.#layout;
    const words = this.#arenaWords;
    const bytes = this.#arenaBytes;
    const row = this.rows;
    const bit = 1 << (row & 7);
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const span = fields[i]! << 1;
      const start = spans[span]!;
      const length = spans[span | 1]! - start;
      if (length < 0) continue;
      const at = firstWords[column]! + (row << 2);
      words[at] = length;
      if (length > 12) {
        words[at + 1] = view.getInt32(start, true);
        words[at + 2] = 0;
        words[at + 3] = start - this.#base;
      } else {
        words[at + 1] = view.getInt32(start, true) & firstWordMask[length]!;
        words[at + 2] = length > 4 ? view.getInt32(start + 4, true) & secondWordMask[length]! : 0;
        words[at + 3] = length > 8 ? view.getInt32(start + 8, true) & thirdWordMask[length]! : 0;
      }
      bytes[validBytes[column]! + (row >> 3)]! |= bit;
    }
  }

  /** Sets a text or blob column to bytes from anywhere, which are copied; text must be valid UTF-8. */
  copy(column: number, bytes: Uint8Array, start = 0, end = bytes.length): void {
    const offset = end - start > 12 ? this.keep(bytes, start, end) : 0;
    this.#view(column, bytes, start, end - start, 1, offset);
  }

  /** Copies bytes into the side buffer of the batch, for use by `kept` in any number of rows; returns where they are. */
  keep(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const offset = this.#sideLength;
    const side = this.room(end - start);
    this.#sideLength += end - start;
    if (end - start > maxLoopBytes) side.set(bytes.subarray(start, end), offset);
    else for (let i = start, to = offset; i < end; i++, to++) side[to] = bytes[i]!;
    return offset;
  }

  /** The side buffer, with room for `length` bytes from `sideEnd` on: a value can be written there and then claimed. */
  room(length: number): Uint8Array {
    const needed = this.#sideLength + length;
    if (needed > this.#side.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(1 << 14, needed * 2));
      this.#side.copy(grown, 0, 0, this.#sideLength);
      this.#side = grown;
    }
    return this.#side;
  }

  get sideEnd(): number {
    return this.#sideLength;
  }

  /** Sets a text column to the `length` bytes that were written at `sideEnd`. */
  claim(column: number, length: number): void {
    const offset = this.#sideLength;
    if (length > 12) this.#sideLength += length;
    this.#view(column, this.#side, offset, length, 1, offset);
  }

  /** Sets a text column to bytes that `keep` put at `offset`. */
  kept(column: number, offset: number, length: number): void {
    this.#view(column, this.#side, offset, length, 1, offset);
  }

  /** Sets a text column to a string, which is copied; half surrogate pairs become U+FFFD. */
  string(column: number, value: string): void {
    this.copy(column, Buffer.from(value));
  }

  /** Sets an int64 column to a safe integer. */
  int64(column: number, value: number): void {
    const words = this.#arenaWords;
    const at = this.#layout.firstWords[column]! + (this.rows << 1);
    words[at] = value | 0;
    words[at + 1] = value >>> 0 === value ? 0 : Math.floor(value / 4294967296);
    this.#markValid(column);
  }

  /** Sets an int64 column to a value of -2^63 to 2^63-1. */
  bigint64(column: number, value: bigint): void {
    this.words64(column, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)));
  }

  /** Sets an int64 or timestamp column to the value of two words. */
  words64(column: number, low: number, high: number): void {
    const words = this.#arenaWords;
    const at = this.#layout.firstWords[column]! + (this.rows << 1);
    words[at] = low;
    words[at + 1] = high;
    this.#markValid(column);
  }

  /** Sets an int16 column to a value of -32,768 to 32,767. */
  int16(column: number, value: number): void {
    this.#arenaShorts[this.#layout.firstWords[column]! * 2 + this.rows] = value;
    this.#markValid(column);
  }

  /** Sets a boolean column. */
  boolean(column: number, value: boolean): void {
    const at = this.#layout.firstWords[column]! * 4 + (this.rows >> 3);
    const bit = 1 << (this.rows & 7);
    if (value) this.#arenaBytes[at]! |= bit;
    else this.#arenaBytes[at]! &= ~bit;
    this.#markValid(column);
  }

  /** Sets a timestamp column to microseconds since 1970, UTC. */
  timestamp(column: number, timeUs: number): void {
    this.int64(column, timeUs);
  }

  /** Completes the row; `timeUs` is the value of the table's time column, NaN when it has none. Emits a full batch. */
  endRow(timeUs: number): void {
    this.#spanTime(timeUs);
    this.rows++;
    if (this.rows === batchRows || this.#end - this.#base > maxBlockBytes || this.#sideLength > maxSideBytes)
      this.flush();
  }

  #spanTime(timeUs: number): void {
    if (!(timeUs >= this.#minTimeUs)) this.#minTimeUs = Number.isNaN(timeUs) ? this.#minTimeUs : timeUs;
    if (!(timeUs <= this.#maxTimeUs)) this.#maxTimeUs = Number.isNaN(timeUs) ? this.#maxTimeUs : timeUs;
  }

  /** Forgets what was set in the current row. */
  dropRow(): void {
    const at = this.rows >> 3;
    const mask = ~(1 << (this.rows & 7));
    for (const start of this.#layout.validBytes) this.#arenaBytes[start + at]! &= mask;
  }

  /** Emits the rows so far as a batch, if there are any. Afterwards the block may be left behind. */
  flush(): void {
    if (this.rows === 0) return;
    const arena = this.#arena;
    const side = this.#side;
    const { buffer, byteOffset } = this.#block;
    const raw = Buffer.from(buffer, byteOffset + this.#base, this.#end - this.#base);
    const batch: ParsedBatch = {
      table: this.table,
      rows: this.rows,
      columns: arena.columns,
      buffers: [raw, side.subarray(0, this.#sideLength)],
      minTimeUs: this.#minTimeUs,
      maxTimeUs: this.#maxTimeUs,
      arena,
    };
    if (!arena.isLent) {
      // Whoever keeps the batch has all of it.
      this.#side = arena.side;
      arena.side = side;
    }
    try {
      this.#sink(batch);
    } finally {
      if (arena.isLent) forgetRows(this.#layout, arena);
      else this.#use(takeArena(this.#layout));
      this.#begin();
    }
  }

  #begin(): void {
    this.rows = 0;
    this.serial = ++batches;
    this.#sideLength = 0;
    this.#minTimeUs = NaN;
    this.#maxTimeUs = NaN;
  }

  #use(arena: Arena): void {
    this.#arena = arena;
    this.#arenaWords = arena.words;
    this.#arenaShorts = arena.shorts;
    this.#arenaBytes = arena.bytes;
  }

  #markValid(column: number): void {
    this.#arenaBytes[this.#layout.validBytes[column]! + (this.rows >> 3)]! |= 1 << (this.rows & 7);
  }

  /** Writes the 16 bytes of a view: length, then all bytes up to 12, else four of them, the buffer and the offset. */
  #view(column: number, bytes: Uint8Array, start: number, length: number, buffer: number, offset: number): void {
    const words = this.#arenaWords;
    const at = this.#layout.firstWords[column]! + (this.rows << 2);
    words[at] = length;
    if (length > 12) {
      words[at + 1] = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16) | (bytes[start + 3]! << 24);
      words[at + 2] = buffer;
      words[at + 3] = offset;
    } else {
      writeInline(words, at, bytes, start, length);
    }
    this.#markValid(column);
  }
}
