/** The columns of row groups while batches come in: which rows have a value, and the values. */
import { giveBack, take, takePower } from './memory';

/** A column: bitmap of the rows that have a value, values, bytes that these have room for, rows and values so far, … */
const validAt = 0;
const validRoomAt = 4;
const valuesAt = 8;
const valuesRoomAt = 12;
const rowsAt = 16;
const knownAt = 20;
/** … least and greatest number, texts and where they are, texts that are not looked for. */
const leastAt = 24;
const greatestAt = 32;
const textsAt = 40;
const streamAt = 128;
const columnBytes: usize = 160;

/** Bytes behind a bitmap that are zeros, for whoever reads it in steps. */
const validSlack: usize = 64;
const leastRoom: usize = 256;

/** The columns of the row group that is in use. */
let columns: usize = 0;

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

/** Adds the bits of a batch to those of the column; false when no row of the batch has a value. */
export function addValidity(column: i32, valid: usize, rows: i32): bool {
  const state = stateOf(column);
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
export function valuesFor(column: i32, used: usize, more: usize): usize {
  const state = stateOf(column);
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

export function addKnown(column: i32, count: i32): void {
  const state = stateOf(column);
  store<i32>(state, load<i32>(state, knownAt) + count, knownAt);
}

/** The least number of a column that has one. */
export function least(column: i32): i64 {
  return load<i64>(stateOf(column), leastAt);
}

/** The greatest number of a column that has one. */
export function greatest(column: i32): i64 {
  return load<i64>(stateOf(column), greatestAt);
}

export function setEnds(column: i32, least: i64, greatest: i64): void {
  store<i64>(stateOf(column), least, leastAt);
  store<i64>(stateOf(column), greatest, greatestAt);
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

export function streamOf(column: i32): usize {
  return stateOf(column) + streamAt;
}
