/** Reads CloudTrail's usual `2026-07-01T12:34:56Z` without an allocation; two of them are in nearly every record. */
import { dayNumber, parseIsoTime } from './time.js';

/** Microseconds since 1970 of the ISO 8601 time in `bytes[start, end)`; NaN when it is malformed or impossible. */
export function cloudtrailTimeUs(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 20 || bytes[start + 19] !== 90) return parseIsoTime(bytes, start, end);
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  const second = twoDigits(bytes, start + 17);
  if (!hasPunctuation(bytes, start) || !(hour < 24 && minute < 60 && second < 60))
    return parseIsoTime(bytes, start, end);
  return (dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second) * 1e6;
}

function hasPunctuation(bytes: Uint8Array, start: number): boolean {
  return (
    bytes[start + 4] === 45 &&
    bytes[start + 7] === 45 &&
    bytes[start + 10] === 84 &&
    bytes[start + 13] === 58 &&
    bytes[start + 16] === 58
  );
}

/** Two digits at `at`, NaN when they are not. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}
