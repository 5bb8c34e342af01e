/**
 * Texts that hardly repeat, one behind the other: nobody looks for them, and a page of them is written as soon as it is full,
 * while it is in the cache.
 */
import { known, rowsOf, streamOf, valuesOf } from './columns';
import { copyBytes, giveBack, take, takePower } from './memory';
import { deltas, mostNumberBytes } from './numbers';
import {
  deltaLengthByteArray,
  encoding,
  levels,
  packed,
  page,
  pageBytes,
  pageEnd,
  plain,
  recall,
  reserve,
  written,
} from './page';

/** A page is full with so many bytes of text, or so many texts. */
const fullBytes: u32 = 1 << 18;
const fullTexts: u32 = 1 << 14;
/** Before the texts there is room for what stands before them in the page: lengths of nine bytes at most, and a bit a row. */
const headRoom: usize = 192 << 10;

/** A stream: where its texts lie, the room for them, their bytes; … */
const bufferAt = 0;
const roomAt = 4;
const usedAt = 8;
/** … row and value of the first of them; pages that are finished, the first and the last. */
const rowAt = 12;
const valueAt = 16;
const pagesAt = 20;
const lastPageAt = 24;
/** The first row of the stream. */
const fromAt = 28;

/** A finished page: the next one, its compressed bytes, bytes, rows, encoding; what is compressed follows. */
const nextAt = 0;
const packedAt = 4;
const bytesAt = 8;
const rowsAt = 12;
const encodingAt = 16;
const pageHeadBytes: usize = 20;

/** Begins the stream of a column: all texts that come are in it. */
export function beginStream(column: i32): void {
  const stream = streamOf(column);
  const room = headRoom + <usize>fullBytes + (64 << 10);
  store<u32>(stream, <u32>takePower(room), bufferAt);
  store<u32>(stream, <u32>room, roomAt);
  store<u32>(stream, rowsOf(column), rowAt);
  store<u32>(stream, rowsOf(column), fromAt);
  store<u32>(stream, known(column), valueAt);
}

export function isStreamed(stream: usize): bool {
  return load<u32>(stream, bufferAt) !== 0;
}

export function streamedFrom(stream: usize): i32 {
  return load<i32>(stream, fromAt);
}

/** Writes the page if it is full. To be called before rows are added to the column. */
export function finishFullPage(column: i32): void {
  const stream = streamOf(column);
  if (load<u32>(stream, usedAt) >= fullBytes || <u32>known(column) - load<u32>(stream, valueAt) >= fullTexts)
    finishPage(column);
}

/** Where texts of so many bytes can be added. */
export function roomFor(stream: usize, bytes: usize): usize {
  const room = <usize>load<u32>(stream, roomAt);
  const end = headRoom + <usize>load<u32>(stream, usedAt);
  if (end + bytes > room) {
    let more = room << 1;
    while (end + bytes > more) more <<= 1;
    const buffer = takePower(more);
    memory.copy(buffer + headRoom, <usize>load<u32>(stream, bufferAt) + headRoom, end - headRoom);
    giveBack(<usize>load<u32>(stream, bufferAt), room);
    store<u32>(stream, <u32>buffer, bufferAt);
    store<u32>(stream, <u32>more, roomAt);
  }
  store<u32>(stream, <u32>(end + bytes - headRoom), usedAt);
  return <usize>load<u32>(stream, bufferAt) + end;
}

/** Makes the next page of the stream the last one that was written, and returns its compressed bytes. */
export function nextStreamedPage(column: i32): i32 {
  const stream = streamOf(column);
  if (load<u32>(stream, pagesAt) === 0) finishPage(column);
  const at = <usize>load<u32>(stream, pagesAt);
  store<u32>(stream, load<u32>(at, nextAt), pagesAt);
  recall(at + pageHeadBytes, load<i32>(at, bytesAt), load<i32>(at, rowsAt), load<i32>(at, encodingAt));
  return load<i32>(at, packedAt);
}

function finishPage(column: i32): void {
  const stream = streamOf(column);
  const firstRow = load<i32>(stream, rowAt);
  const firstValue = load<i32>(stream, valueAt);
  const rows = rowsOf(column) - firstRow;
  const count = known(column) - firstValue;
  const texts = <usize>load<u32>(stream, bufferAt) + headRoom;
  const bytes = <usize>load<u32>(stream, usedAt);
  reserve(bytes + mostNumberBytes(count) + <usize>rows + ((<usize>count) << 3));
  let head = levels(column, firstRow, rows, count);
  if (count > 0) head = deltas(widened(valuesOf(column) + ((<usize>firstValue) << 2), count), count, head);
  const from = texts - (head - page);
  memory.copy(from, page, head - page);
  keep(stream, written(from, texts + bytes, rows, count === 0 ? plain : deltaLengthByteArray), rows);
  store<u32>(stream, 0, usedAt);
  store<i32>(stream, firstRow + rows, rowAt);
  store<i32>(stream, firstValue + count, valueAt);
}

/** Lengths as numbers of 64 bits, at the end of the room of the page. */
function widened(lengths: usize, count: i32): usize {
  const to = (pageEnd - ((<usize>count) << 3)) & ~7;
  for (let i: usize = 0; i < <usize>count; i++) store<u64>(to + (i << 3), <u64>load<u32>(lengths + (i << 2)));
  return to;
}

/** Keeps the page that was written. */
function keep(stream: usize, packedBytes: i32, rows: i32): void {
  const at = take(pageHeadBytes + <usize>packedBytes);
  store<u32>(at, 0, nextAt);
  store<i32>(at, packedBytes, packedAt);
  store<i32>(at, pageBytes, bytesAt);
  store<i32>(at, rows, rowsAt);
  store<i32>(at, encoding, encodingAt);
  copyBytes(at + pageHeadBytes, packed, <usize>packedBytes);
  const last = <usize>load<u32>(stream, lastPageAt);
  if (load<u32>(stream, pagesAt) === 0) store<u32>(stream, <u32>at, pagesAt);
  else store<u32>(last, <u32>at, nextAt);
  store<u32>(stream, <u32>at, lastPageAt);
}
