/**
 * Which keys of a JSON record are wanted: a tree of key names, each with a number (its slot), and tables that find
 * the slot of a key from its bytes by length, three letters and one comparison.
 */

/** A tree of keys; null marks a key whose object, if it is one, has no wanted keys. Keys have 3 to 60 ASCII bytes. */
export interface FieldTree {
  readonly [key: string]: FieldTree | null;
}

/** 32-bit words that are kept of a key and its closing quote. */
const templateWords = 16;
const tableBits = 8;
/** Bytes that may be read from the start of a key when it is compared. */
export const maxKeyBytes = templateWords * 4;

/** The keys of one level of the tree. */
export interface FieldLevel {
  /** 1 for the record, 2 for its objects, and so on. */
  readonly depth: number;
  readonly multiplier: number;
  /** Slot by hash; -1 where no key hashes to. */
  readonly slots: Int16Array;
}

/** All levels of a tree. A slot is found with `find`. */
export class JsonFields {
  readonly root: FieldLevel;
  /** A level without keys at depth 2: its objects are only checked for repeated keys. */
  readonly unknown: FieldLevel;
  /** By slot: the level of the objects that the key holds, null when nothing in them is wanted. */
  readonly children: (FieldLevel | null)[] = [];
  /** By slot, the end of the slots below it (its own slot + 1 when there are none). */
  readonly subtreeEnd: number[] = [];
  readonly #paths: string[] = [];
  readonly #keys: string[] = [];
  readonly #sizes: Uint8Array;
  readonly #words: Int32Array;
  /** By slot: the last four bytes of the key with its quote. */
  readonly #lastWords: Int32Array;

  constructor(tree: FieldTree) {
    this.root = this.#level(tree, '', 1);
    this.unknown = this.#level({}, '', 2);
    this.#sizes = Uint8Array.from(this.#keys, (key) => key.length + 1);
    this.#words = new Int32Array(this.count * templateWords);
    this.#lastWords = new Int32Array(this.count);
    for (const [slot, key] of this.#keys.entries()) this.#writeTemplate(slot, key);
  }

  /** Number of slots. */
  get count(): number {
    return this.#paths.length;
  }

  /** The slot of a dotted path; throws on a path that the tree does not have, which is a mistake of ours. */
  slot(path: string): number {
    const slot = this.#paths.indexOf(path);
    if (slot < 0) throw new Error(`no field ${path}`);
    return slot;
  }

  /** The key of a slot, without those above it. */
  key(slot: number): string {
    return this.#keys[slot]!;
  }

  /** The slot of the key in `bytes[start, end)`, which is followed by a quote; -1 when the level does not have it. */
  find(level: FieldLevel, view: DataView, start: number, end: number): number {
    const length = end - start;
    if (length < 3 || start + maxKeyBytes > view.byteLength) return this.#findNearEnd(level, view, start, end);
    const hash = hashOf(length, view.getUint8(start), view.getUint8(end - 1), view.getUint8(end - 3), level.multiplier);
    const slot = level.slots[hash]!;
    return slot >= 0 && this.#matches(slot, view, start) ? slot : -1;
  }

  /** True when the key of `slot` and a closing quote are at `start`; needs `maxKeyBytes` readable bytes there. */
  #matches(slot: number, view: DataView, start: number): boolean {
    const words = this.#words;
    const last = start + this.#sizes[slot]! - 4;
    let word = slot * templateWords;
    for (let p = start; p < last; p += 4) if (view.getInt32(p, true) !== words[word++]!) return false;
    return view.getInt32(last, true) === this.#lastWords[slot]!;
  }

  #findNearEnd(level: FieldLevel, view: DataView, start: number, end: number): number {
    const length = end - start;
    if (length < 3 || length >= maxKeyBytes - 1) return -1;
    const copy = new Uint8Array(maxKeyBytes);
    copy.set(new Uint8Array(view.buffer, view.byteOffset + start, length));
    copy[length] = 34;
    return this.find(level, new DataView(copy.buffer), 0, length);
  }

  #level(tree: FieldTree, path: string, depth: number): FieldLevel {
    const slots = new Map<string, number>();
    for (const [key, child] of Object.entries(tree)) {
      if (key.length < 3 || key.length > maxKeyBytes - 4) throw new Error(`field ${key} has an unsupported length`);
      const slot = this.#paths.push(path + key) - 1;
      this.#keys.push(key);
      slots.set(key, slot);
      this.children.push(null);
      this.subtreeEnd.push(0);
      if (child !== null) this.children[slot] = this.#level(child, `${path}${key}.`, depth + 1);
      this.subtreeEnd[slot] = this.#paths.length;
    }
    const table = new Int16Array(1 << tableBits);
    return { depth, multiplier: fillTable(table, slots), slots: table };
  }

  #writeTemplate(slot: number, key: string): void {
    const text = `${key}"`;
    const bytes = new DataView(new ArrayBuffer(maxKeyBytes));
    for (let i = 0; i < text.length; i++) bytes.setUint8(i, text.charCodeAt(i));
    for (let word = 0; word < templateWords; word++)
      this.#words[slot * templateWords + word] = bytes.getInt32(word * 4, true);
    this.#lastWords[slot] = bytes.getInt32(key.length - 3, true);
  }
}

function hashOf(length: number, first: number, last: number, third: number, multiplier: number): number {
  return Math.imul(length ^ (first << 5) ^ (last << 12) ^ (third << 19), multiplier) >>> (32 - tableBits);
}

/** Finds a multiplier under which no two keys of the level share a hash, and fills the table with it. */
function fillTable(table: Int16Array, slots: ReadonlyMap<string, number>): number {
  for (let multiplier = 0x9e3779b1; ; multiplier += 2) {
    table.fill(-1);
    const free = (hash: number, slot: number): boolean => table[hash] === -1 && (table[hash] = slot) === slot;
    const hash = (key: string): number => {
      const end = key.length;
      return hashOf(end, key.charCodeAt(0), key.charCodeAt(end - 1), key.charCodeAt(end - 3), multiplier);
    };
    if ([...slots].every(([key, slot]) => free(hash(key), slot))) return multiplier | 0;
    if (multiplier > 0x9e3779b1 + (1 << 20)) throw new Error('two fields of one level cannot be told apart');
  }
}
