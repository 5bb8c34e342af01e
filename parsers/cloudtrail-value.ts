/**
 * What a slot of a scanned record means: AWS writes one value as a scalar, as an array of that scalar, and as a string with
 * escapes.
 */
import { textFlattened, textOrNothing } from './cloudtrail-fields.js';
import {
  kindAbsent,
  kindArray,
  kindEscaped,
  kindFalse,
  kindNull,
  kindNumber,
  kindObject,
  kindText,
  kindTrue,
  type JsonScanner,
} from './json-scanner.js';
import { unescapeJson } from './json-text.js';

/** The value of one slot after another. */
export class SlotValue {
  /** Never `kindEscaped`: the text of such a string is in `bytes` as it is meant. */
  kind = kindAbsent;
  /** The value lies in `bytes[start, end)`: in the block, or in a scratch buffer that the next `read` overwrites. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  readonly #scanner: JsonScanner;
  #block: Buffer = this.bytes;
  #scratch = Buffer.alloc(1024);

  constructor(scanner: JsonScanner) {
    this.#scanner = scanner;
  }

  /** Sets the block that the scanner reads. */
  load(block: Buffer): void {
    this.#block = block;
    this.bytes = block;
  }

  /** Reads what the slot means: the one value of an array of one scalar, and the text of a string with escapes. */
  read(slot: number): void {
    const scanner = this.#scanner;
    this.bytes = this.#block;
    this.kind = scanner.kinds[slot]!;
    this.start = scanner.start(slot);
    this.end = scanner.end(slot);
    if (this.kind === kindArray) this.#readArray();
    if (this.kind === kindEscaped) this.#unescape();
  }

  /** Sets a string without escapes that lies in the block. */
  setText(start: number, end: number): void {
    this.kind = kindText;
    this.bytes = this.#block;
    this.start = start;
    this.end = end;
  }

  /** True when the value stands for none in a column of this mode (`cloudtrail-fields.ts`). */
  isNothing(mode: number): boolean {
    if (this.kind === kindNull) return true;
    if (this.kind === kindObject || this.kind === kindArray) return (mode & textFlattened) !== 0;
    return (mode & textOrNothing) !== 0 && (this.start === this.end || this.isWord('null'));
  }

  /** True when the value is the string `word`, without regard to case. */
  isWord(word: string): boolean {
    if (this.kind !== kindText || this.end - this.start !== word.length) return false;
    for (let i = 0; i < word.length; i++) if ((this.bytes[this.start + i]! | 32) !== word.charCodeAt(i)) return false;
    return true;
  }

  #readArray(): void {
    const scanner = this.#scanner;
    const p = scanner.space(this.start + 1);
    const c = this.bytes[p]!;
    if (c === 93 || c === 91 || c === 123) return;
    scanner.rewind(p);
    const end = scanner.scalar(p);
    if (this.bytes[scanner.space(end)] !== 93) return;
    const isString = c === 34;
    this.kind = isString ? (scanner.escaped ? kindEscaped : kindText) : kindOfScalar(c);
    this.start = isString ? p + 1 : p;
    this.end = isString ? end - 1 : end;
  }

  #unescape(): void {
    const length = this.end - this.start;
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(length * 2);
    this.end = unescapeJson(this.bytes, this.start, this.end, this.#scratch, 0);
    this.start = 0;
    this.bytes = this.#scratch;
    this.kind = kindText;
  }
}

/** The kind of a number or a word, from its first byte. */
function kindOfScalar(c: number): number {
  if (c === 116) return kindTrue;
  if (c === 102) return kindFalse;
  return c === 110 ? kindNull : kindNumber;
}
