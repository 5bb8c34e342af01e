/** What the slots of a record hold. */

/** Kinds of values, as in parsers/json-scanner.ts. */
export const kindAbsent: i32 = 0;
export const kindText: i32 = 1;
export const kindNumber: i32 = 3;
export const kindTrue: i32 = 4;
export const kindFalse: i32 = 5;
export const kindNull: i32 = 6;
export const kindObject: i32 = 7;
export const kindArray: i32 = 8;

const maxSlots: usize = 160;
const kinds = memory.data(160, 16);
/** Start and end of each value; strings without their quotes. */
const spans = memory.data(160 * 8, 16);

export function clearKinds(): void {
  for (let at: usize = 0; at < maxSlots; at += 16) v128.store(kinds + at, i8x16.splat(0));
}

/** Forgets the slots `[from, to)`. */
export function forget(from: i32, to: i32): void {
  for (let slot = from; slot < to; slot++) store<u8>(kinds + <usize>slot, 0);
}

export function setValue(slot: i32, kind: i32, from: usize, to: usize): void {
  store<u8>(kinds + <usize>slot, <u8>kind);
  store<u32>(spans + ((<usize>slot) << 3), <u32>from);
  store<u32>(spans + ((<usize>slot) << 3), <u32>to, 4);
}

export function kindOf(slot: i32): i32 {
  return <i32>load<u8>(kinds + <usize>slot);
}

export function spanStart(slot: i32): usize {
  return <usize>load<u32>(spans + ((<usize>slot) << 3));
}

export function spanEnd(slot: i32): usize {
  return <usize>load<u32>(spans + ((<usize>slot) << 3), 4);
}
