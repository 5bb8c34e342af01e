/**
 * Reads plain access-log lines into columns: quotes only where S3 puts them, single spaces, ordinary numbers. About 99 %
 * of real lines are plain; at any other one this stops, and TypeScript reads it (access-log-slow-path.ts).
 *
 * AssemblyScript, compiled to WebAssembly: sixteen bytes at a time, and as fast in its first second as in its last
 * (docs/adr/0015-plain-text-in-webassembly.md). parsers/line-kernel.ts is its one caller.
 */

import { carriageReturn, dash, lineFeed, quote, space } from './bytes';
import { batchIsFull, batchRows, ended, maySecret, notPlain, otherDay } from './kernel';
import { setNetwork, setNobody, setPrincipal } from './callers';
import { clockSeconds, isUtc, numberOf } from './numbers';
import { decode, decodeTwice, isUtf8 } from './percent';
import { boolean, claim, clearSide, copyView, int16, int64, nextRow, prepareMasks, row, sideEnd, text } from './row';
import { goBehind, goTo, nextEnd, passSeparators, stop } from './window';
export { learn, lesson, serial } from './callers';
export { batch, places, row, shift, side, sideBase, sideBytes } from './row';
export { index, window } from './window';

// What parsers/line-kernel.ts writes and reads.

/** Where the next line begins. */
export let at: usize = 0;
/** The longest line, in bytes. */
export let maxBytes: usize = 0;
/** The number of the next line in its object, and the 16 bytes of the view of the object's URI. */
export let nextNumber: f64 = 0;
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

const maxInt16 = 32_767;

/** The first address that is free for batches. */
export function freeMemory(): usize {
  prepareMasks();
  return (__heap_base + 15) & ~15;
}

/** Reads lines from `at` on, and says why it stopped there. */
export function read(): i32 {
  clearSide();
  minTimeUs = Infinity;
  maxTimeUs = -Infinity;
  goTo(at);
  while (at < stop) {
    if (row === batchRows) return batchIsFull;
    const reason = readLine(at);
    if (reason !== ended) return reason;
    nextRow();
    nextNumber++;
  }
  return ended;
}

/** Reads the line at `start` and goes behind it; at another answer than `ended` it stays there. */
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
  if (load<u8>(to) !== lineFeed || to - start > maxBytes) return notPlain;
  if (passSeparators(to)) return maySecret;
  // S3.EXPIRE.OBJECT and others are requests of S3 itself.
  if (isNobody) setNobody(principal, (load<u32>(operationAt) & 0xffffff) === 0x2e3353, isAuthenticated);

  copyView(logUri, uri);
  int64(logLine, <i64>nextNumber);
  minTimeUs = Math.min(minTimeUs, timeUs);
  maxTimeUs = Math.max(maxTimeUs, timeUs);
  at = to + 1;
  goBehind(end);
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

/** Whether `[from, to)` is a lone dash, which stands for nothing. */
function isDash(from: usize, to: usize): bool {
  return to - from === 1 && load<u8>(from) === dash;
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
