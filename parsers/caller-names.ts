/** The names of callers that were met before, and the columns of a batch that they are read from and written to. */
import type { BatchColumn } from './batch-memory.js';

/** Names that are remembered, a power of two; a flood of callers pushes names out and costs time, not memory. */
const nameSlots = 1 << 14;
/** Bytes of a network that its hash is made of. */
const hashedBytes = 16;
/** In an ARN of a role session in most partitions, where the name of the role begins. */
export const roleAt = 39;
const slash = 0x2f;

/** A name as a column holds it. */
export interface Name {
  /** The bytes that lead to it, to tell it from others of the same hash. */
  readonly key: Buffer;
  /** True when the key ends before a slash and the name of a session. */
  readonly isSession: boolean;
  /** Null for no name. */
  readonly text: Buffer | null;
  /** The 16 bytes of its view in the batch `serial`; null for no name. */
  readonly view: Int32Array | null;
  serial: number;
  /** The batch in which the reader of plain lines was told of it. */
  taughtIn: number;
}

/**
 * A text column of a batch, opened for reading. Both places that a value may lie in are of one class, so that the loops
 * over its bytes stay compiled for it.
 */
export class TextColumn {
  readonly #words: Int32Array;
  readonly #views: Buffer;
  readonly #valid: Uint8Array;
  readonly #buffers: readonly Buffer[];
  /** Where the value lies that `find` found. */
  source: Buffer;
  start = 0;
  end = 0;

  constructor({ bytes, words, valid }: BatchColumn, buffers: readonly Buffer[]) {
    this.#views = bytes;
    this.#words = words;
    this.#valid = valid;
    this.#buffers = buffers;
    this.source = bytes;
  }

  /** Finds the value of a row; false when it is null. */
  find(row: number): boolean {
    if ((this.#valid[row >> 3]! & (1 << (row & 7))) === 0) return false;
    const at = row << 2;
    const length = this.#words[at]!;
    this.source = length > 12 ? this.#buffers[this.#words[at + 2]!]! : this.#views;
    this.start = length > 12 ? this.#words[at + 3]! : row * 16 + 4;
    this.end = this.start + length;
    return true;
  }

  /** The value that `find` found. */
  get text(): string {
    return this.source.toString('utf8', this.start, this.end);
  }

  textOf(row: number): string | null {
    return this.find(row) ? this.text : null;
  }
}

/** The names of one column over all batches, and the text of those that the batch in hand uses. */
export class Names {
  readonly #slots: (Name | null)[] = Array.from({ length: nameSlots }, () => null);
  readonly #texts: BatchTexts;

  constructor(texts: BatchTexts) {
    this.#texts = texts;
  }

  /** The slot of bytes: names differ at the end, and a comparison tells those apart that share it. */
  slot(bytes: Buffer, start: number, end: number): number {
    let hash = end - start;
    for (let i = Math.max(start, end - hashedBytes); i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    return (hash ^ (hash >>> 15)) & (nameSlots - 1);
  }

  /** The slot of an ARN by account and by the first letters of what follows, whose end is not known yet. */
  slotOfArn(bytes: Buffer, start: number): number {
    const first = wordAt(bytes, start + roleAt);
    const rest = Math.imul(wordAt(bytes, start + roleAt + 4) ^ Math.imul(first, 0x01000193), 0x01000193);
    const hash = Math.imul(rest ^ wordAt(bytes, start + roleAt + 9) ^ wordAt(bytes, start + 20), 0x85ebca6b);
    return (hash ^ (hash >>> 15)) & (nameSlots - 1);
  }

  /** The name that these bytes led to before; null when they are new. */
  find(slot: number, bytes: Buffer, start: number, end: number): Name | null {
    const name = this.#slots[slot]!;
    return name?.key.length === end - start && isPrefix(name.key, bytes, start) ? name : null;
  }

  /** The name of the caller that the value begins with, if that was met before. */
  findCaller(slot: number, { source, start, end }: TextColumn): Name | null {
    const name = this.#slots[slot]!;
    if (name === null) return null;
    const length = name.key.length;
    // Where a caller ends depends on no byte behind the slash that ends it.
    const fits = length === end - start || (name.isSession && length < end - start && source[start + length] === slash);
    return fits && isPrefix(name.key, source, start) ? name : null;
  }

  /** Remembers what the bytes lead to. */
  add(slot: number, key: Buffer, name: string | null, isSession = false): Name {
    const text = name === null ? null : Buffer.from(name);
    const view = text === null ? null : new Int32Array(4);
    if (view !== null && text !== null) {
      view[0] = text.length;
      text.copy(new Uint8Array(view.buffer), 4, 0, text.length > 12 ? 4 : 12);
    }
    const added: Name = {
      key: Buffer.from(key),
      isSession,
      text,
      view,
      serial: -1,
      taughtIn: -1,
    };
    this.#slots[slot] = added;
    return added;
  }

  /** Sets a row of a column to a name, whose text is put into the batch if it is not there yet. */
  set(column: NameColumn, row: number, name: Name): void {
    if (name.text === null || name.view === null) return;
    // What does not fit a view lies in each batch that uses it.
    if (name.text.length > 12 && name.serial !== this.#texts.serial) this.#texts.place(name);
    column.set(row, name.view);
  }
}

/** A column to fill from the names of one batch. */
export class NameColumn {
  readonly #words: Int32Array;
  readonly #valid: Uint8Array;

  constructor({ words, valid }: BatchColumn) {
    this.#words = words;
    this.#valid = valid;
  }

  /** The first row from `row` on that has no name yet, or `rows`. */
  nextEmpty(row: number, rows: number): number {
    while (row < rows) {
      if ((row & 7) === 0 && this.#valid[row >> 3] === 0xff) row += 8;
      else if (this.#valid[row >> 3]! & (1 << (row & 7))) row++;
      else return row;
    }
    return rows;
  }

  set(row: number, view: Int32Array): void {
    const at = row << 2;
    this.#words[at] = view[0]!;
    this.#words[at + 1] = view[1]!;
    this.#words[at + 2] = view[2]!;
    this.#words[at + 3] = view[3]!;
    this.#valid[row >> 3]! |= 1 << (row & 7);
  }
}

/** Whether the bytes begin with the key; they are as long as it or longer. */
export function isPrefix(key: Buffer, bytes: Buffer, start: number): boolean {
  const { length } = key;
  // Names that share a slot differ at the end more often than at the beginning.
  for (let i = length - 1; i >= 0; i--) if (key[i] !== bytes[start + i]) return false;
  return true;
}

function wordAt(bytes: Buffer, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** The third buffer of a batch: the long names that its rows use, each once. */
export class BatchTexts {
  serial = 0;
  #index = 0;
  #parts: Buffer[] = [];
  #length = 0;

  /** Begins a batch, in which the names will be the buffer `index`. */
  begin(index: number): void {
    this.serial++;
    this.#index = index;
    this.#parts = [];
    this.#length = 0;
  }

  place(name: Name): void {
    name.serial = this.serial;
    name.view![2] = this.#index;
    name.view![3] = this.#length;
    this.#parts.push(name.text!);
    this.#length += name.text!.length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}
