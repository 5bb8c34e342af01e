/** Finds keys that a JSON object repeats, without an allocation for the usual object of a few keys. */
import type { JsonScanner } from './json-scanner.js';

const cells = 256;
const maxKeys = 192;

/** What `note` says of a key. */
export const keyIsNew = 0;
export const keyIsRepeated = 1;
export const tooManyKeys = 2;

/** The keys of one object after another, in a hash table of their offsets that needs no clearing. */
export class RepeatedKeys {
  readonly #stamps = new Int32Array(cells);
  readonly #starts = new Int32Array(cells);
  readonly #ends = new Int32Array(cells);
  #stamp = 0;
  #count = 0;

  /** Begins an object; returns its stamp, never 0. */
  begin(): number {
    if (this.#stamp === 0x3fffffff) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#count = 0;
    return ++this.#stamp;
  }

  note(bytes: Uint8Array, stamp: number, start: number, end: number): number {
    if (this.#count === maxKeys) return tooManyKeys;
    const length = end - start;
    let cell = length;
    if (length > 0)
      cell = (length * 31 + bytes[start]! * 7 + bytes[end - 1]! * 17 + bytes[start + (length >> 1)]!) & (cells - 1);
    for (; this.#stamps[cell] === stamp; cell = (cell + 1) & (cells - 1)) {
      if (sameBytes(bytes, this.#starts[cell]!, this.#ends[cell]!, start, end)) return keyIsRepeated;
    }
    this.#stamps[cell] = stamp;
    this.#starts[cell] = start;
    this.#ends[cell] = end;
    this.#count++;
    return keyIsNew;
  }
}

function sameBytes(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = 0; start + i < end; i++) if (bytes[start + i] !== bytes[otherStart + i]) return false;
  return true;
}

/**
 * True when the valid object at `open`, or an object that is one of its values, repeats a key. The exact and slow way,
 * for objects of many keys and for keys with escapes.
 */
export function repeatsKey(scanner: JsonScanner, bytes: Buffer, open: number, isNested = false): boolean {
  const seen = new Set<string>();
  for (let p = scanner.space(open + 1); bytes[p] !== 125;) {
    const keyEnd = scanner.string(p + 1);
    const key = JSON.parse(bytes.toString('utf8', p, keyEnd + 1)) as string;
    if (seen.has(key)) return true;
    seen.add(key);
    p = scanner.space(scanner.space(keyEnd + 1) + 1);
    if (!isNested && bytes[p] === 123 && repeatsKey(scanner, bytes, p, true)) return true;
    if (!isNested) scanner.rewind(p);
    p = scanner.space(scanner.value(p));
    if (bytes[p] === 44) p = scanner.space(p + 1);
  }
  return false;
}
