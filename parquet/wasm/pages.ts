/** The pages of a column, once all rows of a row group are in: https://parquet.apache.org/docs/file-format/data-pages/. */
import { known, rowsOf, textsOf, validOf, valuesOf } from './columns';
import { copyBytes, take } from './memory';
import { deltas, mostNumberBytes, run, runs } from './numbers';
import { compress, mostPacked } from './snappy';
import { addressOf, bytesOfTexts, distinctTexts, lengthOf } from './texts';
import { varint } from './varint';

/** A column is written as a dictionary when its texts repeat, and the dictionary is a page that readers like to hold. */
const maxDictionaryBytes: usize = 8 << 20;
/** Texts of a page that has no dictionary; the last one may go beyond. */
const pageTextBytes: usize = 1 << 20;

/** Numbers of Parquet's encodings. */
const plain = 0;
const deltaBinaryPacked = 5;
const deltaLengthByteArray = 6;
const rleDictionary = 8;

/** The page that was written last: its compressed bytes, how many bytes it has inflated, rows, and encoding of the values. */
export let packed: usize = 0;
export let pageBytes: i32 = 0;
export let pageRows: i32 = 0;
export let encoding: i32 = 0;

/** Memory that suffices for nearly every page, so that it is taken once. */
const usualPageRoom: usize = 2 << 20;

let packedRoom: usize = 0;
let page: usize = 0;
let pageRoom: usize = 0;
/** Values of the column that earlier pages have. */
let done: i32 = 0;

/** Forgets the memory for pages. */
export function forgetPages(): void {
  packedRoom = 0;
  pageRoom = 0;
}

/** Begins the pages of a column, and says whether it has a dictionary. */
export function beginColumn(column: i32, isText: bool): bool {
  done = 0;
  if (!isText || known(column) === 0) return false;
  const texts = textsOf(column);
  return distinctTexts(texts) <= (<u32>known(column) / 3) << 1 && bytesOfTexts(texts) <= maxDictionaryBytes;
}

/** Writes the page of the dictionary, and returns its compressed bytes. */
export function dictionaryPage(column: i32): i32 {
  const texts = textsOf(column);
  const count = distinctTexts(texts);
  reserve(bytesOfTexts(texts) + ((<usize>count) << 2));
  let out = page;
  for (let index: u32 = 0; index < count; index++) {
    const length = lengthOf(texts, index);
    store<u32>(out, <u32>length);
    copyBytes(out + 4, addressOf(texts, index), length);
    out += 4 + length;
  }
  return pack(out);
}

/** Writes a page of indices into the dictionary. */
export function indexPage(column: i32): i32 {
  const rows = rowsOf(column);
  const count = known(column);
  const width = max(1, 32 - <i32>clz(distinctTexts(textsOf(column)) - 1));
  reserve(mostNumberBytes(count) + <usize>rows);
  let out = levels(column, 0, rows, count);
  store<u8>(out, <u8>width);
  out = runs(valuesOf(column), count, width, out + 1);
  return written(out, rows, rleDictionary);
}

/** Writes a page of numbers. */
export function numberPage(column: i32): i32 {
  const rows = rowsOf(column);
  const count = known(column);
  reserve(mostNumberBytes(count) + <usize>rows);
  const out = levels(column, 0, rows, count);
  if (count === 0) return written(out, rows, plain);
  return written(deltas(valuesOf(column), count, out), rows, deltaBinaryPacked);
}

/** Writes a page of booleans. */
export function booleanPage(column: i32): i32 {
  const rows = rowsOf(column);
  const count = known(column);
  reserve(<usize>(count + rows + 64));
  const out = levels(column, 0, rows, count);
  const values = valuesOf(column);
  memory.fill(out, 0, <usize>((count + 7) >> 3));
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = out + (i >> 3);
    store<u8>(at, load<u8>(at) | (load<u8>(values + (i << 3)) << (<u8>(i & 7))));
  }
  return written(out + <usize>((count + 7) >> 3), rows, plain);
}

/** Writes a page of texts from a row on, as many as a page should have: all lengths, then all texts. */
export function textPage(column: i32, firstRow: i32): i32 {
  const texts = textsOf(column);
  const indices = valuesOf(column) + ((<usize>done) << 2);
  const valid = validOf(column);
  const allRows = rowsOf(column);
  let rows = 0;
  let count = 0;
  let bytes: usize = 0;
  while (firstRow + rows < allRows && bytes < pageTextBytes) {
    const inStep = <i32>popcnt(load<u64>(valid + <usize>((firstRow + rows) >> 3)));
    for (let i = count; i < count + inStep; i++) bytes += lengthOf(texts, load<u32>(indices + ((<usize>i) << 2)));
    count += inStep;
    rows = min(rows + 64, allRows - firstRow);
  }
  reserve(bytes + mostNumberBytes(count) + <usize>rows + ((<usize>count) << 3));
  let out = levels(column, firstRow, rows, count);
  if (count === 0) return written(out, rows, plain);
  // At the end of the room, where the page does not come.
  const lengths = (page + pageRoom - ((<usize>count) << 3)) & ~7;
  for (let i: usize = 0; i < <usize>count; i++)
    store<u64>(lengths + (i << 3), <u64>lengthOf(texts, load<u32>(indices + (i << 2))));
  out = deltas(lengths, count, out);
  for (let i: usize = 0; i < <usize>count; i++) {
    const index = load<u32>(indices + (i << 2));
    const length = lengthOf(texts, index);
    copyBytes(out, addressOf(texts, index), length);
    out += length;
  }
  done += count;
  return written(out, rows, deltaLengthByteArray);
}

/** Writes which rows have a value at the start of the page, and returns where that ends. `firstRow` is a multiple of 64. */
function levels(column: i32, firstRow: i32, rows: i32, count: i32): usize {
  const from = page + 4;
  let out = from;
  if (count === rows || count === 0) {
    out = run(count === 0 ? 0 : 1, rows, 1, out);
  } else {
    const groups = <usize>((rows + 7) >> 3);
    // One run of packed bits: the bitmap as it is.
    out = varint(out, (groups << 1) | 1);
    copyBytes(out, validOf(column) + <usize>(firstRow >> 3), groups);
    out += groups;
  }
  store<u32>(page, <u32>(out - from));
  return out;
}

/** Makes room for a page of so many bytes, beside what its levels take more than a bit a row. */
function reserve(bytes: usize): void {
  const room = bytes + 64;
  if (room > pageRoom) {
    pageRoom = max(usualPageRoom, room + (room >> 1));
    page = take(pageRoom);
  }
  if (mostPacked(room) > packedRoom) {
    packedRoom = mostPacked(pageRoom);
    packed = take(packedRoom);
  }
}

function written(end: usize, rows: i32, how: i32): i32 {
  pageRows = rows;
  encoding = how;
  return pack(end);
}

function pack(end: usize): i32 {
  pageBytes = <i32>(end - page);
  return <i32>(compress(page, end - page, packed) - packed);
}
