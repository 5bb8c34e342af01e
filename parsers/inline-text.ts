/** Texts of up to twelve bytes, which lie in their views. */

/** Masks that keep the bytes of an inline text, by its length, in each word of its view. */
const inlineMasks = (skipped: number): Int32Array =>
  Int32Array.from({ length: 13 }, (_, length) =>
    length >= skipped + 4 ? -1 : length <= skipped ? 0 : (1 << ((length - skipped) * 8)) - 1,
  );
export const firstWordMask = inlineMasks(0);
export const secondWordMask = inlineMasks(4);
export const thirdWordMask = inlineMasks(8);

/** Unused bytes are zero, as DuckDB and Arrow both demand: they compare inline strings as 16 bytes. */
export function writeInline(words: Int32Array, at: number, bytes: Uint8Array, start: number, length: number): void {
  let a = 0;
  let b = 0;
  let c = 0;
  for (let i = 0; i < length && i < 4; i++) a |= bytes[start + i]! << (i << 3);
  for (let i = 4; i < length && i < 8; i++) b |= bytes[start + i]! << ((i - 4) << 3);
  for (let i = 8; i < length; i++) c |= bytes[start + i]! << ((i - 8) << 3);
  words[at + 1] = a;
  words[at + 2] = b;
  words[at + 3] = c;
}
