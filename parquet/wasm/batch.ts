/** What batches add to the columns of a row group. */
import { addKnown, addValidity, greatest, known, least, setEnds, streamOf, textsOf, valuesFor } from './columns';
import { copyBytes, take } from './memory';
import { beginStream, finishFullPage, isStreamed, roomFor } from './text-stream';
import { indexTexts, isSearched, lengthSought, prepareTexts, seek, textSought, widen } from './texts';

/** Where the buffers of the batch are that its long views point into. */
const maxBuffers = 8;
export const buffers: usize = memory.data(maxBuffers * 4, 16);

/** Memory for what JavaScript hands in; it stays until everything is forgotten. */
export function input(bytes: i32): usize {
  return take(<usize>bytes);
}

/** Adds a batch of texts, which are views; validity is a bit a row. */
export function addTexts(column: i32, views: usize, valid: usize, rows: i32): void {
  const stream = streamOf(column);
  if (isStreamed(stream)) finishFullPage(column);
  if (!addValidity(column, valid, rows)) return;
  const before = known(column);
  const values = valuesFor(column, (<usize>before) << 2, (<usize>rows) << 2) + ((<usize>before) << 2);
  const texts = textsOf(column);
  if (before === 0) prepareTexts(texts);
  const count = seekAll(views, valid, rows);
  if (isStreamed(stream)) addToStream(column, count, values);
  else indexTexts(texts, count, values);
  addKnown(column, <i32>count);
  if (!isStreamed(stream) && !isSearched(texts)) beginStream(column);
}

/** Says which texts of the batch there are, and returns how many. */
function seekAll(views: usize, valid: usize, rows: i32): usize {
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
  return count;
}

/** Adds the `count` texts to the stream of a column; their lengths are its values. */
function addToStream(column: i32, count: usize, values: usize): void {
  let bytes: usize = 0;
  for (let place: usize = 0; place < count; place++) bytes += lengthSought(place);
  let to = roomFor(streamOf(column), bytes);
  const texts = textsOf(column);
  for (let place: usize = 0; place < count; place++) {
    const length = lengthSought(place);
    copyBytes(to, textSought(place), length);
    widen(texts, to, length);
    store<u32>(values + (place << 2), <u32>length);
    to += length;
  }
}

/** Adds a batch of numbers of eight bytes, or of two. */
export function addNumbers(column: i32, from: usize, width: i32, valid: usize, rows: i32): void {
  const isFirst = known(column) === 0;
  if (!addValidity(column, valid, rows)) return;
  const before = known(column);
  const values = valuesFor(column, (<usize>before) << 3, (<usize>rows) << 3) + ((<usize>before) << 3);
  let at = values;
  let low = isFirst ? i64.MAX_VALUE : least(column);
  let high = isFirst ? i64.MIN_VALUE : greatest(column);
  for (let row: usize = 0; row < <usize>rows; row++) {
    if (((load<u8>(valid + (row >> 3)) >> <u8>(row & 7)) & 1) === 0) continue;
    const value = width === 2 ? <i64>load<i16>(from + (row << 1)) : load<i64>(from + (row << 3));
    low = min(low, value);
    high = max(high, value);
    store<i64>(at, value);
    at += 8;
  }
  setEnds(column, low, high);
  addKnown(column, <i32>((at - values) >> 3));
}

/** Adds a batch of booleans, a bit each; they are kept as numbers. */
export function addBooleans(column: i32, bits: usize, valid: usize, rows: i32): void {
  const numbers = memory.data(2048 * 2, 16);
  for (let row: usize = 0; row < <usize>rows; row++)
    store<u16>(numbers + (row << 1), <u16>((load<u8>(bits + (row >> 3)) >> <u8>(row & 7)) & 1));
  addNumbers(column, numbers, 2, valid, rows);
}
