/** Decodes percent-encoded object keys; a malformed escape is an answer, not an exception. */
import { isUtf8 } from 'node:buffer';

const percent = 0x25;
const plus = 0x2b;
const space = 0x20;

/** Value of an ASCII hexadecimal digit, 255 for every other byte. */
const hexValue = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) {
  hexValue['0123456789abcdef'.charCodeAt(i)] = i;
  hexValue['0123456789ABCDEF'.charCodeAt(i)] = i;
}

/**
 * Decodes `bytes[start, end)` once to `target` from `to` on, and returns the decoded length; -1 at a malformed escape or
 * when the result is not UTF-8. A plus is a space, as in forms: S3 writes it so for batch deletes. `target` must have
 * room for `end - start` bytes, and may be `bytes` itself when `to` is not after `start`.
 */
export function decodeKeyOnce(bytes: Uint8Array, start: number, end: number, target: Uint8Array, to: number): number {
  const stop = decode(bytes, start, end, target, to);
  return stop >= 0 && isUtf8(target.subarray(to, stop)) ? stop - to : -1;
}

/** Decodes twice, otherwise as `decodeKeyOnce`: `%253D` is `=`, and so is `%25%33%44`. */
export function decodeKeyTwice(bytes: Uint8Array, start: number, end: number, target: Uint8Array, to: number): number {
  const stop = decode(bytes, start, end, target, to);
  return stop < 0 ? -1 : decodeKeyOnce(target, to, stop, target, to);
}

/** Returns where the decoded bytes end in `target`, or -1. */
function decode(bytes: Uint8Array, start: number, end: number, target: Uint8Array, to: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === percent) {
      if (at + 2 >= end) return -1;
      const high = hexValue[bytes[at + 1]!]!;
      const low = hexValue[bytes[at + 2]!]!;
      if ((high | low) > 15) return -1;
      target[to++] = (high << 4) | low;
      at += 2;
    } else {
      target[to++] = byte === plus ? space : byte;
    }
  }
  return to;
}

/**
 * Whether S3 encodes the key of an operation twice: REST and WEBSITE operations, by Yelp Engineering (September 2025) and
 * by about 1,000 real lines. Batch deletes and lifecycle encode once, and operations that nobody has described count
 * with them.
 */
export function encodesKeyTwice(operation: Uint8Array, start: number, end: number): boolean {
  return startsWith(operation, start, end, rest) || startsWith(operation, start, end, website);
}

const rest = Uint8Array.from(Buffer.from('REST.'));
const website = Uint8Array.from(Buffer.from('WEBSITE.'));

function startsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix[i]) return false;
  return true;
}
