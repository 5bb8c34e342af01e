/** Finds the bytes of a text that are not UTF-8, writes them as `\xNN`, and repairs them in place. */

const backslash = 0x5c;
const questionMark = 0x3f;
const hex = Buffer.from('0123456789abcdef');

/**
 * The text with every byte that is not part of a well-formed sequence written `\xNN` and every backslash doubled: valid
 * UTF-8 from which the bytes can be had back exactly.
 */
export function escapeInvalidUtf8(bytes: Uint8Array, start: number, end: number): Buffer {
  const escaped = Buffer.allocUnsafe((end - start) * 4);
  let length = 0;
  for (let at = start; at < end;) {
    const sequence = sequenceLength(bytes, at, end);
    const byte = bytes[at]!;
    if (sequence === 0) {
      escaped.set([backslash, 0x78, hex[byte >> 4]!, hex[byte & 15]!], length);
      length += 4;
      at++;
      continue;
    }
    if (byte === backslash) escaped[length++] = backslash;
    for (const stop = at + sequence; at < stop; at++) escaped[length++] = bytes[at]!;
  }
  return escaped.subarray(0, length);
}

/** Overwrites every byte that is not part of a well-formed sequence with `?`, so that the range is valid UTF-8. */
export function repairUtf8(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end;) {
    const sequence = sequenceLength(bytes, at, end);
    if (sequence === 0) bytes[at] = questionMark;
    at += sequence || 1;
  }
}

/** Length of the well-formed sequence at `at` (Unicode table 3-7: no surrogates, no overlong forms), or 0. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > end) return 0;
  const second = bytes[at + 1]!;
  if (second < lowestSecond(lead) || second > highestSecond(lead)) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i]! & 0xc0) !== 0x80) return 0;
  return length;
}

function lowestSecond(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

function highestSecond(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

/** The end of the last character of `bytes[start, end)` that is not cut off. */
export function wholeCharacters(bytes: Uint8Array, start: number, end: number): number {
  for (let p = end - 1; p >= start && p >= end - 3; p--) {
    const c = bytes[p]!;
    if (c < 0x80) return end;
    if (c >= 0xc0) return p + (c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2) > end ? p : end;
  }
  return end;
}
