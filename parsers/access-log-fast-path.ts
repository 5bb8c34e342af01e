/**
 * Reads plain access-log lines: quotes only where S3 puts them, single spaces, ordinary numbers. About 99 % of real
 * lines are plain; for every other line the answer is "not plain" and the slow path reads it. Longer than other files
 * because it is one loop nest over bytes, four at a time.
 */
import { Field, LineFields, maxPlainDigits } from './access-log-fields.js';
import { isSecretSeparator } from './secrets.js';
import { parseLogTime } from './time.js';

/** Bytes after the line feed of a plain line that must be readable, whatever they hold. */
export const readAhead = 16;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const percent = 0x25;
const dash = 0x2d;
const equals = 0x3d;

// Four bytes are tested at once: `(w - n) & ~w & 0x80…` marks the lowest byte below n exactly (bytes above it may be
// marked wrongly, which is why only the lowest mark is used), and a byte equal to c is one that is 0 after `^ c`.
const ones = 0x01010101;
const highBits = 0x80808080 | 0;
const belowQuotes = 0x26262626; // control bytes, space, `!"#$%`
const belowPlus = 0x2c2c2c2c; // and `&'()*+`
const belowSpace = 0x20202020; // control bytes
const equalsWord = 0x3d3d3d3d;
const quoteWord = 0x22222222;
const percentWord = 0x25252525;

/** Reads plain lines of one block after another into one record. */
export class PlainLines {
  readonly #fields: LineFields;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;

  constructor(fields: LineFields) {
    this.#fields = fields;
  }

  /** Says which block the next lines are in. */
  use(bytes: Uint8Array, view: DataView): void {
    this.#bytes = bytes;
    this.#view = view;
  }

  /**
   * Fills the record from the line at `start` and returns the offset after its line feed; 0 when the line is not plain.
   * The block must hold that line feed and `readAhead` bytes after it. When a secret was noticed the record says so.
   */
  locate(start: number): number {
    const bytes = this.#bytes;
    const fields = this.#fields;
    fields.flags = 0;
    fields.hasSecret = false;
    this.#start = start;
    let at = this.#tokens(Field.bucketOwner, Field.bucket, start);
    if (at === 0 || bytes[at] !== 0x5b || bytes[at + 21] !== space || bytes[at + 27] !== 0x5d || bytes[at + 28] !== space) return 0;
    fields.timeUs = parseLogTime(bytes, at + 1, at + 22);
    if (Number.isNaN(fields.timeUs)) return 0;
    at = this.#tokens(Field.remoteIp, Field.requester, at + 29);
    if (at === 0 || (bytes[at] === 0x4f && bytes[at - 2] === 0x74)) return 0; // "CloudFront Origin Access Identity"
    at = this.#tokens(Field.requestId, Field.operation, at);
    if (at === 0) return 0;
    at = this.#key(at);
    if (at === 0) return 0;
    at = this.#requestUri(at);
    if (at === 0) return 0;
    at = this.#number(Field.httpStatus, at);
    if (at === 0) return 0;
    at = this.#tokens(Field.errorCode, Field.errorCode, at);
    for (let field: number = Field.bytesSent; field <= Field.turnAroundTimeMs; field++) {
      if (at === 0) return 0;
      at = this.#number(field, at);
    }
    if (at === 0) return 0;
    at = this.#agents(at);
    return at === 0 ? 0 : this.#tail(at);
  }

  /** Reads tokens that one space ends; returns where the next starts, 0 when not plain. */
  #tokens(first: number, last: number, at: number): number {
    const bytes = this.#bytes;
    const spans = this.#fields.spans;
    for (let field = first; field <= last; field++) {
      const end = this.#tokenEnd(at);
      if (bytes[end] !== space || end === at) return 0;
      spans[field << 1] = at;
      spans[(field << 1) | 1] = end - at === 1 && bytes[at] === dash ? -1 : end;
      at = end + 1;
    }
    return at;
  }

  /** The next space, quote or control byte. */
  #tokenEnd(at: number): number {
    const view = this.#view;
    for (;;) {
      const word = view.getInt32(at, true);
      const other = word ^ equalsWord;
      const marks = (((word - belowQuotes) & ~word) | ((other - ones) & ~other)) & highBits;
      if (marks === 0) {
        at += 4;
        continue;
      }
      at += (31 - Math.clz32(marks & -marks)) >> 3;
      const byte = this.#bytes[at]!;
      if (byte <= space || byte === quote) return at;
      if (byte === equals || byte === percent) this.#separator(at);
      at++;
    }
  }

  #key(at: number): number {
    const view = this.#view;
    const bytes = this.#bytes;
    const start = at;
    let isEncoded = false;
    for (;;) {
      const word = view.getInt32(at, true);
      const other = word ^ equalsWord;
      const marks = (((word - belowPlus) & ~word) | ((other - ones) & ~other)) & highBits;
      if (marks === 0) {
        at += 4;
        continue;
      }
      at += (31 - Math.clz32(marks & -marks)) >> 3;
      const byte = bytes[at]!;
      if (byte <= space || byte === quote) break;
      if (byte === percent || byte === 0x2b) isEncoded = true;
      if (byte === equals || byte === percent) this.#separator(at);
      at++;
    }
    if (bytes[at] !== space || at === start) return 0;
    this.#fields.keyIsEncoded = isEncoded;
    this.#quoted(Field.key, start, at);
    return at + 1;
  }

  #requestUri(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] === dash && bytes[at + 1] === space) {
      this.#fields.setNull(Field.requestUri);
      return at + 2;
    }
    if (bytes[at] !== quote) return 0;
    const end = this.#quoteEnd(at + 1);
    if (bytes[end] !== quote || bytes[end + 1] !== space) return 0;
    if (!(end - at === 2 && bytes[at + 1] === dash) && !this.#hasProtocol(at + 1, end)) return 0;
    this.#quoted(Field.requestUri, at + 1, end);
    return end + 2;
  }

  /** ` HTTP/1.1` or ` HTTP/2` before the quote. */
  #hasProtocol(start: number, end: number): boolean {
    const bytes = this.#bytes;
    if (!isDigit(bytes[end - 1]!)) return false;
    const version = bytes[end - 2] === 0x2e && isDigit(bytes[end - 3]!) ? end - 3 : end - 1;
    const name = version - 6;
    if (name < start || bytes[name] !== space || bytes[version - 1] !== 0x2f) return false;
    return this.#view.getInt32(name + 1, true) === 0x50545448; // HTTP
  }

  /** Referer and User-Agent: two quoted fields, or two bare dashes. */
  #agents(at: number): number {
    const bytes = this.#bytes;
    const fields = this.#fields;
    if (bytes[at] === dash) {
      if (bytes[at + 1] !== space || bytes[at + 2] !== dash) return 0;
      fields.setNull(Field.referer);
      fields.setNull(Field.userAgent);
      return at + 3;
    }
    if (bytes[at] !== quote) return 0;
    const refererEnd = this.#quoteEnd(at + 1);
    if (bytes[refererEnd] !== quote || bytes[refererEnd + 1] !== space || bytes[refererEnd + 2] !== quote) return 0;
    this.#quoted(Field.referer, at + 1, refererEnd);
    const userAgentEnd = this.#quoteEnd(refererEnd + 3);
    if (bytes[userAgentEnd] !== quote) return 0;
    this.#quoted(Field.userAgent, refererEnd + 3, userAgentEnd);
    return userAgentEnd + 1;
  }

  /** The next quote or line feed. */
  #quoteEnd(at: number): number {
    const view = this.#view;
    for (;;) {
      const word = view.getInt32(at, true);
      const a = word ^ quoteWord;
      const b = word ^ equalsWord;
      const c = word ^ percentWord;
      const marks = (((a - ones) & ~a) | ((b - ones) & ~b) | ((c - ones) & ~c) | ((word - belowSpace) & ~word)) & highBits;
      if (marks === 0) {
        at += 4;
        continue;
      }
      at += (31 - Math.clz32(marks & -marks)) >> 3;
      const byte = this.#bytes[at]!;
      if (byte === quote || byte === lineFeed) return at;
      if (byte === equals || byte === percent) this.#separator(at);
      at++;
    }
  }

  /** Fields 18 to 27 and extra ones, none of them quoted; `at` is the space before them or the end of the line. */
  #tail(at: number): number {
    const bytes = this.#bytes;
    const spans = this.#fields.spans;
    let field: number = Field.versionId;
    while (bytes[at] === space && field < Field.extra) {
      const start = at + 1;
      at = this.#tokenEnd(start);
      if (at === start) return 0;
      spans[field << 1] = start;
      spans[(field << 1) | 1] = at - start === 1 && bytes[start] === dash ? -1 : at;
      field++;
    }
    this.#fields.endAt(field);
    if (bytes[at] === space) at = this.#extra(at);
    if (bytes[at] === lineFeed) return at + 1;
    return bytes[at] === carriageReturn && bytes[at + 1] === lineFeed ? at + 2 : 0;
  }

  /** Returns the end of the extra fields, or the offset of something that is not plain. */
  #extra(at: number): number {
    const start = at + 1;
    while (this.#bytes[at] === space) {
      const end = this.#tokenEnd(at + 1);
      if (end === at + 1) return at;
      at = end;
    }
    this.#fields.set(Field.extra, start, at);
    return at;
  }

  #number(field: number, at: number): number {
    const bytes = this.#bytes;
    const start = at;
    let value = 0;
    let digit = bytes[at]! - 0x30;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = bytes[++at]! - 0x30;
    }
    if (at === start) {
      if (bytes[at++] !== dash) return 0;
      value = -1;
    }
    if (bytes[at] !== space || at - start > maxPlainDigits) return 0;
    this.#fields.numbers[field] = value;
    return at + 1;
  }

  #quoted(field: number, start: number, end: number): void {
    const spans = this.#fields.spans;
    spans[field << 1] = start;
    spans[(field << 1) | 1] = end - start === 1 && this.#bytes[start] === dash ? -1 : end;
  }

  #separator(at: number): void {
    if (isSecretSeparator(this.#bytes, this.#start, at)) this.#fields.hasSecret = true;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
