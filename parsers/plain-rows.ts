/** Stores the plain rows of a block: moves them through the window of a compiled reader, and counts what it stores. */
import type { BatchBuilder } from './batch.js';
import type { Kernel, KernelExports } from './kernel.js';
import type { ObjectCursor } from './parser.js';
import type { RowPlace } from './row-place.js';

export abstract class PlainRows<Reader extends Kernel<KernelExports>> {
  protected readonly kernel: Reader;
  protected readonly builder: BatchBuilder;
  protected block: Buffer = Buffer.alloc(0);
  /** The part of the block that is in the window; offsets are those of the block. */
  protected from = 0;
  protected to = 0;
  readonly #place: RowPlace;
  readonly #maxRecordBytes: number;

  protected constructor(kernel: Reader, builder: BatchBuilder, place: RowPlace, maxRecordBytes: number) {
    this.kernel = kernel;
    this.builder = builder;
    this.#place = place;
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Says that the next rows are in `block`, of which nothing is known. */
  use(block: Buffer): void {
    this.block = block;
    this.to = 0;
  }

  /** Begins a call: another builder may have used the window since the last one. */
  protected begin(): void {
    if (this.kernel.serve(this.builder)) this.to = 0;
  }

  /** Puts `[from, to)` of the block into the window. */
  protected fillWindow(from: number, to: number): void {
    const { exports, window } = this.kernel;
    this.block.copy(window, 0, from, to);
    exports.index(to - from);
    this.from = from;
    this.to = to;
  }

  /** Where the reader stopped. */
  protected get at(): number {
    const { at, window } = this.kernel.exports;
    return this.from + at.value - window.value;
  }

  /** Has rows read from `at` on, which is in the window, and counts them; says why the reader stopped. */
  protected readRows(at: number, cursor: ObjectCursor): number {
    const { kernel, builder } = this;
    const { exports, side, uri } = kernel;
    const first = builder.rows;
    exports.serial.value = builder.serial;
    const base = builder.beginRows(this.block, at);
    uri.set(this.#place.view(cursor));
    exports.at.value = exports.window.value + at - this.from;
    exports.row.value = first;
    exports.shift.value = this.from - base - exports.window.value;
    exports.sideBase.value = builder.sideEnd;
    exports.nextNumber.value = this.#place.number(cursor);
    exports.maxBytes.value = this.#maxRecordBytes;
    const stop = exports.read();
    const { value: sideBytes } = exports.sideBytes;
    if (sideBytes > 0) builder.keep(side, 0, sideBytes);
    const rows = exports.row.value - first;
    cursor.position += rows;
    cursor.lines += rows;
    cursor.rows += rows;
    builder.endRows(rows, this.at, exports.minTimeUs.value, exports.maxTimeUs.value);
    return stop;
  }
}
