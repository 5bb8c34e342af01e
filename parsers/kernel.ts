/** A compiled reader of rows (parsers/wasm/): its instance, and the columns of the one batch that it writes. */
import { arenaIn, layoutOf, type Arena, type Layout } from './batch-memory.js';
import type { BatchBuilder } from './batch.js';
import type { Table } from './tables.js';

/** A global that a compiled reader exports: where something is, or a number that both sides set and get. */
export interface Word {
  value: number;
}

/** What every compiled reader exports, where each is described: access-log.ts, cloudtrail.ts, and what they share. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly places: Word;
  readonly batch: Word;
  readonly row: Word;
  readonly shift: Word;
  readonly side: Word;
  readonly sideBytes: Word;
  readonly sideBase: Word;
  readonly lesson: Word;
  readonly serial: Word;
  readonly window: Word;
  readonly at: Word;
  readonly nextNumber: Word;
  readonly maxBytes: Word;
  readonly uri: Word;
  readonly minTimeUs: Word;
  readonly maxTimeUs: Word;
  freeMemory(): number;
  index(length: number): void;
  read(): number;
  learn(kind: number, keyLength: number, textLength: number): void;
}

/** Why `read` stopped, as in wasm/kernel.ts. */
export const Stop = { ended: 0, notPlain: 1, batchIsFull: 2, maySecret: 3, otherDay: 4, cutOff: 5 } as const;

/** Bytes of log that fit the window, as there. */
export const windowBytes = 1 << 16;

/** Bytes of what a call adds to the side buffer, as in wasm/row.ts. */
const sideRoom = 1 << 17;

/** What leads to the name of a caller, and how many bytes of it and of the name are learnt, as in wasm/callers.ts. */
export const KeyKind = {
  wholeRequester: 1,
  roleOfSession: 2,
  noRequester: 3,
  networkOfAddress: 4,
  otherAccount: 5,
  cloudFront: 6,
  service: 7,
} as const;
const lessonRoom = 128;

const pageBytes = 1 << 16;

export class Kernel<Exports extends KernelExports> {
  readonly exports: Exports;
  /** The window, the view of the URI of the object, and what a call adds to the side buffer, as bytes of its memory. */
  readonly window: Buffer;
  readonly uri: Buffer;
  readonly side: Buffer;
  readonly #lesson: Buffer;
  readonly #layout: Layout;
  readonly #arena: Arena;
  #user: BatchBuilder | null = null;

  constructor(bytes: Uint8Array, table: Table) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    this.exports = exports as Exports;
    const { memory, batch } = this.exports;
    this.#layout = layoutOf(table);
    const free = this.exports.freeMemory();
    memory.grow(Math.ceil((free + this.#layout.bytes) / pageBytes) - memory.buffer.byteLength / pageBytes);
    this.#arena = arenaIn(this.#layout, memory.buffer, free);
    batch.value = free;
    this.window = this.bytesAt(this.exports.window, windowBytes);
    this.uri = this.bytesAt(this.exports.uri, 16);
    this.side = this.bytesAt(this.exports.side, sideRoom);
    this.#lesson = this.bytesAt(this.exports.lesson, 2 * lessonRoom);
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

  /** Bytes of its memory. */
  bytesAt({ value }: Word, length: number): Buffer {
    return Buffer.from(this.exports.memory.buffer, value, length);
  }

  /** Says which column a place is of, which is how the reader names it. */
  setPlace(place: number, column: number): void {
    const offsets = new Int32Array(this.exports.memory.buffer, this.exports.places.value + place * 8, 2);
    offsets[0] = this.#layout.firstWords[column]! * 4;
    offsets[1] = this.#layout.validBytes[column]!;
  }
}
