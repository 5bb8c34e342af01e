/**
 * The compiled reader of plain access-log lines (wasm/access-log.ts): a window for lines, and the columns of the one batch
 * that it writes. A thread has one, and its builders take turns with it.
 */
import { column, int64Columns, int64Fields, textColumns, textFields } from './access-log-columns.js';
import { Field } from './access-log-fields.js';
import { Kernel, type KernelExports, type Word } from './kernel.js';
import { accessLogTable } from './tables.js';
import accessLogBytes from './wasm/access-log.wasm';

/** What wasm/access-log.ts exports, where each is described. */
interface Exports extends KernelExports {
  readonly day: Word;
  readonly dayUs: Word;
  readonly otherDayAt: Word;
}

/** Which column each place is of, as in wasm/access-log.ts: the fields, and behind them the columns that are none. */
const placeColumns: readonly (readonly [place: number, column: number])[] = [
  ...Array.from(textFields, (field, index) => [field, textColumns[index]!] as const),
  ...int64Fields.map((field, index) => [field, int64Columns[index]!] as const),
  [Field.time, column.eventTime],
  [Field.httpStatus, column.httpStatus],
  [Field.aclRequired, column.aclRequired],
  [28, column.keyLogged],
  [29, column.logUri],
  [30, column.logLine],
  [31, column.principal],
  [32, column.sourceNetwork],
];

export class LineKernel extends Kernel<Exports> {
  /** The known day, as bytes of its memory. */
  readonly day: Buffer;

  constructor() {
    super(accessLogBytes, accessLogTable);
    this.day = this.bytesAt(this.exports.day, 11);
    for (const [place, index] of placeColumns) this.setPlace(place, index);
  }
}

let kernel: LineKernel | null = null;

/** The kernel of this thread. */
export function lineKernel(): LineKernel {
  return (kernel ??= new LineKernel());
}
