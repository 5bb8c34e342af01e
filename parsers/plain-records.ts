/** Stores the plain records of CloudTrail: has the compiled reader read them, a window at a time. */
import type { BatchBuilder } from './batch.js';
import { Stop, windowBytes } from './kernel.js';
import type { ObjectCursor } from './parser.js';
import { recordKernel } from './record-kernel.js';
import type { RowPlace } from './row-place.js';
import { RowWindow } from './row-window.js';

export class PlainRecords {
  readonly #builder: BatchBuilder;
  readonly #window: RowWindow;

  constructor(builder: BatchBuilder, place: RowPlace, maxRecordBytes: number) {
    this.#builder = builder;
    this.#window = new RowWindow({ kernel: recordKernel(), builder, place, maxRecordBytes });
  }

  /** Says that the next records are in `block`, of which nothing is known. */
  use(block: Buffer): void {
    this.#window.use(block);
  }

  /**
   * Stores the records from the one at `start` on, with nothing but a comma between them, up to the first that is not plain or
   * not whole before `end`. Returns where that one begins, or where the last one ends. The bytes are UTF-8.
   */
  read(start: number, end: number, cursor: ObjectCursor): number {
    const window = this.#window;
    window.begin();
    let at = start;
    for (;;) {
      if (at < window.from || at >= window.to) this.#fill(at, end);
      const stop = window.read(at, cursor);
      ({ at } = window);
      if (stop === Stop.ended) return at;
      if (stop === Stop.batchIsFull) continue;
      this.#builder.dropRow();
      if (stop === Stop.notPlain || at === window.from || window.to === end) return at;
      this.#fill(at, end);
    }
  }

  #fill(at: number, end: number): void {
    this.#window.fill(at, Math.min(end, at + windowBytes));
  }
}
