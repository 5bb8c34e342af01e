/** Stores the plain lines of access logs: moves them through the window of the compiled reader and sees to what it cannot do. */
import type { BatchBuilder } from './batch.js';
import { lineKernel, Stop, windowBytes, type LineKernel } from './line-kernel.js';
import type { ObjectCursor } from './parser.js';
import type { RowPlace } from './row-place.js';
import { blankSecrets } from './secrets.js';
import { logDayUs } from './time.js';

const lineFeed = 0x0a;

export class PlainLines {
  readonly #builder: BatchBuilder;
  readonly #maxBytes: number;
  readonly #place: RowPlace;
  readonly #kernel: LineKernel = lineKernel();
  #block: Buffer = Buffer.alloc(0);
  /** The part of the block that is in the window. */
  #from = 0;
  #to = 0;

  constructor(builder: BatchBuilder, place: RowPlace, maxRecordBytes: number) {
    this.#builder = builder;
    this.#maxBytes = maxRecordBytes;
    this.#place = place;
  }

  /** Says that the next lines are in `block`, of which nothing is known. */
  use(block: Buffer): void {
    this.#block = block;
    this.#to = 0;
  }

  /**
   * Stores the lines of `[start, end)`, which is UTF-8 and ends with a line feed, up to the first that is not plain.
   * Blanks their secrets in the block. Returns where that line begins, or `end`.
   */
  read(start: number, end: number, cursor: ObjectCursor): number {
    if (this.#kernel.serve(this.#builder)) this.#to = 0;
    let at = start;
    while (at < end) {
      if (at >= this.#to && !this.#fill(at, end)) return at;
      const stop = this.#lines(at, cursor);
      at = this.#from + this.#kernel.exports.at.value - this.#kernel.exports.window.value;
      if (stop === Stop.ended || stop === Stop.batchIsFull) continue;
      this.#builder.dropRow();
      if (stop === Stop.maySecret) this.#blank(at);
      else if (stop === Stop.notPlain || !this.#learnDay()) return at;
    }
    return at;
  }

  /** Puts as many whole lines as fit into the window; false when not even one does. */
  #fill(at: number, end: number): boolean {
    const block = this.#block;
    const cut = at + windowBytes;
    const to = end <= cut ? end : block.subarray(at, cut).lastIndexOf(lineFeed) + 1 + at;
    if (to === at) return false;
    block.copy(this.#kernel.window, 0, at, to);
    this.#kernel.exports.index(to - at);
    this.#from = at;
    this.#to = to;
    return true;
  }

  /** Has the kernel read lines from `at` on, and counts them; says why it stopped. */
  #lines(at: number, cursor: ObjectCursor): number {
    const { exports, side, uri } = this.#kernel;
    const builder = this.#builder;
    const first = builder.rows;
    exports.serial.value = builder.serial;
    const base = builder.beginRows(this.#block, at);
    uri.set(this.#place.view(cursor));
    exports.at.value = exports.window.value + at - this.#from;
    exports.row.value = first;
    exports.shift.value = this.#from - base - exports.window.value;
    exports.sideBase.value = builder.sideEnd;
    exports.line.value = cursor.position + 1;
    exports.maxLineBytes.value = this.#maxBytes;
    const stop = exports.lines();
    const { value: sideBytes } = exports.sideBytes;
    if (sideBytes > 0) builder.keep(side, 0, sideBytes);
    const rows = exports.row.value - first;
    cursor.position += rows;
    cursor.lines += rows;
    cursor.rows += rows;
    const end = this.#from + exports.at.value - exports.window.value;
    builder.endRows(rows, end, exports.minTimeUs.value, exports.maxTimeUs.value);
    return stop;
  }

  /** Blanks the secrets of the line at `at`; where its fields end does not change. */
  #blank(at: number): void {
    const block = this.#block;
    const end = block.indexOf(lineFeed, at);
    blankSecrets(block, at, end);
    block.copy(this.#kernel.window, at - this.#from, at, end);
  }

  /** Tells the kernel of the day that it met; false when there is no such day. */
  #learnDay(): boolean {
    const { exports, window, day } = this.#kernel;
    const at = exports.otherDayAt.value - exports.window.value;
    const dayUs = logDayUs(window, at);
    if (Number.isNaN(dayUs)) return false;
    window.copy(day, 0, at, at + day.length);
    exports.dayUs.value = dayUs;
    return true;
  }
}
