/** Stores the plain lines of access logs: moves them through the window of the compiled reader and sees to what it cannot do. */
import type { BatchBuilder } from './batch.js';
import { Stop, windowBytes } from './kernel.js';
import { lineKernel, type LineKernel } from './line-kernel.js';
import type { ObjectCursor } from './parser.js';
import { PlainRows } from './plain-rows.js';
import type { RowPlace } from './row-place.js';
import { blankSecrets } from './secrets.js';
import { logDayUs } from './time.js';

const lineFeed = 0x0a;

export class PlainLines extends PlainRows<LineKernel> {
  constructor(builder: BatchBuilder, place: RowPlace, maxRecordBytes: number) {
    super(lineKernel(), builder, place, maxRecordBytes);
  }

  /**
   * Stores the lines of `[start, end)`, which is UTF-8 and ends with a line feed, up to the first that is not plain.
   * Blanks their secrets in the block. Returns where that line begins, or `end`.
   */
  read(start: number, end: number, cursor: ObjectCursor): number {
    this.begin();
    let at = start;
    while (at < end) {
      if (at >= this.to && !this.#fill(at, end)) return at;
      const stop = this.readRows(at, cursor);
      ({ at } = this);
      if (stop === Stop.ended || stop === Stop.batchIsFull) continue;
      this.builder.dropRow();
      if (stop === Stop.maySecret) this.#blank(at);
      else if (stop === Stop.notPlain || !this.#learnDay()) return at;
    }
    return at;
  }

  /** Puts as many whole lines as fit into the window; false when not even one does. */
  #fill(at: number, end: number): boolean {
    const cut = at + windowBytes;
    const to = end <= cut ? end : this.block.subarray(at, cut).lastIndexOf(lineFeed) + 1 + at;
    if (to === at) return false;
    this.fillWindow(at, to);
    return true;
  }

  /** Blanks the secrets of the line at `at`; where its fields end does not change. */
  #blank(at: number): void {
    const { block, from } = this;
    const end = block.indexOf(lineFeed, at);
    blankSecrets(block, at, end);
    block.copy(this.kernel.window, at - from, at, end);
  }

  /** Tells the kernel of the day that it met; false when there is no such day. */
  #learnDay(): boolean {
    const { exports, window, day } = this.kernel;
    const at = exports.otherDayAt.value - exports.window.value;
    const dayUs = logDayUs(window, at);
    if (Number.isNaN(dayUs)) return false;
    window.copy(day, 0, at, at + day.length);
    exports.dayUs.value = dayUs;
    return true;
  }
}
