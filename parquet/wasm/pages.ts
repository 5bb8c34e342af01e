/** The pages of a column, once all rows of a row group are in. */
import { known, rowsOf, streamOf, textsOf, validOf, valuesOf } from './columns';
import { copyBytes } from './memory';
import { deltas, mostNumberBytes, runs } from './numbers';
import {
  deltaBinaryPacked,
  deltaLengthByteArray,
  levels,
  pack,
  page,
  pageEnd,
  plain,
  reserve,
  rleDictionary,
  written,
} from './page';
import { isStreamed, nextStreamedPage, streamedFrom } from './text-stream';
import { addressOf, bytesOfTexts, distinctTexts, lengthOf } from './texts';

/** A column is written as a dictionary when its texts repeat, and the dictionary is a page that readers like to hold. */
const maxDictionaryBytes: usize = 8 << 20;
/** Texts of a page that has no dictionary; the last one may go beyond. */
const pageTextBytes: usize = 1 << 20;

/** Values of the column that earlier pages have. */
let done: i32 = 0;

/** Begins the pages of a column, and says whether it has a dictionary. */
export function beginColumn(column: i32, isText: bool): bool {
  done = 0;
  if (!isText || known(column) === 0 || isStreamed(streamOf(column))) return false;
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
  return pack(page, out);
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
  return written(page, out, rows, rleDictionary);
}

/** Writes a page of numbers. */
export function numberPage(column: i32): i32 {
  const rows = rowsOf(column);
  const count = known(column);
  reserve(mostNumberBytes(count) + <usize>rows);
  const out = levels(column, 0, rows, count);
  if (count === 0) return written(page, out, rows, plain);
  return written(page, deltas(valuesOf(column), count, out), rows, deltaBinaryPacked);
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
  return written(page, out + <usize>((count + 7) >> 3), rows, plain);
}

/** Writes a page of texts from a row on, as many as a page should have: all lengths, then all texts. */
export function textPage(column: i32, firstRow: i32): i32 {
  const stream = streamOf(column);
  const allRows = isStreamed(stream) ? streamedFrom(stream) : rowsOf(column);
  if (firstRow >= allRows) return nextStreamedPage(column);
  const texts = textsOf(column);
  const indices = valuesOf(column) + ((<usize>done) << 2);
  const valid = validOf(column);
  let rows = 0;
  let count = 0;
  let bytes: usize = 0;
  while (firstRow + rows < allRows && bytes < pageTextBytes) {
    const left = <u64>(allRows - firstRow - rows);
    const among: u64 = left >= 64 ? u64.MAX_VALUE : ((<u64>1) << left) - 1;
    const inStep = <i32>popcnt(load<u64>(valid + <usize>((firstRow + rows) >> 3)) & among);
    for (let i = count; i < count + inStep; i++) bytes += lengthOf(texts, load<u32>(indices + ((<usize>i) << 2)));
    count += inStep;
    rows = min(rows + 64, allRows - firstRow);
  }
  reserve(bytes + mostNumberBytes(count) + <usize>rows + ((<usize>count) << 3));
  let out = levels(column, firstRow, rows, count);
  if (count === 0) return written(page, out, rows, plain);
  // At the end of the room, where the page does not come.
  const lengths = (pageEnd - ((<usize>count) << 3)) & ~7;
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
  return written(page, out, rows, deltaLengthByteArray);
}
