/** The compiled encoder of row groups (wasm/row-group.ts), and how batches get into it. A thread has one. */
import { copyRows, layoutOf, valueBytes } from '../parsers/batch-memory.js';
import type { ParsedBatch } from '../parsers/batch.js';
import type { ColumnKind, Table } from '../parsers/tables.js';
import rowGroupBytes from './wasm/row-group.wasm';

/** What wasm/row-group.ts exports, where each is described. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly buffers: Word;
  readonly packed: Word;
  readonly pageBytes: Word;
  readonly pageRows: Word;
  readonly encoding: Word;
  readonly filter: Word;
  begin(columnCount: number): number;
  use(group: number): void;
  forget(): void;
  input(bytes: number): number;
  addTexts(column: number, views: number, valid: number, rows: number): void;
  addNumbers(column: number, values: number, width: number, valid: number, rows: number): void;
  addBooleans(column: number, bits: number, valid: number, rows: number): void;
  known(column: number): number;
  least(column: number): bigint;
  greatest(column: number): bigint;
  distinct(column: number): number;
  firstText(column: number): number;
  firstLength(column: number): number;
  lastText(column: number): number;
  lastLength(column: number): number;
  beginColumn(column: number, isText: boolean): number;
  dictionaryPage(column: number): number;
  indexPage(column: number): number;
  numberPage(column: number): number;
  booleanPage(column: number): number;
  textPage(column: number, firstRow: number): number;
  buildFilter(column: number): number;
}

interface Word {
  readonly value: number;
}

/** Readers may look at so many bytes behind a text. */
const slack = 16;

export class RowGroupEncoder {
  readonly exports: Exports;
  /** Memory for a batch. */
  #input = 0;
  #inputBytes = 0;

  /** Row groups that are not finished. */
  #open = 0;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(rowGroupBytes));
    this.exports = exports as Exports;
  }

  /** Begins a row group, which is in use from now on; returns what `use` takes. */
  begin(table: Table): number {
    this.#open++;
    return this.exports.begin(table.columns.length);
  }

  /** Uses a row group: everything else is about this one. */
  use(group: number): void {
    this.exports.use(group);
  }

  /** To be called for every row group; gives the memory back when nobody has one. */
  finish(): void {
    if (--this.#open > 0) return;
    this.exports.forget();
    this.#inputBytes = 0;
  }

  /** Adds the rows of a batch, whose memory is not needed afterwards. */
  add(batch: ParsedBatch): void {
    const { table, rows, columns, arena } = batch;
    const arenaStart = this.#copyIn(batch);
    for (const [index, { bytes, valid }] of columns.entries()) {
      const values = arenaStart + bytes.byteOffset - arena.bytes.byteOffset;
      const validity = arenaStart + valid.byteOffset - arena.bytes.byteOffset;
      const { kind } = table.columns[index]!;
      if (isText(kind)) this.exports.addTexts(index, values, validity, rows);
      else if (kind === 'boolean') this.exports.addBooleans(index, values, validity, rows);
      else this.exports.addNumbers(index, values, valueBytes[kind], validity, rows);
    }
  }

  /** Bytes of the memory of the encoder, until it is asked for more. */
  bytesAt(address: number, length: number): Buffer {
    return Buffer.from(this.exports.memory.buffer, address, length);
  }

  /** Copies the columns of a batch and its buffers, and returns where the columns are. */
  #copyIn(batch: ParsedBatch): number {
    const { table, rows, arena, buffers } = batch;
    this.#reserve(bytesOf(batch));
    const memory = this.bytesAt(this.#input, this.#inputBytes);
    copyRows(layoutOf(table), arena, rows, memory);
    const addresses = new Int32Array(this.exports.memory.buffer, this.exports.buffers.value, buffers.length);
    let at = arena.bytes.length + slack;
    for (const [index, buffer] of buffers.entries()) {
      memory.set(buffer, at);
      addresses[index] = this.#input + at;
      at += buffer.length + slack;
    }
    return this.#input;
  }

  /** Makes room for a batch; what was room before stays taken. */
  #reserve(bytes: number): void {
    if (bytes <= this.#inputBytes) return;
    this.#inputBytes = Math.max(bytes, 2 * this.#inputBytes);
    this.#input = this.exports.input(this.#inputBytes);
  }
}

/** Bytes of a batch in the memory of the encoder. */
function bytesOf({ arena, buffers }: ParsedBatch): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length + slack, arena.bytes.length + slack);
}

let encoder: RowGroupEncoder | null = null;

/** The encoder of this thread. */
export function rowGroupEncoder(): RowGroupEncoder {
  return (encoder ??= new RowGroupEncoder());
}

/** Whether a column holds texts, or bytes. */
export function isText(kind: ColumnKind): boolean {
  return kind === 'text' || kind === 'blob';
}
