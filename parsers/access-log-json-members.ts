/** Reads the members of one JSON object strictly, as slices of the line: nothing is converted and digits stay exact. */
import type { LineFailure } from './access-log-slow-path.js';
import type { RejectReason } from './reject.js';

/** What a value is; the start and end of a text leave its quotes out. */
export const Kind = { absent: 0, text: 1, escaped: 2, number: 3, true: 4, false: 5, null: 6, nested: 7 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Called with each member; offsets are in the line's block. */
export interface MemberSink {
  member(name: Slice, value: Slice): void;
}

/** A value or a name in the line. Both are reused: what outlives the call must be copied out. */
export class Slice {
  kind: Kind = Kind.absent;
  start = 0;
  end = 0;

  set(kind: Kind, start: number, end: number): void {
    this.kind = kind;
    this.start = start;
    this.end = end;
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** Reads one line after another. */
export class JsonMembers {
  readonly #sink: MemberSink;
  readonly #name = new Slice();
  readonly #value = new Slice();
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  constructor(sink: MemberSink) {
    this.#sink = sink;
  }

  /** Passes the members of the object `bytes[start, end)` on; null means that it was valid JSON. */
  read(bytes: Uint8Array, start: number, end: number): LineFailure | null {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#skipSpace();
    if (bytes[this.#at] !== 0x7b) return this.#notAnObject();
    this.#at++;
    if (!this.#members()) return this.#failure('malformed-json', 'valid JSON');
    this.#skipSpace();
    return this.#at < end ? this.#failure('malformed-json', 'the end of the line after the object') : null;
  }

  #members(): boolean {
    if (this.#next() === 0x7d) return this.#take();
    for (;;) {
      if (this.#next() !== quote || !this.#string(this.#name)) return false;
      if (this.#next() !== 0x3a) return false;
      this.#at++;
      if (!this.#valueAt(this.#next())) return false;
      this.#sink.member(this.#name, this.#value);
      const separator = this.#next();
      if (separator === 0x7d) return this.#take();
      if (separator !== 0x2c) return false;
      this.#at++;
    }
  }

  #valueAt(first: number): boolean {
    switch (first) {
      case quote:
        return this.#string(this.#value);
      case 0x74:
        return this.#literal('true', Kind.true);
      case 0x66:
        return this.#literal('false', Kind.false);
      case 0x6e:
        return this.#literal('null', Kind.null);
      case 0x7b:
      case 0x5b:
        return this.#nested();
      default:
        return this.#number();
    }
  }

  /** Reads the string at the quote that is next. */
  #string(slice: Slice): boolean {
    const bytes = this.#bytes;
    const start = ++this.#at;
    let kind: Kind = Kind.text;
    for (let at = start; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        slice.set(kind, start, at);
        this.#at = at + 1;
        return true;
      }
      if (byte < 0x20) break;
      if (byte !== backslash) continue;
      kind = Kind.escaped;
      const length = escapeLength(bytes, at, this.#end);
      if (length === 0) break;
      at += length - 1;
    }
    return false;
  }

  #literal(word: string, kind: Kind): boolean {
    const start = this.#at;
    for (let i = 0; i < word.length; i++) if (this.#bytes[start + i] !== word.charCodeAt(i)) return false;
    return this.#put(kind, start, start + word.length);
  }

  #number(): boolean {
    const start = this.#at;
    let end = start;
    while (end < this.#end && isNumberByte(this.#bytes[end]!)) end++;
    if (!isPlainNumber(this.#bytes, start, end) && !numberForm.test(latin1(this.#bytes, start, end))) return false;
    return this.#put(Kind.number, start, end);
  }

  /** An object or array is kept as it is; that it is valid is left to `JSON.parse`, for records have none so far. */
  #nested(): boolean {
    const start = this.#at;
    const end = nestedEnd(this.#bytes, start, this.#end);
    try {
      JSON.parse(latin1(this.#bytes, start, end));
    } catch {
      return false;
    }
    return this.#put(Kind.nested, start, end);
  }

  #put(kind: Kind, start: number, end: number): boolean {
    if (end > this.#end) return false;
    this.#value.set(kind, start, end);
    this.#at = end;
    return true;
  }

  #take(): boolean {
    this.#at++;
    return true;
  }

  /** The next byte that is not white space, -1 at the end. */
  #next(): number {
    this.#skipSpace();
    return this.#at < this.#end ? this.#bytes[this.#at]! : -1;
  }

  #skipSpace(): void {
    while (this.#at < this.#end && isSpace(this.#bytes[this.#at]!)) this.#at++;
  }

  /** Other JSON than an object is not malformed, but no record either. */
  #notAnObject(): LineFailure {
    try {
      JSON.parse(latin1(this.#bytes, this.#at, this.#end));
      return this.#failure('not-a-record', 'a JSON object');
    } catch {
      return this.#failure('malformed-json', 'a JSON object');
    }
  }

  #failure(reason: RejectReason, expected: string): LineFailure {
    return { reason, at: this.#at, expected };
  }
}

const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || (byte | 0x20) === 0x65;
}

/** Digits without a leading zero, as nearly all numbers are. */
function isPlainNumber(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return false;
  return end > start && (bytes[start] !== 0x30 || end - start === 1);
}

/** Length of the escape at a backslash, 0 when there is no such escape. */
function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  const letter = bytes[at + 1];
  if (at + 1 >= end || letter === undefined) return 0;
  if (letter !== 0x75) return shortEscapes.includes(letter) ? 2 : 0;
  if (at + 6 > end) return 0;
  for (let i = at + 2; i < at + 6; i++) if (!isHexDigit(bytes[i]!)) return 0;
  return 6;
}

const shortEscapes = Buffer.from('"\\/bfnrt');

function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

/** The end of the object or array at `at`, by counting brackets outside strings. */
function nestedEnd(bytes: Uint8Array, at: number, end: number): number {
  let depth = 0;
  let isString = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (isString) {
      if (byte === backslash) at++;
      else if (byte === quote) isString = false;
    } else if (byte === quote) isString = true;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return end;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}
