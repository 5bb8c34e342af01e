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
  readonly side: Word;
  readonly sideBytes: Word;
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
  readonly lesson: Word;
  readonly serial: Word;
  freeMemory(): number;
  index(length: number): void;
  lines(): number;
  learn(kind: number, keyLength: number, textLength: number): void;
}

interface Word {
  value: number;
}

/** Bytes of log that fit the window, as in wasm/access-log.ts, and of what a call adds to the side buffer, as in wasm/row.ts. */
export const windowBytes = 1 << 16;
const sideRoom = 1 << 17;

/** What leads to the name of a caller, and how many bytes of it and of the name are learnt, as in wasm/callers.ts. */
export const KeyKind = { wholeRequester: 1, roleOfSession: 2, noRequester: 3, networkOfAddress: 4 } as const;
const lessonRoom = 128;

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
  [31, column.principal],
  [32, column.sourceNetwork],
];

const pageBytes = 1 << 16;

export class LineKernel {
  readonly exports: Exports;
  /** The window, what it adds to the side buffer, the view of the URI of the object and the known day, as bytes of its memory. */
  readonly window: Buffer;
  readonly side: Buffer;
  readonly uri: Buffer;
  readonly day: Buffer;
  readonly #arena: Arena;
  readonly #lesson: Buffer;
  #user: BatchBuilder | null = null;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(accessLogBytes));
    this.exports = exports as Exports;
    const { memory, window, side, uri, day, places, batch, lesson } = this.exports;
    const layout = layoutOf(accessLogTable);
    const free = this.exports.freeMemory();
    memory.grow(Math.ceil((free + layout.bytes) / pageBytes) - memory.buffer.byteLength / pageBytes);
    this.#arena = arenaIn(layout, memory.buffer, free);
    batch.value = free;
    this.window = Buffer.from(memory.buffer, window.value, windowBytes);
    this.side = Buffer.from(memory.buffer, side.value, sideRoom);
    this.uri = Buffer.from(memory.buffer, uri.value, 16);
    this.day = Buffer.from(memory.buffer, day.value, 11);
    this.#lesson = Buffer.from(memory.buffer, lesson.value, 2 * lessonRoom);
    const offsets = new Int32Array(memory.buffer, places.value, 80);
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

  /** Tells which name the rows of a caller shall have from now on; what is too long is not learnt. */
  learn(kind: number, key: Buffer, name: Buffer): void {
    if (key.length > lessonRoom || name.length > lessonRoom) return;
    this.#lesson.set(key);
    this.#lesson.set(name, lessonRoom);
    this.exports.learn(kind, key.length, name.length);
  }
}

let kernel: LineKernel | null = null;

/** The kernel of this thread. */
export function lineKernel(): LineKernel {
  return (kernel ??= new LineKernel());
}
