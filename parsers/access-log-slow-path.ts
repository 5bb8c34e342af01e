/**
 * Reads any access-log line from both ends: the fields before the first quote from the left, those after the last one
 * from the right, so that quotes which a client put into the URI, the Referer or the User-Agent cannot move the others.
 * The format has no escaping; this is the reference that the reader of plain lines must agree with. One class over one line, and so
 * longer than other files.
 */
import { Field, FlagBit, type LineFields } from './access-log-fields.js';
import { isDigit, isDigits, maxInt64, numberOf } from './access-log-number.js';
import { Tail, tailAfter } from './access-log-tail.js';
import { indexOf, quote, skipSpaces, space, tokenEnd } from './access-log-tokens.js';
import type { RejectReason } from './reject.js';
import { logClockLength, parseLogTime } from './time.js';

/** Why a line is no row; `at` is where the reading ended, `expected` says what should have been there. */
export interface LineFailure {
  readonly reason: RejectReason;
  readonly at: number;
  readonly expected: string;
}

const dash = 0x2d;

/** Fills `fields` from the line `bytes[start, end)`, whose trailing spaces are already cut; null means success. */
export function locateFields(bytes: Uint8Array, start: number, end: number, fields: LineFields): LineFailure | null {
  fields.flags = 0;
  const line = new Line(bytes, start, end, fields);
  const failure = line.left() ?? line.uri() ?? line.status() ?? line.agents();
  if (failure === null) line.tail();
  return failure;
}

/** One line and how far it has been read. */
class Line {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #fields: LineFields;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number, fields: LineFields) {
    this.#bytes = bytes;
    this.#at = skipSpaces(bytes, start, end);
    this.#end = end;
    this.#fields = fields;
  }

  /** Fields 1 to 8, which hold no free text of the client. */
  left(): LineFailure | null {
    if (!this.#tokens(Field.bucketOwner, Field.bucket)) return this.#tooFew('bucket owner and bucket');
    const badTime = this.#time();
    if (badTime !== null) return badTime;
    if (!this.#tokens(Field.remoteIp, Field.requester)) return this.#tooFew('remote IP and requester');
    this.#originAccessIdentity();
    if (!this.#tokens(Field.requestId, Field.key)) return this.#tooFew('request id, operation and key');
    this.#fields.keyIsEncoded = this.#isEncoded(Field.key);
    return null;
  }

  #time(): LineFailure | null {
    const open = this.#at;
    const expected = '[dd/Mon/yyyy:HH:MM:SS +0000]';
    if (open >= this.#end) return this.#tooFew(expected);
    const close = indexOf(this.#bytes, 0x5d, open, this.#end);
    if (this.#bytes[open] !== 0x5b) return this.#failure('bad-time', expected);
    if (close < 0) return this.#end - open < 28 ? this.#tooFew(expected) : this.#failure('bad-time', expected);
    const clockEnd = open + 1 + logClockLength;
    const offset = skipSpaces(this.#bytes, clockEnd, close);
    const timeUs = parseLogTime(this.#bytes, open + 1, offset);
    const isWhole =
      close - offset === 5 && offset > clockEnd && (close + 1 === this.#end || this.#bytes[close + 1] === space);
    if (!isWhole || Number.isNaN(timeUs)) return this.#failure('bad-time', expected);
    if (offset > clockEnd + 1) this.#fields.flags |= FlagBit.doubled_space;
    this.#fields.timeUs = timeUs;
    this.#fields.set(Field.time, open + 1, close);
    this.#at = close + 1;
    this.#separate();
    return null;
  }

  /** `arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E…` is the one requester with spaces. */
  #originAccessIdentity(): void {
    const start = this.#fields.start(Field.requester);
    if (!this.#matches(this.#fields.end(Field.requester) - cloudFrontUser.length, cloudFrontUser)) return;
    if (!this.#matches(this.#fields.end(Field.requester) + 1, originAccessIdentity)) return;
    this.#at = this.#fields.end(Field.requester) + 1 + originAccessIdentity.length;
    if (this.#tokens(Field.requester, Field.requester))
      this.#fields.set(Field.requester, start, this.#fields.end(Field.requester));
  }

  /** Field 9: `-`, `"-"`, or quoted up to the first ` HTTP/x" ` that a status can follow. */
  uri(): LineFailure | null {
    if (this.#at >= this.#end) return this.#tooFew('request URI');
    if (this.#bytes[this.#at] !== quote)
      return this.#dash(Field.requestUri) ? null : this.#failure('bad-quotes', 'a quoted request URI or -');
    const open = this.#at;
    if (this.#bytes[open + 1] === dash && this.#bytes[open + 2] === quote && this.#isFieldEnd(open + 3)) {
      this.#fields.setNull(Field.requestUri);
      this.#at = open + 3;
    } else {
      const close = this.#uriEnd(open + 1);
      if (close < 0)
        return this.#failure('bad-quotes', 'a quote, a status, an error code and four numbers after the request URI');
      this.#fields.set(Field.requestUri, open + 1, close);
      this.#at = close + 1;
    }
    this.#separate();
    return null;
  }

  /**
   * A client cannot send a raw space inside the URI, so the first ` HTTP/x" ` is S3's own. A URI without protocol (a
   * documented COPY example) ends at the first quote that a status, an error code and four numbers follow.
   */
  #uriEnd(from: number): number {
    let structural = -1;
    for (let at = this.#nextClosingQuote(from); at >= 0; at = this.#nextClosingQuote(at + 1)) {
      const isStructural = this.#statusFollows(at + 1);
      if (this.#endsWithProtocol(from, at)) return structural < 0 || isStructural ? at : structural;
      if (isStructural && structural < 0) structural = at;
    }
    return structural;
  }

  #endsWithProtocol(from: number, at: number): boolean {
    const short = at - 7; // ` HTTP/2`
    const long = at - 9; // ` HTTP/1.1`
    if (short >= from && this.#matches(short, protocol)) return isDigit(this.#bytes[at - 1]!);
    if (long < from || !this.#matches(long, protocol)) return false;
    return isDigit(this.#bytes[at - 3]!) && this.#bytes[at - 2] === 0x2e && isDigit(this.#bytes[at - 1]!);
  }

  #statusFollows(at: number): boolean {
    for (let field: number = Field.httpStatus; field <= Field.turnAroundTimeMs; field++) {
      const start = skipSpaces(this.#bytes, at, this.#end);
      at = tokenEnd(this.#bytes, start, this.#end);
      if (start === at) return false;
      if (field !== Field.errorCode && !isNumber(this.#bytes, start, at)) return false;
    }
    const next = this.#bytes[skipSpaces(this.#bytes, at, this.#end)];
    return next === quote || next === dash;
  }

  /** Fields 10 to 15. */
  status(): LineFailure | null {
    for (let field: number = Field.httpStatus; field <= Field.turnAroundTimeMs; field++) {
      const at = this.#at;
      if (!this.#tokens(field, field)) return this.#tooFew('status, error code and four numbers');
      if (field !== Field.errorCode && !this.#number(field)) {
        this.#at = at;
        return this.#failure('bad-number', 'digits or -');
      }
    }
    return null;
  }

  #number(field: number): boolean {
    const { numbers } = this.#fields;
    numbers[field] = -1;
    if (this.#fields.isNull(field)) return true;
    const value = numberOf(this.#bytes, this.#fields.start(field), this.#fields.end(field));
    if (value === null) return false;
    if (value > maxInt64) this.#fields.flags |= FlagBit.number_overflow;
    else this.#fields.setNumber(field, value);
    return true;
  }

  /** Fields 16 and 17, each quoted or a bare dash. */
  agents(): LineFailure | null {
    const expected = 'Referer and User-Agent, each quoted or -';
    if (this.#at >= this.#end) return this.#tooFew(expected);
    if (this.#bytes[this.#at] === quote) return this.#quotedReferer() ? null : this.#failure('bad-quotes', expected);
    if (!this.#dash(Field.referer)) return this.#failure('bad-quotes', expected);
    this.#separate();
    if (this.#at >= this.#end) return this.#tooFew(expected);
    if (this.#bytes[this.#at] !== quote)
      return this.#dash(Field.userAgent) ? null : this.#failure('bad-quotes', expected);
    return this.#userAgent(this.#at, this.#at + 1) ? null : this.#failure('bad-quotes', expected);
  }

  #quotedReferer(): boolean {
    const content = this.#at + 1;
    const boundary = this.#boundary(content);
    if (boundary < 0) return this.#bareUserAgent(content);
    const open = skipSpaces(this.#bytes, boundary + 1, this.#end);
    if (!this.#userAgent(open, content)) return this.#bareUserAgent(content);
    this.#quoted(Field.referer, content, boundary);
    if (this.#isAmbiguous(open)) this.#fields.flags |= FlagBit.ua_ambiguous;
    if (open > boundary + 2) this.#fields.flags |= FlagBit.doubled_space;
    return true;
  }

  /** The first `" "`, else the first two quotes with more spaces between them. */
  #boundary(from: number): number {
    let wide = -1;
    for (let at = this.#nextClosingQuote(from); at >= 0; at = this.#nextClosingQuote(at + 1)) {
      if (this.#bytes[at + 2] === quote && at + 2 < this.#end) return at;
      const next = skipSpaces(this.#bytes, at + 1, this.#end);
      if (wide < 0 && next < this.#end && this.#bytes[next] === quote) wide = at;
    }
    return wide;
  }

  /** A second `" "` before the end of the User-Agent: either could be the boundary. */
  #isAmbiguous(open: number): boolean {
    const close = this.#fields.isNull(Field.userAgent) ? open + 2 : this.#fields.end(Field.userAgent);
    for (let at = this.#nextClosingQuote(open); at >= 0 && at + 2 < close; at = this.#nextClosingQuote(at + 1)) {
      if (this.#bytes[at + 2] === quote) return true;
    }
    return false;
  }

  /** Ends the User-Agent that opens at `open` at the rightmost quote with the best tail after it. */
  #userAgent(open: number, content: number): boolean {
    let close = -1;
    let best: Tail = Tail.none;
    let fullTails = 0;
    for (let at = this.#nextClosingQuote(content); at >= 0; at = this.#nextClosingQuote(at + 1)) {
      const tail = tailAfter(this.#bytes, at, this.#end);
      if (tail === Tail.full && at !== open) fullTails++;
      if (at <= open || tail < best) continue;
      close = at;
      best = tail;
    }
    if (best === Tail.some && !this.#isOnlyQuote(open + 1, close)) return false;
    if (close < 0) return false;
    if (fullTails > 1) this.#fields.flags |= FlagBit.ua_ambiguous;
    this.#quoted(Field.userAgent, open + 1, close);
    this.#at = close + 1;
    return true;
  }

  /** Tails of a form that is not known are believed only where no other quote could end the User-Agent. */
  #isOnlyQuote(from: number, close: number): boolean {
    return indexOf(this.#bytes, quote, from, close) < 0 && indexOf(this.#bytes, quote, close + 1, this.#end) < 0;
  }

  /** A quoted Referer before a bare dash: the rightmost `" - ` with a tail after it. */
  #bareUserAgent(content: number): boolean {
    let close = -1;
    for (let at = this.#nextClosingQuote(content); at >= 0; at = this.#nextClosingQuote(at + 1)) {
      const next = skipSpaces(this.#bytes, at + 1, this.#end);
      if (
        this.#bytes[next] === dash &&
        this.#isFieldEnd(next + 1) &&
        tailAfter(this.#bytes, next, this.#end) >= Tail.empty
      )
        close = at;
    }
    if (close < 0) return false;
    this.#quoted(Field.referer, content, close);
    this.#at = close + 1;
    this.#separate();
    return this.#dash(Field.userAgent);
  }

  /** Fields 18 to 27 and whatever AWS has added since. */
  tail(): void {
    const fields = this.#fields;
    this.#separate();
    let field: number = Field.versionId;
    while (field < Field.extra && this.#tokens(field, field)) field++;
    fields.endAt(field);
    if (this.#at < this.#end) fields.set(Field.extra, this.#at, this.#end);
    if (this.#hasDoubledSpace(this.#at)) fields.flags |= FlagBit.doubled_space;
  }

  #hasDoubledSpace(from: number): boolean {
    let isQuoted = false;
    for (let at = from; at < this.#end; at++) {
      if (this.#bytes[at] === quote) isQuoted = !isQuoted;
      if (!isQuoted && this.#bytes[at] === space && this.#bytes[at + 1] === space) return true;
    }
    return false;
  }

  /** Reads the tokens of the fields `first` to `last` and the spaces after them; false when the line ends before. */
  #tokens(first: number, last: number): boolean {
    for (let field = first; field <= last; field++) {
      const start = this.#at;
      const end = tokenEnd(this.#bytes, start, this.#end);
      if (start === end) return false;
      this.#at = end;
      if (end - start === 1 && this.#bytes[start] === dash) this.#fields.setNull(field);
      else this.#fields.set(field, start, end);
      this.#separate();
    }
    return true;
  }

  /** Reads a field that is a bare dash. */
  #dash(field: number): boolean {
    return this.#bytes[this.#at] === dash && this.#isFieldEnd(this.#at + 1) && this.#tokens(field, field);
  }

  #separate(): void {
    const next = skipSpaces(this.#bytes, this.#at, this.#end);
    if (next > this.#at + 1) this.#fields.flags |= FlagBit.doubled_space;
    this.#at = next;
  }

  #quoted(field: number, start: number, end: number): void {
    if (end - start === 1 && this.#bytes[start] === dash) this.#fields.setNull(field);
    else this.#fields.set(field, start, end);
  }

  #isFieldEnd(at: number): boolean {
    return at === this.#end || (at < this.#end && this.#bytes[at] === space);
  }

  /** The next quote from `from` that a space or the end of the line follows, or -1. */
  #nextClosingQuote(from: number): number {
    for (
      let at = indexOf(this.#bytes, quote, from, this.#end);
      at >= 0;
      at = indexOf(this.#bytes, quote, at + 1, this.#end)
    ) {
      if (this.#isFieldEnd(at + 1)) return at;
    }
    return -1;
  }

  #isEncoded(field: number): boolean {
    for (let at = this.#fields.start(field); at < this.#fields.end(field); at++) {
      if (this.#bytes[at] === 0x25 || this.#bytes[at] === 0x2b) return true;
    }
    return false;
  }

  #matches(at: number, wanted: Uint8Array): boolean {
    if (at < 0 || at + wanted.length > this.#end) return false;
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  #tooFew(expected: string): LineFailure {
    return { reason: 'too-few-fields', at: this.#end, expected };
  }

  #failure(reason: RejectReason, expected: string): LineFailure {
    return { reason, at: this.#at, expected };
  }
}

const protocol = Buffer.from(' HTTP/');
const cloudFrontUser = Buffer.from(':iam::cloudfront:user/CloudFront');
const originAccessIdentity = Buffer.from('Origin Access Identity ');

/** A number field: `-`, or digits and nothing else. */
function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  return (end - start === 1 && bytes[start] === dash) || isDigits(bytes, start, end);
}
