/**
 * Reads plain access-log lines into columns: quotes only where S3 puts them, single spaces, ordinary numbers. About 99 %
 * of real lines are plain; at any other one this stops, and TypeScript reads it (access-log-slow-path.ts).
 *
 * AssemblyScript, compiled to WebAssembly: sixteen bytes at a time, and as fast in its first second as in its last
 * (docs/adr/0015-plain-lines-in-webassembly.md). parsers/line-kernel.ts is its one caller.
 */

import { setNetwork, setNobody, setPrincipal } from './callers';
import { decode, decodeTwice, isUtf8 } from './percent';
import {
  boolean,
  claim,
  clearSide,
  copyView,
  int16,
  int64,
  nextRow,
  prepareMasks,
  row,
  shift,
  sideEnd,
  text,
} from './row';
export { learn, lesson, serial } from './callers';
export { batch, places, row, shift, side, sideBase, sideBytes } from './row';

/** Bytes of log that are read at a time. */
const windowBytes = 1 << 16;
/** A step of the search for ends of tokens, and the readable bytes before and behind the window. */
const step = 64;

/** Addresses of the bytes up to `"`, ascending: a token ends at the first that follows it. */
const ends = memory.data((windowBytes + step) * 4, 16);
/** Addresses of each `=` and `%` that may end the name of a secret, ascending; the end of the lines is the last. */
const separators = memory.data((windowBytes + step + 1) * 4, 16);

// What parsers/line-kernel.ts writes and reads.

/** The lines. */
export const window: usize = memory.data(windowBytes + 2 * step, 16) + step;
/** Where the next line begins and the last one ends. */
export let at: usize = 0;
export let stop: usize = 0;
/** The longest line, in bytes. */
export let maxLineBytes: usize = 0;
/** The number of the next line in its object, and the 16 bytes of the view of the object's URI. */
export let line: f64 = 0;
export const uri: usize = memory.data(16, 16);
/** The day that is known, as `21/Oct/2026`, and its start in microseconds since 1970. Where another one is. */
export const day: usize = memory.data(16, 16);
export let dayUs: f64 = 0;
export let otherDayAt: usize = 0;
/** The times of the rows of a call. */
export let minTimeUs: f64 = 0;
export let maxTimeUs: f64 = 0;

/** Fields as in access-log-fields.ts, and behind them the columns that are no field. */
const time = 2;
const remoteIp = 3;
const requester = 4;
const operation = 6;
const key = 7;
const requestUri = 8;
const httpStatus = 9;
const errorCode = 10;
const turnAroundTimeMs = 14;
const referer = 15;
const userAgent = 16;
const versionId = 17;
const authenticationType = 21;
const aclRequired = 25;
const extra = 27;
const keyLogged = 28;
const logUri = 29;
const logLine = 30;
const principal = 31;
const sourceNetwork = 32;

/** Why `lines` stops. */
const ended = 0;
const notPlain = 1;
const batchIsFull = 2;
const maySecret = 3;
const otherDay = 4;

const batchRows = 2048;
const maxInt16 = 32_767;

const lineFeed: u32 = 0x0a;
const carriageReturn: u32 = 0x0d;
const space: u32 = 0x20;
const quote: u32 = 0x22;
const plus: u32 = 0x2b;
const dash: u32 = 0x2d;
const colon: u32 = 0x3a;

/** Where `lines` goes on in `ends` and `separators`. */
let nextEnd: usize = 0;
let nextSeparator: usize = 0;

/** The first address that is free for batches. */
export function freeMemory(): usize {
  prepareMasks();
  return (__heap_base + 15) & ~15;
}

/** Looks through the `length` bytes that were put into the window; the last is a line feed. */
export function index(length: i32): void {
  stop = window + length;
  memory.fill(stop, 0xff, step);
  nextEnd = ends;
  nextSeparator = separators;
  let to = ends;
  let toSeparator = separators;
  const last = i8x16.splat(<i8>quote);
  for (let from = window; from < stop; from += step) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    let found = bits(i8x16.le_u(a, last), i8x16.le_u(b, last), i8x16.le_u(c, last), i8x16.le_u(d, last));
    while (found !== 0) {
      store<u32>(to, <u32>(from + <usize>ctz(found)));
      to += 4;
      found &= found - 1;
    }
    const marksA = isSeparator(a);
    const marksB = isSeparator(b);
    const marksC = isSeparator(c);
    const marksD = isSeparator(d);
    if (!v128.any_true(v128.or(v128.or(marksA, marksB), v128.or(marksC, marksD)))) continue;
    let marked = bits(marksA, marksB, marksC, marksD);
    while (marked !== 0) {
      const at = from + <usize>ctz(marked);
      if (mayEndSecretName(at)) {
        store<u32>(toSeparator, <u32>at);
        toSeparator += 4;
      }
      marked &= marked - 1;
    }
  }
  store<u32>(toSeparator, <u32>stop);
}

function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u64>(i8x16.bitmask(a) | (i8x16.bitmask(b) << 16));
  const high = <u64>(i8x16.bitmask(c) | (i8x16.bitmask(d) << 16));
  return (low & 0xffffffff) | (high << 32);
}

function isSeparator(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(0x3d)), i8x16.eq(bytes, i8x16.splat(0x25)));
}

/** Whether the bytes before `at` end like one of the names in secrets.ts, in any case of letters. */
function mayEndSecretName(at: usize): bool {
  const name = load<u64>(at - 8) | 0x2020202020202020;
  if (name === 0x65727574616e6769) return true; // ignature
  if (name === 0x6c6169746e656465) return true; // edential
  if (name === 0x79656b2d72656d6f) return true; // omer-key
  if (name === 0x6e656b6f742d7974) return true; // ty-token
  // The token of a session, and not the continuation-token of nearly every listing.
  return name === 0x6e656b6f742d6e6f && (load<u16>(at - 10) | 0x2020) === 0x6973; // si, on-token
}

/** Reads lines from `at` on, and says why it stopped there. */
export function lines(): i32 {
  clearSide();
  minTimeUs = Infinity;
  maxTimeUs = -Infinity;
  while (load<u32>(nextEnd) < <u32>at) nextEnd += 4;
  while (load<u32>(nextSeparator) < <u32>at) nextSeparator += 4;
  while (at < stop) {
    if (row === batchRows) return batchIsFull;
    const reason = readLine(at);
    if (reason !== ended) return reason;
    at = <usize>load<u32>(nextEnd) + 1;
    nextEnd += 4;
    nextRow();
    line++;
  }
  return ended;
}

/** Reads the line at `start`, and leaves `nextEnd` at its line feed; at another answer than `ended`, where it was. */
function readLine(start: usize): i32 {
  let end = nextEnd;

  end = tokens(end, start, 0, 1);
  if (end === 0) return notPlain;
  let from = <usize>load<u32>(end - 4) + 1;

  // [21/Oct/2026:11:52:19 +0000]
  if (load<u8>(from) !== 0x5b || load<u32>(end) !== <u32>(from + 21) || load<u32>(end, 4) !== <u32>(from + 28))
    return notPlain;
  if (load<u64>(from + 1) !== load<u64>(day) || load<u32>(from + 8) !== load<u32>(day, 7)) {
    otherDayAt = from + 1;
    return otherDay;
  }
  const seconds = clockSeconds(from + 12);
  if (seconds < 0 || !isUtc(from + 21)) return notPlain;
  const timeUs = dayUs + <f64>seconds * 1e6;
  int64(time, <i64>timeUs);

  end = tokens(end + 8, from + 29, remoteIp, operation);
  if (end === 0) return notPlain;
  // "CloudFront Origin Access Identity" in the requester
  const requesterEnd = <usize>load<u32>(end - 12);
  if (load<u8>(requesterEnd - 1) === 0x74 && load<u8>(requesterEnd + 1) === 0x4f) return notPlain;
  const addressEnd = <usize>load<u32>(end - 16);
  if (!isDash(from + 29, addressEnd)) setNetwork(sourceNetwork, from + 29, addressEnd);
  const isNobody = isDash(addressEnd + 1, requesterEnd);
  if (!isNobody) setPrincipal(principal, addressEnd + 1, requesterEnd);
  const operationAt = <usize>load<u32>(end - 8) + 1;

  from = <usize>load<u32>(end - 4) + 1;
  let to = <usize>load<u32>(end);
  if (load<u8>(to) !== space || to === from) return notPlain;
  if (isEncoded(from, to)) {
    if (!decodedKey(from, to, operationAt)) return notPlain;
    text(keyLogged, from, to);
  } else if (!isDash(from, to)) {
    text(key, from, to);
  }

  end += 4;
  from = to + 1;
  if (load<u8>(from) === quote) {
    end = closingQuote(end);
    if (end === 0) return notPlain;
    from++;
    to = <usize>load<u32>(end);
    if (load<u8>(to + 1) !== space) return notPlain;
    if (!isDash(from, to)) {
      if (!hasProtocol(from, to)) return notPlain;
      text(requestUri, from, to);
    }
    end += 8;
    from = to + 2;
  } else {
    to = <usize>load<u32>(end);
    if (!isDash(from, to) || load<u8>(to) !== space) return notPlain;
    end += 4;
    from = to + 1;
  }

  for (let field = httpStatus; field <= turnAroundTimeMs; field++) {
    to = <usize>load<u32>(end);
    if (load<u8>(to) !== space || to === from) return notPlain;
    if (!isDash(from, to)) {
      if (field === errorCode) {
        text(field, from, to);
      } else {
        const value = numberOf(from, to);
        if (value < 0) return notPlain;
        if (field === httpStatus) {
          if (value > maxInt16) return notPlain;
          int16(field, <i32>value);
        } else {
          int64(field, value);
        }
      }
    }
    end += 4;
    from = to + 1;
  }

  // Referer and User-Agent: two quoted fields, or two bare dashes.
  if (load<u8>(from) === quote) {
    end = closingQuote(end);
    if (end === 0) return notPlain;
    to = <usize>load<u32>(end);
    if (load<u8>(to + 1) !== space || load<u8>(to + 2) !== quote) return notPlain;
    if (!isDash(from + 1, to)) text(referer, from + 1, to);
    from = to + 3;
    end = closingQuote(end + 8);
    if (end === 0) return notPlain;
    to = <usize>load<u32>(end);
    if (!isDash(from, to)) text(userAgent, from, to);
    to++;
    end += 4;
  } else {
    if (load<u8>(from) !== dash || load<u8>(from + 1) !== space || load<u8>(from + 2) !== dash) return notPlain;
    to = from + 3;
    end += 4;
  }
  if (load<u32>(end) !== <u32>to) return notPlain;

  // Fields 18 to 27 and whatever AWS has added since, none of them quoted.
  let isAuthenticated = false;
  for (let field = versionId; field < extra && load<u8>(to) === space; field++) {
    from = to + 1;
    end += 4;
    to = <usize>load<u32>(end);
    if (to === from) return notPlain;
    if (field === aclRequired) needsAcl(from, to);
    else if (!isDash(from, to)) text(field, from, to);
    if (field === authenticationType) isAuthenticated = !isDash(from, to);
  }
  if (load<u8>(to) === space) {
    from = to + 1;
    while (load<u8>(to) === space) {
      end += 4;
      if (load<u32>(end) === <u32>(to + 1)) return notPlain;
      to = <usize>load<u32>(end);
    }
    text(extra, from, to);
  }
  if (load<u8>(to) === carriageReturn) {
    end += 4;
    to++;
  }
  if (load<u8>(to) !== lineFeed || to - start > maxLineBytes) return notPlain;
  if (hasSeparator(to)) return maySecret;
  // S3.EXPIRE.OBJECT and others are requests of S3 itself.
  if (isNobody) setNobody(principal, (load<u32>(operationAt) & 0xffffff) === 0x2e3353, isAuthenticated);

  copyView(logUri, uri);
  int64(logLine, <i64>line);
  minTimeUs = Math.min(minTimeUs, timeUs);
  maxTimeUs = Math.max(maxTimeUs, timeUs);
  nextEnd = end;
  return ended;
}

/** Reads the fields `first` to `last` as tokens from `from` on; returns what follows in `ends`, 0 when they are not plain. */
function tokens(end: usize, from: usize, first: i32, last: i32): usize {
  for (let field = first; field <= last; field++) {
    const to = <usize>load<u32>(end);
    if (load<u8>(to) !== space || to === from) return 0;
    if (!isDash(from, to)) text(field, from, to);
    end += 4;
    from = to + 1;
  }
  return end;
}

/** Where in `ends` the quote is that closes the one at `end`; 0 when the line ends before. */
function closingQuote(end: usize): usize {
  let byte: u32 = 0;
  do {
    end += 4;
    byte = load<u8>(<usize>load<u32>(end));
  } while (byte !== quote && byte !== lineFeed);
  return byte === quote ? end : 0;
}

/** Whether a separator of secrets is before `to`; those before it are done with. */
function hasSeparator(to: usize): bool {
  let has = false;
  while (load<u32>(nextSeparator) < <u32>to) {
    has = true;
    nextSeparator += 4;
  }
  return has;
}

/** Whether `[from, to)` is a lone dash, which stands for nothing. */
function isDash(from: usize, to: usize): bool {
  return to - from === 1 && load<u8>(from) === dash;
}

/** The second of the day of `:11:52:19` at `at`; negative when that is no time. */
function clockSeconds(at: usize): i32 {
  if (load<u8>(at) !== colon || load<u8>(at + 3) !== colon || load<u8>(at + 6) !== colon) return -1;
  const hours = twoDigits(at + 1);
  const minutes = twoDigits(at + 4);
  const seconds = twoDigits(at + 7);
  return hours > 23 || minutes > 59 || seconds > 59 ? -1 : hours * 3600 + minutes * 60 + seconds;
}

/** Two digits; more than 99 when they are not. */
function twoDigits(at: usize): i32 {
  const tens = <u32>load<u8>(at) - 0x30;
  const ones = <u32>load<u8>(at + 1) - 0x30;
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/** Whether ` +0000] ` is at `at`. */
function isUtc(at: usize): bool {
  if (load<u8>(at) !== space || load<u32>(at + 2) !== 0x30303030 || load<u16>(at + 6) !== 0x205d) return false;
  return load<u8>(at + 1) === plus || load<u8>(at + 1) === dash;
}

/** The value of the digits `[from, to)`, at most fifteen; negative for anything else. */
function numberOf(from: usize, to: usize): i64 {
  const length = <i32>(to - from);
  if (length <= 8) return eightDigits(to, length);
  if (length > 15) return -1;
  const low = eightDigits(to, 8);
  const high = eightDigits(to - 8, length - 8);
  return low < 0 || high < 0 ? -1 : high * 100_000_000 + low;
}

/** The value of the one to eight digits before `to`; negative when one is none. */
function eightDigits(to: usize, length: i32): i64 {
  const kept = ~(<u64>0) << ((8 - length) << 3);
  let digits = (load<u64>(to - 8) & kept) | (0x3030303030303030 & ~kept);
  const high = digits & 0xf0f0f0f0f0f0f0f0;
  const carried = (digits + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0;
  if (high !== 0x3030303030303030 || carried !== 0x3030303030303030) return -1;
  // Neighbours are put together: digits, then pairs, then fours.
  digits = ((digits & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8;
  digits = ((digits & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return <i64>(((digits & 0x0000ffff0000ffff) * 42949672960001) >> 32);
}

/** Whether ` HTTP/1.1` or ` HTTP/2` is before `to`. */
function hasProtocol(from: usize, to: usize): bool {
  if (<u32>load<u8>(to - 1) - 0x30 > 9) return false;
  const version = load<u8>(to - 2) === 0x2e && <u32>load<u8>(to - 3) - 0x30 <= 9 ? to - 3 : to - 1;
  const name = version - 6;
  return (
    name >= from && load<u8>(name) === space && load<u32>(name + 1) === 0x50545448 && load<u8>(version - 1) === 0x2f
  );
}

/** `Yes`, or `-` and `No`, which are a real no; any other word says nothing. */
function needsAcl(from: usize, to: usize): void {
  const length = to - from;
  const word = load<u32>(from) | 0x20202020;
  const isYes = length === 3 && (word & 0xffffff) === 0x736579;
  const isNo = isDash(from, to) || (length === 2 && (word & 0xffff) === 0x6f6e);
  if (isYes || isNo) boolean(aclRequired, isYes);
}

/** Whether `[from, to)` holds a `%` or a `+`. */
function isEncoded(from: usize, to: usize): bool {
  for (let at = from; at < to; at += 16) {
    const bytes = v128.load(at);
    const found = i8x16.bitmask(v128.or(i8x16.eq(bytes, i8x16.splat(0x25)), i8x16.eq(bytes, i8x16.splat(0x2b))));
    if (found !== 0) return at + <usize>ctz(found) < to;
  }
  return false;
}

/** Sets the key to the decoded `[from, to)`; false when it cannot be decoded. */
function decodedKey(from: usize, to: usize, operationAt: usize): bool {
  const target = sideEnd();
  const stop = encodesTwice(operationAt) ? decodeTwice(from, to, target) : decode(from, to, target);
  if (stop === 0 || !isUtf8(target, stop)) return false;
  claim(key, <i32>(stop - target));
  return true;
}

/** REST and WEBSITE operations, see percent.ts. */
function encodesTwice(at: usize): bool {
  return (load<u32>(at) === 0x54534552 && load<u8>(at + 4) === 0x2e) || load<u64>(at) === 0x2e45544953424557;
}
