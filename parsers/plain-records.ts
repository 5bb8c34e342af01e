/** Stores the plain records of CloudTrail: moves them through the window of the compiled reader. */
import type { BatchBuilder } from './batch.js';
import type { ObjectCursor } from './parser.js';
import { recordKernel, RecordStop, recordWindowBytes, type RecordKernel } from './record-kernel.js';
import type { RowPlace } from './row-place.js';

export class PlainRecords {
  readonly #builder: BatchBuilder;
  readonly #maxBytes: number;
  readonly #place: RowPlace;
  readonly #kernel: RecordKernel = recordKernel();
  #block: Buffer = Buffer.alloc(0);
  /** The part of the block that is in the window. */
  #from = 0;
  #to = 0;

  constructor(builder: BatchBuilder, place: RowPlace, maxRecordBytes: number) {
    this.#builder = builder;
    this.#maxBytes = maxRecordBytes;
    this.#place = place;
  }

  /** Says that the next records are in `block`, of which nothing is known. */
  use(block: Buffer): void {
    this.#block = block;
    this.#to = 0;
  }

  /**
   * Stores the records from the one at `start` on, with nothing but a comma between them, up to the first that is not plain or
   * not whole before `end`. Returns where that one begins, or where the last one ends. The bytes are UTF-8.
   */
  read(start: number, end: number, cursor: ObjectCursor): number {
    const { exports } = this.#kernel;
    if (this.#kernel.serve(this.#builder)) this.#to = 0;
    let at = start;
    for (;;) {
      if (at < this.#from || at >= this.#to) this.#fill(at, end);
      const stop = this.#records(at, cursor);
      at = this.#from + exports.at.value - exports.window.value;
      if (stop === RecordStop.ended) return at;
      if (stop === RecordStop.batchIsFull) continue;
      this.#builder.dropRow();
      if (stop === RecordStop.notPlain || at === this.#from || this.#to === end) return at;
      this.#fill(at, end);
    }
  }

  #fill(at: number, end: number): void {
    this.#from = at;
    this.#to = Math.min(end, at + recordWindowBytes);
    this.#kernel.fill(this.#block, this.#from, this.#to);
  }

  /** Has the kernel read records from `at` on, and counts them; says why it stopped. */
  #records(at: number, cursor: ObjectCursor): number {
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
    exports.position.value = cursor.position;
    exports.maxRecordBytes.value = this.#maxBytes;
    const stop = exports.records();
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
}
