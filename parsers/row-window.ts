/** Moves the rows of a block through the window of a compiled reader, and counts what it stores. */
import type { BatchBuilder } from './batch.js';
import type { Kernel, KernelExports } from './kernel.js';
import type { ObjectCursor } from './parser.js';
import type { RowPlace } from './row-place.js';

export interface RowWindowOptions {
  readonly kernel: Kernel<KernelExports>;
  readonly builder: BatchBuilder;
  readonly place: RowPlace;
  readonly maxRecordBytes: number;
}

export class RowWindow {
  block: Buffer = Buffer.alloc(0);
  /** The part of the block that is in the window; offsets are those of the block. */
  from = 0;
  to = 0;
  readonly #options: RowWindowOptions;

  constructor(options: RowWindowOptions) {
    this.#options = options;
  }

  /** Says that the next rows are in `block`, of which nothing is known. */
  use(block: Buffer): void {
    this.block = block;
    this.to = 0;
  }

  /** Begins a call: another builder may have used the window since the last one. */
  begin(): void {
    const { kernel, builder } = this.#options;
    if (kernel.serve(builder)) this.to = 0;
  }

  /** Puts `[from, to)` of the block into the window. */
  fill(from: number, to: number): void {
    const { exports, window } = this.#options.kernel;
    this.block.copy(window, 0, from, to);
    exports.index(to - from);
    this.from = from;
    this.to = to;
  }

  /** Where the reader stopped. */
  get at(): number {
    const { at, window } = this.#options.kernel.exports;
    return this.from + at.value - window.value;
  }

  /** Has rows read from `at` on, which is in the window, and counts them; says why the reader stopped. */
  read(at: number, cursor: ObjectCursor): number {
    const { kernel, builder, place, maxRecordBytes } = this.#options;
    const { exports, side, uri } = kernel;
    const first = builder.rows;
    exports.serial.value = builder.serial;
    const base = builder.beginRows(this.block, at);
    uri.set(place.view(cursor));
    exports.at.value = exports.window.value + at - this.from;
    exports.row.value = first;
    exports.shift.value = this.from - base - exports.window.value;
    exports.sideBase.value = builder.sideEnd;
    exports.nextNumber.value = place.number(cursor);
    exports.maxBytes.value = maxRecordBytes;
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
