/** Reads the number fields of access logs: digits only, exact up to 64 bits. */

/** Digits that a number may have to be exact without a bigint. */
const maxPlainDigits = 15;

export const maxInt64 = 2n ** 63n - 1n;

/**
 * The value of the digits `bytes[start, end)`: a number when that is exact, else a bigint, which is beyond `maxInt64`
 * when the value is. Null when there is anything but digits.
 */
export function numberOf(bytes: Uint8Array, start: number, end: number): number | bigint | null {
  if (!isDigits(bytes, start, end)) return null;
  while (start < end - 1 && bytes[start] === 0x30) start++;
  if (end - start > 19) return maxInt64 + 1n; // not converted: that would take time that grows with the square
  if (end - start > maxPlainDigits) return exactValue(Buffer.prototype.latin1Slice.call(bytes, start, end));
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + bytes[at]! - 0x30;
  return value;
}

function exactValue(digits: string): number | bigint {
  const value = BigInt(digits);
  return value > Number.MAX_SAFE_INTEGER ? value : Number(value);
}

export function isDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!isDigit(bytes[at]!)) return false;
  return end > start;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
