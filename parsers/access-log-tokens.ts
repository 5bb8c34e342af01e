/** Finds where the fields of a line begin and end: one space separates them, sometimes more. */

export const space = 0x20;
export const quote = 0x22;

/** Offset of a byte in `[from, end)`, or -1; `Buffer.indexOf` would search beyond the line. */
export function indexOf(bytes: Uint8Array, wanted: number, from: number, end: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === wanted) return at;
  return -1;
}

export function skipSpaces(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] === space) at++;
  return at;
}

export function tokenEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] !== space) at++;
  return at;
}
