/** The row of a batch that is being written, in the layout of parsers/batch-memory.ts, and the side buffer of the batch. */

/** Offsets of the values and of the validity of each place's column in the memory of a batch. */
export const places: usize = memory.data(80 * 8, 16);
/** The memory of the batch, the row of it, and what an address in the window is more in the block of the batch. */
export let batch: usize = 0;
export let row: i32 = 0;
export let shift: i32 = 0;

const sideRoom = 1 << 17;
/** What the call has added to the side buffer, how many bytes of it, and where in the side buffer they will be. */
export const side: usize = memory.data(sideRoom, 16);
export let sideBytes: i32 = 0;
export let sideBase: i32 = 0;

/** The bytes of a short view that are text, by the length of the text. */
const masks = memory.data(13 * 16, 16);

export function prepareMasks(): void {
  for (let length = 0; length < 13; length++) memory.fill(masks + ((<usize>length) << 4) + 4, 0xff, length);
}

export function nextRow(): void {
  row++;
}

/** Where the next text for the side buffer is written. */
export function sideEnd(): usize {
  return side + <usize>sideBytes;
}

/** Whether a text of a name fits; half of the room is for keys, which cannot be more than their lines. */
export function hasRoom(length: i32): bool {
  return sideBytes + length <= sideRoom / 2;
}

export function clearSide(): void {
  sideBytes = 0;
}

/** Where the value of a place's column is, of `1 << width` bytes. */
export function valueAt(place: i32, width: usize): usize {
  return batch + <usize>load<u32>(places + ((<usize>place) << 3)) + ((<usize>row) << width);
}

export function markValid(place: i32): void {
  const at = batch + <usize>load<u32>(places + ((<usize>place) << 3), 4) + (<usize>row >> 3);
  store<u8>(at, load<u8>(at) | ((<u8>1) << (<u8>(row & 7))));
}

/** Sets a text column to `[from, to)` of the window. */
export function text(place: i32, from: usize, to: usize): void {
  setView(place, from, <i32>(to - from), (<u64>(<u32>(<i32>from + shift))) << 32);
}

/** Sets a text column to the text that was written at `sideEnd`. */
export function claim(place: i32, length: i32): void {
  const from = sideEnd();
  setView(place, from, length, ((<u64>(<u32>addToSide(length > 12 ? length : 0))) << 32) | 1);
}

/** Adds what was written at `sideEnd` to the side buffer, and returns its offset there. */
export function addToSide(length: i32): i32 {
  sideBytes += length;
  return sideBase + sideBytes - length;
}

/** `longView` is the second half of the view of a text of more than twelve bytes: its buffer and its offset there. */
function setView(place: i32, from: usize, length: i32, longView: u64): void {
  const at = valueAt(place, 4);
  if (length > 12) {
    store<i32>(at, length);
    store<u32>(at, load<u32>(from), 4);
    store<u64>(at, longView, 8);
  } else {
    const bytes = v128.and(v128.load(from - 4), v128.load(masks + ((<usize>length) << 4)));
    v128.store(at, i32x4.replace_lane(bytes, 0, length));
  }
  markValid(place);
}

/** Sets a text column to the 16 bytes of a view. */
export function copyView(place: i32, from: usize): void {
  v128.store(valueAt(place, 4), v128.load(from));
  markValid(place);
}

export function int64(place: i32, value: i64): void {
  store<i64>(valueAt(place, 3), value);
  markValid(place);
}

export function int16(place: i32, value: i32): void {
  store<i16>(valueAt(place, 1), <i16>value);
  markValid(place);
}

export function boolean(place: i32, value: bool): void {
  const at = batch + <usize>load<u32>(places + ((<usize>place) << 3)) + (<usize>row >> 3);
  const bit = (<u8>1) << (<u8>(row & 7));
  store<u8>(at, value ? load<u8>(at) | bit : load<u8>(at) & ~bit);
  markValid(place);
}
