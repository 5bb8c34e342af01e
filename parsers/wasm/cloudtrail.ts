/**
 * Reads plain CloudTrail records into columns: compact JSON, known keys, strings without escapes. Nearly all records of
 * S3 are plain; at any other one this stops, and TypeScript reads it (json-scanner.ts, cloudtrail-row.ts).
 *
 * AssemblyScript, compiled to WebAssembly, as access-log.ts beside it. parsers/record-kernel.ts is its one caller.
 */
import { closeBrace, closeBracket, colon, comma, openBrace, openBracket, quote } from './bytes';
import { batchIsFull, batchRows, cutOff, ended, notPlain, windowBytes } from './kernel';
import { addBucket, clearBuckets } from './buckets';
import { childOf, entryOf, forgetUnknown, keySize, slotAt, unknownKeyEnd } from './json-fields';
import { fail, failedAt, numberEnd, stringEnd } from './json-text';
import { beginRows, writeRow, writeText } from './record-row';
import { elementSlotsEnd, firstEnvelopeSlot, resourcesSlot, setting } from './record-settings';
import { prepareMasks, row } from './row';
import { mayBeSecretKey } from './secret-names';
import {
  clearKinds,
  kindAbsent,
  kindArray,
  kindFalse,
  kindNull,
  kindNumber,
  kindObject,
  kindOf,
  kindText,
  kindTrue,
  setValue,
} from './slots';

export { learn, lesson, serial } from './callers';
export { children, followers, keys, keySizes, levels } from './json-fields';
export {
  booleanCount,
  booleans,
  choiceCount,
  choices,
  integerCount,
  integers,
  maxTimeUs,
  maybeNothing,
  minTimeUs,
  nextNumber,
  uri,
} from './record-row';
export { settings } from './record-settings';
export { batch, places, row, shift, side, sideBase, sideBytes } from './row';

// What parsers/record-kernel.ts writes and reads.

/** Bytes around the records that can be read. */
const margin = 64;
/** The records, and where they end; behind them are zeros. */
export const window: usize = memory.data(windowBytes + 2 * margin, 16) + margin;
let stop: usize = 0;
/** Where the next record begins. */
export let at: usize = 0;
/** The longest record, in bytes. */
export let maxBytes: usize = 0;
/** By slot: the kind of value that becomes a view as it lies there, 0 for any. */
export const plainKinds: usize = memory.data(160, 16);
/** By slot: the column that has its text and no other's, or -1. */
export const columns: usize = memory.data(160, 16);

const rootLevel = 0;
/** Values in values in values, as far as anybody has seen. */
const maxDepth = 16;

/** `,{` */
const nextRecord: u32 = 0x7b2c;

/** The first address that is free for batches. */
export function freeMemory(): usize {
  prepareMasks();
  return (__heap_base + 15) & ~15;
}

/** Says that `length` bytes were put into the window. */
export function index(length: i32): void {
  stop = window + length;
  memory.fill(stop, 0, margin);
}

/** Reads records from `at` on, with a comma between each two, and says why it stopped there. */
export function read(): i32 {
  beginRows();
  while (true) {
    if (row === batchRows) return batchIsFull;
    const end = readRecord(at);
    if (end === 0) return failedAt + margin >= stop ? cutOff : notPlain;
    at = end;
    if (load<u16>(end) !== nextRecord) return ended;
    at = end + 1;
  }
}

/** Reads the record at `start` and returns its end; 0 when it is not plain. */
function readRecord(start: usize): usize {
  clearKinds();
  clearBuckets();
  forgetUnknown();
  const end = object(start + 1, rootLevel);
  if (end === 0) return 0;
  if (end - start > maxBytes || !writeRow()) return fail(start);
  return end;
}

/** Reads the object whose first byte after `{` is at `from`, and returns the end behind its `}`. */
function object(from: usize, level: i32): usize {
  if (load<u8>(from) === closeBrace) return from + 1;
  let at = from;
  let previous = entryOf(level);
  while (true) {
    if (load<u8>(at) !== quote) return fail(at);
    const slot = slotAt(at + 1, level, previous);
    if (slot < 0) {
      // An unknown key of the record is a column.
      if (level === rootLevel) return fail(at);
      const end = unknownKeyEnd(at + 1);
      at = end === 0 ? 0 : value(end + 2, 1);
      previous = entryOf(level) + 1;
    } else {
      at = member(at + keySize(slot) + 3, slot, level);
      previous = slot;
    }
    if (at === 0) return 0;
    const next = <u32>load<u8>(at);
    if (next === closeBrace) return at + 1;
    if (next !== comma) return fail(at);
    at++;
  }
}

/** Reads the value of a slot, and returns its end. */
function member(at: usize, slot: i32, level: i32): usize {
  if (kindOf(slot) !== kindAbsent || slot >= setting(firstEnvelopeSlot)) return fail(at);
  const first = <u32>load<u8>(at);
  let kind = kindText;
  let from = at;
  let to: usize = 0;
  let end: usize = 0;
  if (first === quote) {
    from = at + 1;
    to = stringEnd(from);
    end = to === 0 ? 0 : to + 1;
  } else {
    kind = kindAt(first);
    if (kind === kindObject) {
      const child = childOf(slot);
      end = child >= 0 ? object(at + 1, child) : level === rootLevel ? fail(at) : value(at, 1);
    } else if (kind === kindArray) {
      end = slot === setting(resourcesSlot) ? list(at + 1) : level === rootLevel ? fail(at) : value(at, 1);
    } else {
      end = scalar(at);
    }
    to = end;
  }
  if (end === 0) return 0;
  const plain = load<u8>(plainKinds + <usize>slot);
  if (plain !== kindAbsent && kind !== plain && kind !== kindNull) return fail(at);
  setValue(slot, kind, from, to);
  const column = <i32>load<i8>(columns + <usize>slot);
  return column < 0 || kind === kindNull || writeText(column, from, to) ? end : fail(at);
}

/** Reads the list of resources, and remembers its buckets. */
function list(from: usize): usize {
  if (load<u8>(from) === closeBracket) return from + 1;
  let at = from;
  const level = childOf(setting(resourcesSlot));
  while (true) {
    if (load<u8>(at) !== openBrace) return fail(at);
    at = object(at + 1, level);
    if (at === 0) return 0;
    if (!addBucket(setting(resourcesSlot), setting(elementSlotsEnd))) return fail(at);
    const next = <u32>load<u8>(at);
    if (next === closeBracket) return at + 1;
    if (next !== comma) return fail(at);
    at++;
  }
}

/** Reads a value of which nothing is wanted, and returns its end; `depth` is how many such values it is in, itself included. */
function value(at: usize, depth: i32): usize {
  const first = <u32>load<u8>(at);
  const isObject = first === openBrace;
  if (!isObject && first !== openBracket) return scalar(at);
  if (depth > maxDepth) return fail(at);
  const close = isObject ? closeBrace : closeBracket;
  let next = at + 1;
  if (load<u8>(next) === close) return next + 1;
  while (true) {
    if (isObject) {
      if (load<u8>(next) !== quote) return fail(next);
      const end = stringEnd(next + 1);
      if (end === 0) return 0;
      if (load<u8>(end + 1) !== colon || mayBeSecretKey(end)) return fail(end);
      next = end + 2;
    }
    next = value(next, depth + 1);
    if (next === 0) return 0;
    if (load<u8>(next) === close) return next + 1;
    if (load<u8>(next) !== comma) return fail(next);
    next++;
  }
}

/** Reads a string, a number or a word, and returns its end. */
function scalar(at: usize): usize {
  const first = <u32>load<u8>(at);
  if (first === quote) {
    const close = stringEnd(at + 1);
    return close === 0 ? 0 : close + 1;
  }
  const word = load<u32>(at);
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4; // true, null
  if (word === 0x736c6166 && load<u8>(at + 4) === 0x65) return at + 5; // false
  return numberEnd(at);
}

/** The kind of a value that is no string, from its first byte. */
function kindAt(first: u32): i32 {
  if (first === openBrace) return kindObject;
  if (first === openBracket) return kindArray;
  if (first === 0x74) return kindTrue;
  if (first === 0x66) return kindFalse;
  return first === 0x6e ? kindNull : kindNumber;
}
