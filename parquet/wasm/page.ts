/** A page while it is written, and the last one that was: https://parquet.apache.org/docs/file-format/data-pages/. */
import { validOf } from './columns';
import { take } from './memory';
import { run } from './numbers';
import { compress, mostPacked } from './snappy';
import { varint } from './varint';

/** Numbers of Parquet's encodings. */
export const plain = 0;
export const deltaBinaryPacked = 5;
export const deltaLengthByteArray = 6;
export const rleDictionary = 8;

/** The page that was written last: its compressed bytes, how many bytes it has inflated, rows, and encoding of the values. */
export let packed: usize = 0;
export let pageBytes: i32 = 0;
export let pageRows: i32 = 0;
export let encoding: i32 = 0;

/** Memory that suffices for nearly every page, so that it is taken once. */
const usualPageRoom: usize = 2 << 20;

/** Where a page is written, and where it is compressed to. */
export let page: usize = 0;
export let pageEnd: usize = 0;
let pressed: usize = 0;
let pressedRoom: usize = 0;

/** Forgets the memory for pages. */
export function forgetPages(): void {
  page = 0;
  pageEnd = 0;
  pressedRoom = 0;
}

/** Makes room for a page of so many bytes, beside what its levels take more than a bit a row. */
export function reserve(bytes: usize): void {
  const room = bytes + 64;
  if (room > pageEnd - page) {
    const more = max(usualPageRoom, room + (room >> 1));
    page = take(more);
    pageEnd = page + more;
  }
  if (mostPacked(room) > pressedRoom) {
    pressedRoom = mostPacked(pageEnd - page);
    pressed = take(pressedRoom);
  }
}

/** Writes which of `rows` rows from a row on have a value at the start of the page, and returns where that ends. */
export function levels(column: i32, firstRow: i32, rows: i32, count: i32): usize {
  const from = page + 4;
  let out = from;
  if (count === rows || count === 0) {
    out = run(count === 0 ? 0 : 1, rows, 1, out);
  } else {
    const groups = <usize>((rows + 7) >> 3);
    // One run of packed bits: the bitmap as it is.
    out = varint(out, (groups << 1) | 1);
    const bits = validOf(column) + <usize>(firstRow >> 3);
    for (let i: usize = 0; i < groups; i++) store<u8>(out + i, <u8>(load<u16>(bits + i) >> <u16>(firstRow & 7)));
    out += groups;
  }
  store<u32>(page, <u32>(out - from));
  return out;
}

/** Compresses `[from, end)`, which is a page of so many rows, and returns its compressed bytes. */
export function written(from: usize, end: usize, rows: i32, how: i32): i32 {
  pageRows = rows;
  encoding = how;
  return pack(from, end);
}

/** The same for a page that has no rows. */
export function pack(from: usize, end: usize): i32 {
  packed = pressed;
  pageBytes = <i32>(end - from);
  return <i32>(compress(from, end - from, packed) - packed);
}

/** Says that a page which was kept since it was written is the last one. */
export function recall(at: usize, bytes: i32, rows: i32, how: i32): void {
  packed = at;
  pageBytes = bytes;
  pageRows = rows;
  encoding = how;
}
