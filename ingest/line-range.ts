/**
 * A large access log is read by all threads at once, a range of bytes each. A line belongs to the range that it begins
 * in. Its number is known before it is parsed: each reader counts the lines of its range, tells the others, and waits
 * for the ranges before it, which are always being read or done, because ranges are handed out in order.
 */
import type { ObjectBody } from './source.js';

export interface LineRange {
  /** The bytes of the object from `from` up to `to`, not included. */
  readonly from: number;
  readonly to: number;
  readonly index: number;
  /** Lines of each range plus one, 0 while unknown; shared by all readers of the object. */
  readonly counts: SharedArrayBuffer;
}

export interface RangeBytes {
  readonly block: Buffer;
  /** The whole lines of the range lie in `block[start, end)`; `block[0]` is the byte at `range.from - 1`, or at 0. */
  readonly start: number;
  readonly end: number;
  /** Lines of the object before them. */
  readonly line: number;
}

const lineFeed = 10;
const readAheadBytes = 64 << 10;

/** Reads the lines of a range. `body` was opened at `range.from - 1`, or at 0 for the first range. */
export async function readLineRange(
  body: ObjectBody,
  range: LineRange,
  takeBlock: (bytes: number) => Buffer,
): Promise<RangeBytes> {
  const lead = range.from > 0 ? 1 : 0;
  const wanted = range.to - range.from + lead;
  const block = takeBlock(wanted + readAheadBytes);
  try {
    const filled = await fill(body, block, 0, wanted);
    const first = lead === 0 ? 0 : block.subarray(0, filled).indexOf(lineFeed) + 1;
    const nothingBegins = (lead > 0 && first === 0) || first >= wanted;
    if (nothingBegins) return { block, start: 0, end: 0, line: countLines(range, 0) };
    const whole = await readToLineEnd(body, block, filled, takeBlock);
    const lines = linesIn(whole.block, first, whole.end);
    return { block: whole.block, start: first, end: whole.end, line: countLines(range, lines) };
  } catch (error) {
    countLines(range, 0);
    throw error;
  }
}

/** Goes on to the end of the line that is open at the end of the range. */
async function readToLineEnd(
  body: ObjectBody,
  block: Buffer,
  filled: number,
  takeBlock: (bytes: number) => Buffer,
): Promise<{ block: Buffer; end: number }> {
  for (let end = filled; block[end - 1] !== lineFeed;) {
    if (block.length - end < readAheadBytes) {
      const larger = takeBlock(block.length * 2);
      block.copy(larger, 0, 0, end);
      block = larger;
    }
    const next = await fill(body, block, end, end + readAheadBytes);
    const found = block.subarray(end, next).indexOf(lineFeed);
    if (found >= 0) return { block, end: end + found + 1 };
    if (next === end) return { block, end };
    end = next;
    filled = end;
  }
  return { block, end: filled };
}

async function fill(body: ObjectBody, block: Buffer, from: number, to: number): Promise<number> {
  while (from < to) {
    const got = await body.read(block.subarray(from, to));
    if (got === 0) break;
    from += got;
  }
  return from;
}

function linesIn(block: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = block.indexOf(lineFeed, start); at >= 0 && at < end; at = block.indexOf(lineFeed, at + 1)) lines++;
  return lines;
}

/** Tells the others the lines of this range; answers the lines before it, which it waits for. */
function countLines({ index, counts }: LineRange, lines: number): number {
  const known = new Int32Array(counts);
  Atomics.store(known, index, lines + 1);
  Atomics.notify(known, index);
  let before = 0;
  for (let i = 0; i < index; i++) {
    Atomics.wait(known, i, 0);
    before += Atomics.load(known, i) - 1;
  }
  return before;
}
