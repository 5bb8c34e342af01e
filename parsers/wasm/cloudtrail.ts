/**
 * Reads plain CloudTrail records into columns: compact JSON, known keys, strings without escapes. Nearly all records of
 * S3 are plain; at any other one this stops, and TypeScript reads it (json-scanner.ts, cloudtrail-row.ts).
 *
 * AssemblyScript, compiled to WebAssembly, as access-log.ts beside it. parsers/record-kernel.ts is its one caller.
 */
import { addBucket, bucketCount, clearBuckets, owner } from './buckets';
import { setNetwork, setPrincipal } from './callers';
import { childOf, entryOf, forgetUnknown, keySize, slotAt, unknownKeyEnd } from './json-fields';
import { fail, failedAt, numberEnd, stringEnd } from './json-text';
import { numberOf, timeUsOf } from './numbers';
import { mayBeSecretKey } from './secret-names';
import { boolean, clearSide, copyView, int64, nextRow, prepareMasks, row, text } from './row';
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
  spanEnd,
  spanStart,
} from './slots';

export { learn, lesson, serial } from './callers';
export { children, followers, keys, keySizes, levels } from './json-fields';
export { batch, places, row, shift, side, sideBase, sideBytes } from './row';

// What parsers/record-kernel.ts writes and reads.

const windowBytes = 1 << 16;
/** Bytes around the records that can be read. */
const margin = 64;
/** The records, and where they end; behind them are zeros. */
export const window: usize = memory.data(windowBytes + 2 * margin, 16) + margin;
export let stop: usize = 0;
/** Where the next record begins. */
export let at: usize = 0;
/** The longest record, in bytes. */
export let maxRecordBytes: usize = 0;
/** The number of the next record in its object, and the 16 bytes of the view of the object's URI. */
export let position: f64 = 0;
export const uri: usize = memory.data(16, 16);
/** The times of the rows of a call. */
export let minTimeUs: f64 = 0;
export let maxTimeUs: f64 = 0;

/** By slot: the kind of value that becomes a view as it lies there, 0 for any. */
export const plainKinds: usize = memory.data(160, 16);
/** By slot: the column that has its text and no other's, or -1. */
export const columns: usize = memory.data(160, 16);
/** By column: 1 where a short text may mean that there is none. */
export const maybeNothing: usize = memory.data(80, 16);
/** Columns that have the text of the first of three slots that holds something: column and slots, -1 behind the last. */
export const choices: usize = memory.data(16 * 16, 16);
export let choiceCount: i32 = 0;
/** Columns and their slots. */
export const booleans: usize = memory.data(8 * 8, 16);
export let booleanCount: i32 = 0;
export const integers: usize = memory.data(8 * 8, 16);
export let integerCount: i32 = 0;
/** Single slots and columns, in the order of the constants below. */
export const settings: usize = memory.data(32 * 4, 16);
const eventTimeSlot = 0;
const creationDateSlot = 1;
const resourcesSlot = 2;
const bucketNameSlot = 3;
const eventTypeSlot = 4;
const firstEnvelopeSlot = 5;
const elementSlotsEnd = 6;
const eventTimeColumn = 7;
const creationDateColumn = 8;
const bucketAccountColumn = 9;
const logUriColumn = 10;
const logIndexColumn = 11;
const identityTypeSlot = 12;
const issuerSlot = 13;
const addressSlot = 14;
const principalColumn = 15;
const networkColumn = 16;

/** Why `records` stops. */
const ended = 0;
const notPlain = 1;
const batchIsFull = 2;
const cutOff = 3;

const batchRows = 2048;
const rootLevel = 0;
/** Values in values in values, as far as anybody has seen. */
const maxDepth = 16;
/** Texts that may mean that there is none are no longer. */
const maxNothingBytes: usize = 4;

const quote: u32 = 0x22;
const comma: u32 = 0x2c;
const colon: u32 = 0x3a;
const openBracket: u32 = 0x5b;
const closeBracket: u32 = 0x5d;
const openBrace: u32 = 0x7b;
const closeBrace: u32 = 0x7d;
/** `,{` */
const nextRecord: u32 = 0x7b2c;

/** The first address that is free for batches. */
export function freeMemory(): usize {
  prepareMasks();
  return (__heap_base + 15) & ~15;
}

/** Reads records from `at` on, with a comma between each two, and says why it stopped there. */
export function records(): i32 {
  clearSide();
  minTimeUs = Infinity;
  maxTimeUs = -Infinity;
  while (true) {
    if (row === batchRows) return batchIsFull;
    const end = readRecord(at);
    if (end === 0) return failedAt + margin >= stop ? cutOff : notPlain;
    nextRow();
    position++;
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
  if (end - start > maxRecordBytes || !writeRow()) return fail(start);
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

/** Writes the record that was read as a row; false when it is not plain after all. */
function writeRow(): bool {
  if (!isOrdinary()) return false;
  const time = timeOf(setting(eventTimeSlot));
  if (time === i64.MIN_VALUE) return false;
  int64(setting(eventTimeColumn), time);
  if (!writeCreationDate() || !writeBucketAccount()) return false;
  for (let i: usize = 0; i < <usize>choiceCount; i++) if (!writeChoice(choices + (i << 4))) return false;
  for (let i: usize = 0; i < <usize>booleanCount; i++) if (!writeBoolean(booleans + (i << 3))) return false;
  for (let i: usize = 0; i < <usize>integerCount; i++) if (!writeInteger(integers + (i << 3))) return false;
  writeCaller();
  copyView(setting(logUriColumn), uri);
  int64(setting(logIndexColumn), <i64>position);
  minTimeUs = min(minTimeUs, <f64>time);
  maxTimeUs = max(maxTimeUs, <f64>time);
  return true;
}

/** Insights and aggregated events are not rows; the names of their types have 20 and 18 bytes. */
function isOrdinary(): bool {
  const slot = setting(eventTypeSlot);
  if (kindOf(slot) !== kindText) return true;
  const length = spanEnd(slot) - spanStart(slot);
  return length !== 20 && length !== 18;
}

function writeCreationDate(): bool {
  const slot = setting(creationDateSlot);
  if (kindOf(slot) === kindAbsent) return true;
  const time = timeOf(slot);
  if (time === i64.MIN_VALUE) return false;
  int64(setting(creationDateColumn), time);
  return true;
}

/** Names the caller and its network if they are known. The issuer alone names a role, which nearly every caller is. */
function writeCaller(): void {
  const type = setting(identityTypeSlot);
  const issuer = setting(issuerSlot);
  if (kindOf(issuer) === kindText && kindOf(type) === kindText && isAssumedRole(spanStart(type), spanEnd(type)))
    setPrincipal(setting(principalColumn), spanStart(issuer), spanEnd(issuer));
  const address = setting(addressSlot);
  if (kindOf(address) === kindText) setNetwork(setting(networkColumn), spanStart(address), spanEnd(address));
}

/** AssumedRole */
function isAssumedRole(from: usize, to: usize): bool {
  return to - from === 11 && load<u64>(from) === 0x5264656d75737341 && load<u32>(from + 7) === 0x656c6f52;
}

/** Microseconds since 1970 of a slot; the least number for anything but `2026-07-01T12:34:56Z`. */
function timeOf(slot: i32): i64 {
  return kindOf(slot) === kindText ? timeUsOf(spanStart(slot), spanEnd(slot)) : i64.MIN_VALUE;
}

/** The owner of the bucket is that of the resource of its name. A bucket that only the resources name is left to TypeScript. */
function writeBucketAccount(): bool {
  const slot = setting(bucketNameSlot);
  const kind = kindOf(slot);
  if (kind !== kindText) return bucketCount === 0;
  const from = spanStart(slot);
  const to = spanEnd(slot);
  if (from === to) return false;
  const account = owner(from, to);
  if (account !== 0 && load<u32>(account) < load<u32>(account, 4))
    text(setting(bucketAccountColumn), <usize>load<u32>(account), <usize>load<u32>(account, 4));
  return true;
}

/** Writes the column of a choice; its slots hold text or nothing. */
function writeChoice(choice: usize): bool {
  for (let i: usize = 4; i < 16; i += 4) {
    const slot = load<i32>(choice + i);
    if (slot < 0) return true;
    const kind = kindOf(slot);
    if (kind === kindAbsent || kind === kindNull) continue;
    return kind === kindText && writeText(load<i32>(choice), spanStart(slot), spanEnd(slot));
  }
  return true;
}

/** Writes a text column; false when the text may mean that there is none. */
function writeText(column: i32, from: usize, to: usize): bool {
  if (to - from <= maxNothingBytes && load<u8>(maybeNothing + <usize>column) !== 0) return false;
  text(column, from, to);
  return true;
}

function writeBoolean(source: usize): bool {
  const slot = load<i32>(source, 4);
  const kind = kindOf(slot);
  if (kind === kindAbsent || kind === kindNull) return true;
  if (kind === kindTrue || kind === kindFalse) {
    boolean(load<i32>(source), kind === kindTrue);
    return true;
  }
  if (kind !== kindText) return false;
  const from = spanStart(slot);
  const length = spanEnd(slot) - from;
  const isTrue = length === 4 && load<u32>(from) === 0x65757274;
  if (!isTrue && !(length === 5 && load<u32>(from) === 0x736c6166 && load<u8>(from + 4) === 0x65)) return false;
  boolean(load<i32>(source), isTrue);
  return true;
}

/** Writes whole numbers, which CloudTrail logs as `243.0`. */
function writeInteger(source: usize): bool {
  const slot = load<i32>(source, 4);
  const kind = kindOf(slot);
  if (kind === kindAbsent || kind === kindNull) return true;
  if (kind !== kindNumber) return false;
  const from = spanStart(slot);
  let to = spanEnd(slot);
  // .0
  if (to - from > 2 && load<u16>(to - 2) === 0x302e) to -= 2;
  const value = numberOf(from, to);
  if (value < 0) return false;
  int64(load<i32>(source), value);
  return true;
}

function setting(index: i32): i32 {
  return load<i32>(settings + ((<usize>index) << 2));
}
