/**
 * A validating JSON scanner that finds the wanted fields of a record as slices of its block: what it accepts is what
 * JSON.parse accepts. Reads what the compiled reader of plain records leaves (plain-records.ts), and whole files that are
 * not compact. Longer than most files because the hot loops share the scanner's state.
 */
import type { FieldLevel, JsonFields } from './json-fields.js';
import { maxKeyBytes } from './json-fields.js';
import { keyIsRepeated, RepeatedKeys, tooManyKeys } from './json-repeats.js';

/** The bytes end inside the value. */
export const incomplete = -1;
/** The value is not JSON; `errorAt` and `expected` say where and why. */
export const malformed = -2;
/** A list of records: its elements begin at `containerAt`. */
export const container = -3;

/** What a slot holds. */
export const kindAbsent = 0;
export const kindText = 1;
export const kindEscaped = 2;
export const kindNumber = 3;
export const kindTrue = 4;
export const kindFalse = 5;
export const kindNull = 6;
export const kindObject = 7;
export const kindArray = 8;

/** Backslashes are looked for this far ahead, so that the bytes are still in the cache when the scanner comes to them. */
const backslashWindow = 1 << 16;
const emptyView: DataView = new DataView(new ArrayBuffer(0));

/** What the scanner does with some slots. */
export interface ScannerHooks {
  /** By slot: the kind of value that is taken as it lies there, `kindAbsent` when that does not matter. */
  readonly plainKinds: Uint8Array;
  /** Slots from this one on are keys of the record that are also collected as unknown fields. */
  readonly firstCollected: number;
  /** The slot whose array elements are objects of `elements`; `onElement` is called after each. */
  readonly listSlot: number;
  readonly elements: FieldLevel;
  onElement(): void;
  onListRepeated(): void;
  /** Called for fields of the record that hold an array; true when it is a list of records. */
  isContainer(slot: number): boolean;
  /** Called for keys that have no slot; true when the value of such a key must not be stored. */
  isSensitive(bytes: Uint8Array, start: number, end: number): boolean;
}

/** Scans one record after another; `begin` forgets the fields of the one before. */
export class JsonScanner {
  /** By slot: what it holds. */
  readonly kinds: Uint8Array;
  /**
   * Where the value of slot `s` starts, at `2s`, and ends, at `2s + 1`; strings without their quotes. The end of what
   * is not of the plain kind of its slot is stored as its complement, -1 when the slot holds nothing: a batch builder
   * takes the plain values from here as they are. `start` and `end` read either.
   */
  readonly spans: Int32Array;
  /** True when a slot holds something that is not null and not of its plain kind. */
  hasOdd = false;
  /** Fields of the record without a slot of their own: start and end of the key, start and end of the value. */
  extras = new Int32Array(64);
  extraCount = 0;
  /** Offsets of `\uXXXX` escapes that are half of a surrogate pair. */
  loneSurrogates = new Int32Array(8);
  loneSurrogateCount = 0;
  /** True when a key was repeated. */
  repeated = false;
  /** True when a key repeats perhaps; `RepeatedKeys` could not tell. */
  perhapsRepeated = false;
  /** True when the record perhaps has a value that must not be stored. */
  sensitive = false;
  /** True when `container` may be returned. */
  findContainers = false;
  /** True when the string that was scanned last has escapes. */
  escaped = false;
  errorAt = 0;
  expected = '';
  containerAt = 0;
  readonly fields: JsonFields;
  readonly #plainKinds: Uint8Array;
  readonly #noSpans: Int32Array;
  /** `kinds`, four at a time. */
  readonly #kindWords: Int32Array;
  readonly #firstCollected: number;
  readonly #hooks: ScannerHooks;
  readonly #repeats = [new RepeatedKeys(), new RepeatedKeys(), new RepeatedKeys()];
  #bytes: Buffer = Buffer.alloc(0);
  #view = emptyView;
  #end = 0;
  /** The last quote that sixteen readable bytes start with: strings that begin before it end before it. */
  #lastQuote = -1;
  /** There is no backslash in `[#searchedFrom, #nextBackslash)`; what is beyond is not known. */
  #nextBackslash = -1;
  #searchedFrom = -1;
  /** One byte a level of nesting: 1 in an object, 0 in an array. */
  #nesting = new Uint8Array(256);

  constructor(fields: JsonFields, hooks: ScannerHooks) {
    this.fields = fields;
    this.#hooks = hooks;
    this.#firstCollected = hooks.firstCollected;
    this.#kindWords = new Int32Array((fields.count + 3) >> 2);
    this.kinds = new Uint8Array(this.#kindWords.buffer, 0, fields.count);
    this.spans = new Int32Array(fields.count * 2);
    this.#noSpans = Int32Array.from(this.spans, (_, index) => -(index & 1));
    this.#plainKinds = hooks.plainKinds;
  }

  /** Sets the bytes: `block[start, end)`. Offsets are those of the block. Must be called again when they changed. */
  load(block: Uint8Array, start: number, end: number): void {
    this.#bytes = Buffer.from(block.buffer, block.byteOffset, end);
    this.#view = new DataView(block.buffer, block.byteOffset, end);
    this.#end = end;
    this.#nextBackslash = -1;
    this.#searchedFrom = -1;
    this.#lastQuote = this.#quoteBefore(end - 16, start);
  }

  /** Lets the bytes end at `end` for a while; `start` is where reading begins. The bytes from there may have changed. */
  narrow(start: number, end: number): void {
    this.#end = end;
    this.#lastQuote = this.#quoteBefore(end - 16, start);
    this.rewind(start);
  }

  /** Undoes `narrow`; reading goes on at `p`. */
  widen(p: number): void {
    this.#end = this.#bytes.length;
    this.#lastQuote = this.#quoteBefore(this.#end - 16, p);
  }

  #quoteBefore(p: number, start: number): number {
    const bytes = this.#bytes;
    while (p >= start && bytes[p] !== 34) p--;
    return p >= start ? p : -1;
  }

  /** Where the value of a slot starts. */
  start(slot: number): number {
    return this.spans[slot << 1]!;
  }

  /** Where the value of a slot ends; its start when there is none. */
  end(slot: number): number {
    const end = this.spans[(slot << 1) | 1]!;
    return end < 0 ? ~end : end;
  }

  /** Takes a slot out of the plain ones. */
  makeOdd(slot: number): void {
    this.spans[(slot << 1) | 1] = ~this.end(slot);
  }

  /** Lets go of the block. */
  unload(): void {
    this.#bytes = Buffer.alloc(0);
    this.#view = emptyView;
  }

  /** Forgets the fields of the record before. */
  begin(): void {
    const words = this.#kindWords;
    for (let i = 0; i < words.length; i++) words[i] = 0;
    this.spans.set(this.#noSpans);
    this.hasOdd = false;
    this.extraCount = 0;
    this.loneSurrogateCount = 0;
    this.repeated = false;
    this.perhapsRepeated = false;
    this.sensitive = false;
  }

  /** Prepares to read from an offset before the one that was read last. */
  rewind(p: number): void {
    if (p >= this.#searchedFrom) return;
    this.#nextBackslash = p;
    this.#searchedFrom = p;
  }

  /** Offset of the first byte from `p` on that is not white space, or the end. */
  space(p: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    while (p < end) {
      const c = bytes[p]!;
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return p;
      p++;
    }
    return p;
  }

  /** Reads the object whose first byte after `{` is at `p`; returns the offset after its `}`, or a negative code. */
  object(p: number, level: FieldLevel): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const end = this.#end;
    const fields = this.fields;
    const kinds = this.kinds;
    const spans = this.spans;
    const plainKinds = this.#plainKinds;
    const depth = level.depth;
    let stamp = 0;
    let c = p < end ? bytes[p]! : 0;
    if (c <= 32) {
      p = this.space(p) | 0;
      if (p === end) return incomplete;
      c = bytes[p]!;
    }
    if (c === 125) return p + 1;
    for (;;) {
      if (c !== 34) return this.fail(p, 'a key in quotes');
      const key = p + 1;
      const keyEnd = this.string(key) | 0;
      if (keyEnd < 0) return keyEnd;
      const slot = this.escaped ? this.#findEscaped(level, key, keyEnd) : fields.find(level, view, key, keyEnd);
      if (slot < 0) stamp = this.#noteKey(depth, stamp, key, keyEnd);
      else if (kinds[slot]! !== kindAbsent) this.#repeat(slot);
      p = keyEnd + 1;
      c = p < end ? bytes[p]! : 0;
      if (c !== 58) {
        p = this.space(p) | 0;
        if (p === end) return incomplete;
        if (bytes[p]! !== 58) return this.fail(p, 'a colon');
      }
      p++;
      c = p < end ? bytes[p]! : 0;
      if (c <= 32) {
        p = this.space(p) | 0;
        if (p === end) return incomplete;
        c = bytes[p]!;
      }
      const start = c === 34 ? p + 1 : p;
      let kind: number;
      let valueEnd: number;
      if (c === 34) {
        valueEnd = this.string(start) | 0;
        if (valueEnd < 0) return valueEnd;
        kind = this.escaped ? kindEscaped : kindText;
        p = valueEnd + 1;
      } else {
        kind = kindOf(c);
        p = this.#member(p, kind, slot, depth) | 0;
        if (p < 0) return p;
        valueEnd = p;
      }
      if (slot >= 0) {
        kinds[slot] = kind;
        spans[slot << 1] = start;
        const plain = plainKinds[slot]!;
        if (kind === plain) spans[(slot << 1) | 1] = valueEnd;
        else {
          spans[(slot << 1) | 1] = ~valueEnd;
          if (plain !== kindAbsent && kind !== kindNull) this.hasOdd = true;
        }
      }
      if (slot >= this.#firstCollected || (slot < 0 && depth === 1))
        this.#collect(key, keyEnd, c === 34 ? start - 1 : start, p);
      p = this.#separator(p) | 0;
      if (p < 0) return p;
      c = bytes[p]!;
      if (c === 125) return p + 1;
    }
  }

  /** Passes the comma after a member and the white space around it; stays at the end of the object. */
  #separator(p: number): number {
    const bytes = this.#bytes;
    p = this.space(p);
    if (p === this.#end) return incomplete;
    if (bytes[p] === 125) return p;
    if (bytes[p] !== 44) return this.fail(p, 'a comma or the end of the object');
    p = this.space(p + 1);
    if (p === this.#end) return incomplete;
    // A closing brace after a comma is no key.
    return bytes[p] === 34 ? p : this.fail(p, 'a key in quotes');
  }

  /** Reads the string whose first byte after the quote is at `p`; returns the offset of its closing quote. */
  string(p: number): number {
    const close = this.#plainString(p);
    if (close < 0) return this.#slowString(p) | 0;
    this.escaped = false;
    return close;
  }

  /** The same for a string without escapes that is not near the end; -1 for any other. */
  #plainString(p: number): number {
    if (p > this.#lastQuote) return -1;
    const close = this.#quoteAfter(p);
    if (close <= this.#nextBackslash) return close;
    // Perhaps only because backslashes were not looked for so far ahead.
    if (p >= this.#nextBackslash) this.#seekBackslash(p);
    return close <= this.#nextBackslash ? close : -1;
  }

  /** Offset of the next quote, which must be there; -1 when a control character comes first. */
  #quoteAfter(p: number): number {
    const view = this.#view;
    for (;;) {
      // Four bytes at a time, until one is below 0x23: a quote, a space, "!", or a control character.
      let hit = 0;
      for (;;) {
        let word = view.getInt32(p, true);
        hit = (word - 0x23232323) & ~word & 0x80808080;
        if (hit !== 0) break;
        word = view.getInt32(p + 4, true);
        hit = (word - 0x23232323) & ~word & 0x80808080;
        p += 4;
        if (hit !== 0) break;
        p += 4;
      }
      p += (31 - Math.clz32(hit & -hit)) >> 3;
      const c = view.getUint8(p);
      if (c === 34) return p;
      if (c < 32) return -1;
      p++;
    }
  }

  /** Reads any value at `p`, which is not white space; does not recurse, so that nesting costs a byte a level. */
  value(p: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let depth = 0;
    for (;;) {
      // A value begins at p.
      if (p >= end) return incomplete;
      const c = bytes[p]!;
      if (c === 123 || c === 91) {
        if (depth === this.#nesting.length) this.#growNesting();
        this.#nesting[depth++] = c === 123 ? 1 : 0;
        p = this.space(p + 1);
        if (p === end) return incomplete;
        if (bytes[p] === (c === 123 ? 125 : 93)) {
          p++;
          depth--;
        } else if (c === 123) {
          p = this.#nestedKey(p);
          if (p < 0) return p;
          continue;
        } else continue;
      } else {
        p = this.scalar(p);
        if (p < 0) return p;
      }
      // A value ended before p.
      for (;;) {
        if (depth === 0) return p;
        let d = p < end ? bytes[p]! : 0;
        if (d <= 32) {
          p = this.space(p);
          if (p === end) return incomplete;
          d = bytes[p]!;
        }
        const inObject = this.#nesting[depth - 1] === 1;
        if (d === 44) {
          p = this.space(p + 1);
          if (p === end) return incomplete;
          if (inObject) {
            p = this.#nestedKey(p);
            if (p < 0) return p;
          }
          break;
        }
        if (d !== (inObject ? 125 : 93))
          return this.fail(p, inObject ? 'a comma or the end of the object' : 'a comma or the end of the array');
        p++;
        depth--;
      }
    }
  }

  /** Reads a string, a number or a word at `p`. */
  scalar(p: number): number {
    const c = p < this.#end ? this.#bytes[p]! : 0;
    if (c === 34) {
      const close = this.string(p + 1);
      return close < 0 ? close : close + 1;
    }
    if (c === 116) return this.#word(p, 'true', 0x65757274);
    if (c === 102) return this.#word(p, 'false', 0x736c6166);
    if (c === 110) return this.#word(p, 'null', 0x6c6c756e);
    return this.#number(p);
  }

  /** Records that the JSON is malformed at `p`. */
  fail(p: number, expected: string): number {
    this.errorAt = p;
    this.expected = expected;
    return malformed;
  }

  /** A key of an object that nobody wants anything of; returns the offset of the value. */
  #nestedKey(p: number): number {
    if (this.#bytes[p]! !== 34) return this.fail(p, 'a key in quotes');
    const keyEnd = this.string(p + 1);
    if (keyEnd < 0) return keyEnd;
    if (this.#hooks.isSensitive(this.#bytes, p + 1, keyEnd)) this.sensitive = true;
    p = this.space(keyEnd + 1);
    if (p === this.#end) return incomplete;
    if (this.#bytes[p]! !== 58) return this.fail(p, 'a colon');
    p = this.space(p + 1);
    return p === this.#end ? incomplete : p;
  }

  /** Reads a member that is not a string. */
  #member(p: number, kind: number, slot: number, depth: number): number {
    if (kind === kindObject) {
      const child = slot >= 0 ? this.fields.children[slot]! : null;
      if (child !== null) return this.object(p + 1, child);
      return depth === 1 ? this.object(p + 1, this.fields.unknown) : this.value(p);
    }
    if (kind === kindArray) {
      if (slot < 0 || depth !== 1) return this.value(p);
      if (slot === this.#hooks.listSlot) return this.#list(p + 1);
      if (!this.findContainers || !this.#hooks.isContainer(slot)) return this.value(p);
      this.containerAt = p + 1;
      return container;
    }
    return this.scalar(p);
  }

  /** Reads the array of objects of `hooks.listSlot`, whose first byte after `[` is at `p`. */
  #list(p: number): number {
    const bytes = this.#bytes;
    const { elements } = this.#hooks;
    p = this.space(p);
    if (p < this.#end && bytes[p] === 93) return p + 1;
    for (;;) {
      if (p >= this.#end) return incomplete;
      const isObject = bytes[p] === 123;
      p = isObject ? this.object(p + 1, elements) : this.value(p);
      if (p < 0) return p;
      if (isObject) this.#hooks.onElement();
      p = this.space(p);
      if (p === this.#end) return incomplete;
      const c = bytes[p]!;
      if (c === 93) return p + 1;
      if (c !== 44) return this.fail(p, 'a comma or the end of the array');
      p = this.space(p + 1);
    }
  }

  /** A field came again: it and everything in it is forgotten, so that the last one wins. */
  #repeat(slot: number): void {
    this.repeated = true;
    const end = this.fields.subtreeEnd[slot]!;
    this.kinds.fill(kindAbsent, slot, end);
    this.spans.set(this.#noSpans.subarray(slot * 2, end * 2), slot * 2);
    if (slot === this.#hooks.listSlot) this.#hooks.onListRepeated();
  }

  /** Looks at a key without a slot, the one that was scanned last; `stamp` is of its object, 0 before the first one. */
  #noteKey(depth: number, stamp: number, start: number, end: number): number {
    if (this.#hooks.isSensitive(this.#bytes, start, end)) this.sensitive = true;
    if (depth > 2) return 0;
    const repeats = this.#repeats[depth]!;
    if (stamp === 0) stamp = repeats.begin();
    const answer = this.escaped ? tooManyKeys : repeats.note(this.#bytes, stamp, start, end);
    if (answer === keyIsRepeated) this.repeated = true;
    else if (answer === tooManyKeys) this.perhapsRepeated = true;
    return stamp;
  }

  #collect(keyStart: number, keyEnd: number, start: number, end: number): void {
    const at = this.extraCount++ * 4;
    if (at === this.extras.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.extras);
      this.extras = grown;
    }
    this.extras[at] = keyStart;
    this.extras[at + 1] = keyEnd;
    this.extras[at + 2] = start;
    this.extras[at + 3] = end;
  }

  /** The slot of a key with escapes. */
  #findEscaped(level: FieldLevel, start: number, end: number): number {
    if (end - start > 6 * maxKeyBytes) return -1;
    const key = Buffer.from(JSON.parse(`"${this.#bytes.toString('latin1', start, end)}"`) as string, 'utf8');
    const padded = new Uint8Array(key.length + maxKeyBytes);
    padded.set(key);
    padded[key.length] = 34;
    return this.fields.find(level, new DataView(padded.buffer), 0, key.length);
  }

  /** Reads a string byte by byte: one with escapes or control characters, or near the end of the bytes. */
  #slowString(p: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    this.escaped = false;
    /** Offset of the escape of a high surrogate that was just read. */
    let high = -1;
    for (;;) {
      if (p >= end) return incomplete;
      const c = bytes[p]!;
      if (c === 92) {
        this.escaped = true;
        const length = this.#escapeLength(p);
        if (length < 0) return length;
        // A quote in a string: perhaps of JSON in it, with members of its own.
        if (bytes[p + 1] === 34) this.sensitive = true;
        if (length === 6) {
          if (isEscapedEquals(bytes, p)) this.sensitive = true;
          const half = bytes[p + 2]! | 32;
          const unit = half === 100 ? hexDigit(bytes[p + 3]!) : 0;
          // d8 to db are high halves, dc to df low ones.
          if (unit >= 12) {
            if (high !== p - 6 || high < 0) this.#noteLoneSurrogate(p);
            else this.loneSurrogateCount--;
            high = -1;
          } else if (unit >= 8) {
            // Lone until its other half comes.
            this.#noteLoneSurrogate(p);
            high = p;
          }
        }
        p += length;
      } else if (c === 34) {
        if (this.escaped) this.#seekBackslash(p);
        return p;
      } else if (c < 32) {
        return this.fail(p, 'no control character in a string');
      } else p++;
    }
  }

  #seekBackslash(p: number): void {
    const end = Math.min(this.#bytes.length, p + backslashWindow);
    const found = this.#bytes.subarray(p, end).indexOf(92);
    this.#nextBackslash = found < 0 ? end : p + found;
    this.#searchedFrom = p;
  }

  /** Length of the escape at `p`, or a negative code. */
  #escapeLength(p: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (p + 1 >= end) return incomplete;
    switch (bytes[p + 1]!) {
      case 34:
      case 92:
      case 47:
      case 98:
      case 102:
      case 110:
      case 114:
      case 116:
        return 2;
      case 117:
        break;
      default:
        return this.fail(p, 'a known escape');
    }
    for (let i = p + 2; i < p + 6; i++) {
      if (i >= end) return incomplete;
      if (hexDigit(bytes[i]!) < 0) return this.fail(i, 'four hexadecimal digits');
    }
    return 6;
  }

  #noteLoneSurrogate(p: number): void {
    if (this.loneSurrogateCount === this.loneSurrogates.length) {
      const grown = new Int32Array(this.loneSurrogates.length * 2);
      grown.set(this.loneSurrogates);
      this.loneSurrogates = grown;
    }
    this.loneSurrogates[this.loneSurrogateCount++] = p;
  }

  /** Reads a word, whose first four letters are also given as a number. */
  #word(p: number, word: string, letters: number): number {
    const length = word.length;
    if (p + 5 <= this.#end && this.#view.getInt32(p, true) === letters && (length === 4 || this.#bytes[p + 4] === 101))
      return p + length;
    for (let i = 0; i < word.length; i++) {
      if (p + i >= this.#end) return incomplete;
      if (this.#bytes[p + i]! !== word.charCodeAt(i)) return this.fail(p, 'a JSON value');
    }
    return p + word.length;
  }

  /** Reads a number; one that touches the end of the bytes is incomplete, for more digits may follow. */
  #number(start: number): number {
    let p = this.#byte(start) === 45 ? start + 1 : start;
    if (p >= this.#end) return incomplete;
    if (this.#byte(p) === 48) p++;
    else {
      const digits = this.#digits(p);
      if (digits === p) return this.fail(start, 'a JSON value');
      p = digits;
    }
    if (this.#byte(p) === 46) {
      const digits = this.#digits(p + 1);
      if (digits === p + 1 && digits < this.#end) return this.fail(p, 'digits after the point');
      p = digits;
    }
    if ((this.#byte(p) | 32) === 101) {
      p++;
      const sign = this.#byte(p);
      if (sign === 43 || sign === 45) p++;
      const digits = this.#digits(p);
      if (digits === p && digits < this.#end) return this.fail(p, 'digits of the exponent');
      p = digits;
    }
    return p >= this.#end ? incomplete : p;
  }

  /** The byte at `p`, 0 after the end. */
  #byte(p: number): number {
    return p < this.#end ? this.#bytes[p]! : 0;
  }

  #digits(p: number): number {
    while (p < this.#end && this.#bytes[p]! >= 48 && this.#bytes[p]! <= 57) p++;
    return p;
  }

  #growNesting(): void {
    const grown = new Uint8Array(this.#nesting.length * 2);
    grown.set(this.#nesting);
    this.#nesting = grown;
  }
}

/** `\u003d`, which can separate the name of a secret parameter from its value. */
function isEscapedEquals(bytes: Uint8Array, p: number): boolean {
  return bytes[p + 4] === 51 && (bytes[p + 5]! | 32) === 100 && bytes[p + 2] === 48 && bytes[p + 3] === 48;
}

/** The kind of a value that is no string, from its first byte. */
function kindOf(c: number): number {
  switch (c) {
    case 123:
      return kindObject;
    case 91:
      return kindArray;
    case 116:
      return kindTrue;
    case 102:
      return kindFalse;
    case 110:
      return kindNull;
    default:
      return kindNumber;
  }
}

/** The value of a hexadecimal digit, -1 for any other byte. */
export function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const letter = c | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
