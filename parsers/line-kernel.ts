/**
 * The compiled reader of plain access-log lines (wasm/access-log.ts): a window for lines, and the columns of the one batch
 * that it writes. A thread has one, and its builders take turns with it.
 */
import { column, int64Columns, int64Fields, textColumns, textFields } from './access-log-columns.js';
import { Field } from './access-log-fields.js';
import { arenaIn, layoutOf, type Arena } from './batch-memory.js';
import type { BatchBuilder } from './batch.js';
import { accessLogTable } from './tables.js';
import accessLogBytes from './wasm/access-log.wasm';

/** What wasm/access-log.ts exports, where each is described. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly window: Word;
  readonly keys: Word;
  readonly keyBytes: Word;
  readonly sideBase: Word;
  readonly places: Word;
  readonly batch: Word;
  readonly row: Word;
  readonly shift: Word;
  readonly at: Word;
  readonly stop: Word;
  readonly maxLineBytes: Word;
  readonly line: Word;
  readonly uri: Word;
  readonly day: Word;
  readonly dayUs: Word;
  readonly otherDayAt: Word;
  readonly minTimeUs: Word;
  readonly maxTimeUs: Word;
  freeMemory(): number;
  index(length: number): void;
  lines(): number;
}

interface Word {
  value: number;
}

/** Bytes of log that fit the window, as in wasm/access-log.ts. */
export const windowBytes = 1 << 16;

/** Why `lines` stopped, as in wasm/access-log.ts. */
export const Stop = { ended: 0, notPlain: 1, batchIsFull: 2, maySecret: 3, otherDay: 4 } as const;

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
];

const pageBytes = 1 << 16;

export class LineKernel {
  readonly exports: Exports;
  /** The window, decoded keys, the view of the URI of the object and the known day, as bytes of its memory. */
  readonly window: Buffer;
  readonly keys: Buffer;
  readonly uri: Buffer;
  readonly day: Buffer;
  readonly #arena: Arena;
  #user: BatchBuilder | null = null;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(accessLogBytes));
    this.exports = exports as Exports;
    const { memory, window, keys, uri, day, places, batch } = this.exports;
    const layout = layoutOf(accessLogTable);
    const free = this.exports.freeMemory();
    memory.grow(Math.ceil((free + layout.bytes) / pageBytes) - memory.buffer.byteLength / pageBytes);
    this.#arena = arenaIn(layout, memory.buffer, free);
    batch.value = free;
    this.window = Buffer.from(memory.buffer, window.value, windowBytes);
    this.keys = Buffer.from(memory.buffer, keys.value, windowBytes);
    this.uri = Buffer.from(memory.buffer, uri.value, 16);
    this.day = Buffer.from(memory.buffer, day.value, 11);
    const offsets = new Int32Array(memory.buffer, places.value, 64);
    for (const [place, index] of placeColumns) {
      offsets[place * 2] = layout.firstWords[index]! * 4;
      offsets[place * 2 + 1] = layout.validBytes[index]!;
    }
  }

  /** Has the builder write its batch in the memory of the kernel; true when another one, or none, did so before. */
  serve(builder: BatchBuilder): boolean {
    if (this.#user === builder) return false;
    this.#user?.moveTo(null);
    builder.moveTo(this.#arena);
    this.#user = builder;
    return true;
  }
}

let kernel: LineKernel | null = null;

/** The kernel of this thread. */
export function lineKernel(): LineKernel {
  return (kernel ??= new LineKernel());
}
