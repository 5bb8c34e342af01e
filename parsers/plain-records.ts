/** Stores the plain records of CloudTrail: has the compiled reader read them, a window at a time. */
import type { BatchBuilder } from './batch.js';
import { Stop, windowBytes } from './kernel.js';
import type { ObjectCursor } from './parser.js';
import { PlainRows } from './plain-rows.js';
import { recordKernel, type RecordKernel } from './record-kernel.js';
import type { RowPlace } from './row-place.js';

export class PlainRecords extends PlainRows<RecordKernel> {
  constructor(builder: BatchBuilder, place: RowPlace, maxRecordBytes: number) {
    super(recordKernel(), builder, place, maxRecordBytes);
  }

  /**
   * Stores the records from the one at `start` on, with nothing but a comma between them, up to the first that is not plain or
   * not whole before `end`. Returns where that one begins, or where the last one ends. The bytes are UTF-8.
   */
  read(start: number, end: number, cursor: ObjectCursor): number {
    this.begin();
    let at = start;
    for (;;) {
      if (at < this.from || at >= this.to) this.#fill(at, end);
      const stop = this.readRows(at, cursor);
      ({ at } = this);
      if (stop === Stop.ended) return at;
      if (stop === Stop.batchIsFull) continue;
      this.builder.dropRow();
      if (stop === Stop.notPlain || at === this.from || this.to === end) return at;
      this.#fill(at, end);
    }
  }

  #fill(at: number, end: number): void {
    this.fillWindow(at, Math.min(end, at + windowBytes));
  }
}
