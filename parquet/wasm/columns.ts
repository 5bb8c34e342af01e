/** The columns of row groups while batches come in: which rows have a value, and the values. */
import { giveBack, take, takePower } from './memory';
import { indexTexts, prepareTexts, seek } from './texts';

/** A column: bitmap of the rows that have a value, values, bytes that these have room for, rows and values so far, … */
const validAt = 0;
const validRoomAt = 4;
const valuesAt = 8;
const valuesRoomAt = 12;
const rowsAt = 16;
const knownAt = 20;
/** … least and greatest number, texts. */
const leastAt = 24;
const greatestAt = 32;
const textsAt = 40;
const columnBytes: usize = 112;

/** Bytes behind a bitmap that are zeros, for whoever reads it in steps. */
const validSlack: usize = 64;
const leastRoom: usize = 256;

/** The columns of the row group that is in use. */
let columns: usize = 0;

/** Where the buffers of the batch are that its long views point into. */
const maxBuffers = 8;
export const buffers: usize = memory.data(maxBuffers * 4, 16);

/** Begins a row group, which is in use from now on, and returns its address. */
export function begin(columnCount: i32): usize {
  columns = take(<usize>columnCount * columnBytes);
  memory.fill(columns, 0, <usize>columnCount * columnBytes);
  return columns;
}

/** Uses a row group: everything else is about its columns. */
export function use(group: usize): void {
  columns = group;
}

/** Memory for what JavaScript hands in; it stays until everything is forgotten. */
export function input(bytes: i32): usize {
  return take(<usize>bytes);
}

/** Adds a batch of texts, which are views; validity is a bit a row. */
export function addTexts(column: i32, views: usize, valid: usize, rows: i32): void {
  const state = stateOf(column);
  if (!addValidity(state, valid, rows)) return;
  const texts = state + textsAt;
  if (load<u32>(state, valuesAt) === 0) prepareTexts(texts);
  const before = load<u32>(state, knownAt);
  const values = valuesFor(state, (<usize>before) << 2, (<usize>rows) << 2);
  let count: usize = 0;
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (((load<u8>(valid + (row >> 3)) >> <u8>(row & 7)) & 1) === 0) continue;
    const view = views + (row << 4);
    const length = load<u32>(view);
    const from =
      length <= 12
        ? view + 4
        : <usize>load<u32>(buffers + ((<usize>load<u32>(view, 8)) << 2)) + <usize>load<u32>(view, 12);
    seek(count++, from, length);
  }
  indexTexts(texts, count, values + ((<usize>before) << 2));
  store<u32>(state, before + <u32>count, knownAt);
}

/** Adds a batch of numbers of eight bytes, or of two. */
export function addNumbers(column: i32, from: usize, width: i32, valid: usize, rows: i32): void {
  const state = stateOf(column);
  if (!addValidity(state, valid, rows)) return;
  if (load<u32>(state, valuesAt) === 0) {
    store<i64>(state, i64.MAX_VALUE, leastAt);
    store<i64>(state, i64.MIN_VALUE, greatestAt);
  }
  const before = (<usize>load<u32>(state, knownAt)) << 3;
  const values = valuesFor(state, before, (<usize>rows) << 3);
  let at = values + before;
  let least = load<i64>(state, leastAt);
  let greatest = load<i64>(state, greatestAt);
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (((load<u8>(valid + (row >> 3)) >> <u8>(row & 7)) & 1) === 0) continue;
    const value = width === 2 ? <i64>load<i16>(from + (row << 1)) : load<i64>(from + (row << 3));
    least = min(least, value);
    greatest = max(greatest, value);
    store<i64>(at, value);
    at += 8;
  }
  store<i64>(state, least, leastAt);
  store<i64>(state, greatest, greatestAt);
  store<u32>(state, <u32>((at - values) >> 3), knownAt);
}

/** Adds a batch of booleans, a bit each; they are kept as numbers. */
export function addBooleans(column: i32, bits: usize, valid: usize, rows: i32): void {
  const numbers = memory.data(2048 * 2, 16);
  for (let row: usize = 0; row < <usize>rows; row++)
    store<u16>(numbers + (row << 1), <u16>((load<u8>(bits + (row >> 3)) >> <u8>(row & 7)) & 1));
  addNumbers(column, numbers, 2, valid, rows);
}

/** Adds the bits of a batch to those of the column; false when no row of the batch has a value. */
function addValidity(state: usize, valid: usize, rows: i32): bool {
  const before = load<u32>(state, rowsAt);
  reserveValid(state, (<usize>(before + rows + 7) >> 3) + validSlack);
  const to = <usize>load<u32>(state, validAt) + (<usize>before >> 3);
  const shift = before & 7;
  store<u32>(state, before + rows, rowsAt);
  let any: u32 = 0;
  for (let at: usize = 0, left = rows; left > 0; at++, left -= 8) {
    const bits = <u32>load<u8>(valid + at) & (left >= 8 ? 0xff : (1 << left) - 1);
    any |= bits;
    store<u16>(to + at, <u16>(<u32>load<u8>(to + at) | (bits << shift)));
  }
  return any !== 0;
}

/** Makes room for so many bytes of a bitmap; what is not used is zeros. */
function reserveValid(state: usize, bytes: usize): void {
  const room = <usize>load<u32>(state, validRoomAt);
  if (bytes <= room) return;
  const valid = grown(state, validAt, room, bytes);
  memory.fill(valid + room, 0, <usize>load<u32>(state, validRoomAt) - room);
}

/** The values of a column, with room for `more` bytes behind the `used` ones. */
function valuesFor(state: usize, used: usize, more: usize): usize {
  const room = <usize>load<u32>(state, valuesRoomAt);
  return used + more <= room ? <usize>load<u32>(state, valuesAt) : grown(state, valuesAt, room, used + more);
}

/** Moves what is kept at `place` of a column, and the size of its room behind it, to a room for at least `bytes`. */
function grown(state: usize, place: usize, room: usize, bytes: usize): usize {
  let more = max(leastRoom, room << 1);
  while (more < bytes) more <<= 1;
  const to = takePower(more);
  if (room !== 0) {
    const from = <usize>load<u32>(state + place);
    memory.copy(to, from, room);
    giveBack(from, room);
  }
  store<u32>(state + place, <u32>to);
  store<u32>(state + place, <u32>more, 4);
  return to;
}

function stateOf(column: i32): usize {
  return columns + <usize>column * columnBytes;
}

/** Rows of a column so far. */
export function rowsOf(column: i32): i32 {
  return load<i32>(stateOf(column), rowsAt);
}

/** Rows of a column that have a value. */
export function known(column: i32): i32 {
  return load<i32>(stateOf(column), knownAt);
}

/** The least number of a column that has one. */
export function least(column: i32): i64 {
  return load<i64>(stateOf(column), leastAt);
}

/** The greatest number of a column that has one. */
export function greatest(column: i32): i64 {
  return load<i64>(stateOf(column), greatestAt);
}

export function validOf(column: i32): usize {
  return <usize>load<u32>(stateOf(column), validAt);
}

export function valuesOf(column: i32): usize {
  return <usize>load<u32>(stateOf(column), valuesAt);
}

export function textsOf(column: i32): usize {
  return stateOf(column) + textsAt;
}
