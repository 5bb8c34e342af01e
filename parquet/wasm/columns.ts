/** The columns of a row group while batches come in: which rows have a value, and the values. */
import { take } from './memory';
import { indexOf, isText, judge, prepareTexts } from './texts';

/** A column: bitmap of the rows that have a value, values, rows and values so far, least and greatest number, texts. */
const validAt = 0;
const valuesAt = 4;
const rowsAt = 8;
const knownAt = 12;
const leastAt = 16;
const greatestAt = 24;
const textsAt = 32;
const columnBytes: usize = 80;

let columns: usize = 0;
let capacity: usize = 0;

/** Where the buffers of the batch are that its long views point into. */
const maxBuffers = 8;
export const buffers: usize = memory.data(maxBuffers * 4, 16);

/** Begins the columns of a row group, in memory that was forgotten. */
export function beginColumns(columnCount: i32, rows: i32): void {
  capacity = <usize>rows;
  columns = take(<usize>columnCount * columnBytes);
  memory.fill(columns, 0, <usize>columnCount * columnBytes);
}

/** Memory for what JavaScript hands in; it stays until the next row group. */
export function input(bytes: i32): usize {
  return take(<usize>bytes);
}

/** Adds a batch of texts, which are views; validity is a bit a row. */
export function addTexts(column: i32, views: usize, valid: usize, rows: i32): void {
  const state = stateOf(column);
  if (!addValidity(state, valid, rows)) return;
  const texts = state + textsAt;
  if (load<u32>(state, valuesAt) === 0) {
    store<u32>(state, <u32>take(capacity << 2), valuesAt);
    prepareTexts(texts);
  }
  const values = <usize>load<u32>(state, valuesAt);
  const before = load<u32>(state, knownAt);
  let at = values + ((<usize>before) << 2);
  // Rows that follow each other often have the same text.
  let last: u32 = 0;
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (((load<u8>(valid + (row >> 3)) >> <u8>(row & 7)) & 1) === 0) continue;
    const view = views + (row << 4);
    const length = load<u32>(view);
    const from =
      length <= 12
        ? view + 4
        : <usize>load<u32>(buffers + ((<usize>load<u32>(view, 8)) << 2)) + <usize>load<u32>(view, 12);
    if (!isText(texts, last, from, <usize>length)) last = indexOf(texts, from, <usize>length);
    store<u32>(at, last);
    at += 4;
  }
  const known = <u32>((at - values) >> 2);
  store<u32>(state, known, knownAt);
  judge(texts, <i32>(known - before));
}

/** Adds a batch of numbers of eight bytes, or of two. */
export function addNumbers(column: i32, from: usize, width: i32, valid: usize, rows: i32): void {
  const state = stateOf(column);
  if (!addValidity(state, valid, rows)) return;
  if (load<u32>(state, valuesAt) === 0) {
    store<u32>(state, <u32>take(capacity << 3), valuesAt);
    store<i64>(state, i64.MAX_VALUE, leastAt);
    store<i64>(state, i64.MIN_VALUE, greatestAt);
  }
  const values = <usize>load<u32>(state, valuesAt);
  let at = values + ((<usize>load<u32>(state, knownAt)) << 3);
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
  if (load<u32>(state, validAt) === 0) {
    const bytes = (capacity >> 3) + 64;
    store<u32>(state, <u32>take(bytes), validAt);
    memory.fill(<usize>load<u32>(state, validAt), 0, bytes);
  }
  const before = load<u32>(state, rowsAt);
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
