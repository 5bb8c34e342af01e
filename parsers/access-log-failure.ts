/** Says in one line why an access-log line is no row, with what stands there escaped: log text is hostile. */
import type { LineFailure } from './access-log-slow-path.js';

/** Bytes of the line that are quoted. */
const maxQuoted = 40;

/** `expected …, found …` for the reject's detail; `end` is the end of the line. */
export function describeFailure({ at, expected }: LineFailure, bytes: Uint8Array, end: number): string {
  if (at >= end) return `expected ${expected}, found the end of the line`;
  const stop = Math.min(end, at + maxQuoted);
  return `expected ${expected}, found "${escapeBytes(bytes, at, stop)}"${stop < end ? '…' : ''}`;
}

/** Printable ASCII as it is, quotes and backslashes behind a backslash, everything else as `\xNN`. */
function escapeBytes(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (const byte of bytes.subarray(start, end)) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return text;
}
