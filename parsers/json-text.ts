/** What JSON strings and numbers mean: unescaping into bytes, and numbers as exact 64-bit integers. */
import { hexDigit } from './json-scanner.js';

/**
 * Writes the string `source[start, end)`, which is valid JSON without its quotes, unescaped to `target` from `at` on, as
 * UTF-8; half a surrogate pair becomes U+FFFD. Returns the offset after the last byte written, which is at most
 * `at + end - start`: a string can be unescaped in its own place.
 */
export function unescapeJson(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  for (let p = start; p < end;) {
    const c = source[p]!;
    if (c !== 92) {
      target[at++] = c;
      p++;
    } else if (source[p + 1]! !== 117) {
      target[at++] = shortEscape(source[p + 1]!);
      p += 2;
    } else {
      let point = unitAt(source, p);
      p += 6;
      if (point >= 0xd800 && point < 0xdc00 && p + 6 <= end && source[p] === 92 && source[p + 1] === 117) {
        const low = unitAt(source, p);
        if (low >= 0xdc00 && low < 0xe000) {
          point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
          p += 6;
        }
      }
      at = writePoint(target, at, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
    }
  }
  return at;
}

function unitAt(source: Uint8Array, p: number): number {
  return (
    (hexDigit(source[p + 2]!) << 12) |
    (hexDigit(source[p + 3]!) << 8) |
    (hexDigit(source[p + 4]!) << 4) |
    hexDigit(source[p + 5]!)
  );
}

function shortEscape(c: number): number {
  switch (c) {
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return c;
  }
}

function writePoint(target: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    target[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    target[at] = 0xc0 | (point >> 6);
    target[at + 1] = 0x80 | (point & 63);
    return at + 2;
  }
  if (point < 0x10000) {
    target[at] = 0xe0 | (point >> 12);
    target[at + 1] = 0x80 | ((point >> 6) & 63);
    target[at + 2] = 0x80 | (point & 63);
    return at + 3;
  }
  target[at] = 0xf0 | (point >> 18);
  target[at + 1] = 0x80 | ((point >> 12) & 63);
  target[at + 2] = 0x80 | ((point >> 6) & 63);
  target[at + 3] = 0x80 | (point & 63);
  return at + 4;
}

/** The answer of `integerOf` for a number that is not whole or does not fit 64 bits. */
export const notAnInt64 = 'not an int64';
/** The answer of `integerOf` for text that is not a number. */
export const notANumber = 'not a number';

/**
 * The integer that the JSON number `bytes[start, end)` says, exactly: `243`, `243.0` and `2.43e2` are 243. A number
 * above 2^53 comes as a bigint.
 */
export function integerOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | bigint | typeof notAnInt64 | typeof notANumber {
  let value = 0;
  let p = start;
  for (const stop = Math.min(end, start + 15); p < stop && bytes[p]! >= 48 && bytes[p]! <= 57; p++)
    value = value * 10 + bytes[p]! - 48;
  if (p > start && (p === end || (end - p === 2 && bytes[p] === 46 && bytes[p + 1] === 48))) return value;
  return exactInteger(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1'));
}

function exactInteger(number: string): ReturnType<typeof integerOf> {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number);
  if (match === null) return notANumber;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const all = whole! + fraction;
  let first = 0;
  while (all[first] === '0') first++;
  let last = all.length;
  while (last > first && all[last - 1] === '0') last--;
  if (first === last) return 0;
  const zeros = Number(exponent) - fraction.length + (all.length - last);
  // 2^63 has 19 digits; what is longer is not converted, for that would take time that grows with the square.
  if (zeros < 0 || last - first + zeros > 19) return notAnInt64;
  const value = BigInt(sign! + all.slice(first, last) + '0'.repeat(zeros));
  if (BigInt.asIntN(64, value) !== value) return notAnInt64;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** True when all bytes from `p` on are a JSON number. */
export function isNumberUpToEnd(bytes: Buffer, p: number): boolean {
  return bytes.length - p < 64 && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(bytes.toString('latin1', p));
}
