/**
 * The texts of a column: each distinct one once, and which of them every row has. A text that is not found again is only
 * there twice, so looking for it may be given up: after a few steps, and for a column whose texts hardly repeat.
 */
import { hashOf, isSame } from '../../parsers/wasm/same-bytes';
import { copyBytes, giveBack, take, takePower } from './memory';
import { beginEnds, endBytes, widenEnds } from './text-ends';

/** Steps that a search takes; texts of an attacker that all lead to one place cost no more. */
const maxSteps = 24;
/** A column of which so many texts were read, nine of ten new, is not looked through any more. */
const fewTexts: u32 = 4096;
const segmentBytes: usize = 1 << 14;

/** What is kept of a column's texts; without slots they are not searched any more. */
const entriesAt = 0;
const countAt = 4;
const capacityAt = 8;
const slotsAt = 12;
const maskAt = 16;
const segmentAt = 20;
const segmentEndAt = 24;
const bytesAt = 28;
const readAt = 32;
/** The first and the last of them. */
const firstAt = 40;
const lastAt = firstAt + endBytes;

/** An entry: address, length, hash. */
const entryShift: usize = 4;

/** The texts of a batch, looked for together: address, length, hash, and 1 for what is the same as the one before it. */
const sought = memory.data(2048 * 16, 16);
const soughtShift: usize = 4;

/** With so many texts not all that a search touches is in the cache. */
const manyTexts: u32 = 1024;

export function prepareTexts(texts: usize): void {
  const capacity: u32 = 256;
  store<u32>(texts, <u32>takePower((<usize>capacity) << entryShift), entriesAt);
  store<u32>(texts, 0, countAt);
  store<u32>(texts, capacity, capacityAt);
  store<u32>(texts, 0, segmentAt);
  store<u32>(texts, 0, segmentEndAt);
  store<u32>(texts, 0, bytesAt);
  store<u32>(texts, 0, readAt);
  takeSlots(texts, capacity << 1);
}

export function distinctTexts(texts: usize): u32 {
  return load<u32>(texts, countAt);
}

/** Bytes of all distinct texts. */
export function bytesOfTexts(texts: usize): usize {
  return <usize>load<u32>(texts, bytesAt);
}

export function firstOf(texts: usize): usize {
  return texts + firstAt;
}

export function lastOf(texts: usize): usize {
  return texts + lastAt;
}

export function addressOf(texts: usize, index: u32): usize {
  return <usize>load<u32>(entryOf(texts, index));
}

export function lengthOf(texts: usize, index: u32): usize {
  return <usize>load<u32>(entryOf(texts, index), 4);
}

/** Says what the next text of a batch is. */
export function seek(place: usize, from: usize, length: u32): void {
  const at = sought + (place << soughtShift);
  store<u32>(at, <u32>from);
  store<u32>(at, length, 4);
}

/** What was said of a text: where it is, … */
export function textSought(place: usize): usize {
  return <usize>load<u32>(sought + (place << soughtShift));
}

/** … and its length. */
export function lengthSought(place: usize): usize {
  return <usize>load<u32>(sought + (place << soughtShift), 4);
}

/** Puts the indices of the `count` texts at `to`; texts are added if they were not found. */
export function indexTexts(texts: usize, count: usize, to: usize): void {
  hashTexts(count);
  if (load<u32>(texts, countAt) >= manyTexts) fetchEntries(texts, count);
  let last: u32 = 0;
  for (let place: usize = 0; place < count; place++) {
    const at = sought + (place << soughtShift);
    if (load<u32>(at, 12) === 0) last = indexOf(texts, <usize>load<u32>(at), <usize>load<u32>(at, 4), load<u32>(at, 8));
    store<u32>(to + (place << 2), last);
  }
  judge(texts, <u32>count);
}

/** Rows that follow each other often have the same text. */
function hashTexts(count: usize): void {
  let before: usize = 0;
  let lengthBefore: u32 = u32.MAX_VALUE;
  for (let at = sought, end = sought + (count << soughtShift); at < end; at += (<usize>1) << soughtShift) {
    const from = <usize>load<u32>(at);
    const length = load<u32>(at, 4);
    const isRepeat = length === lengthBefore && isSame(before, from, <usize>length);
    store<u32>(at, isRepeat ? 1 : 0, 12);
    if (!isRepeat) store<u32>(at, <u32>(hashOf(from, <usize>length) >> 32), 8);
    before = from;
    lengthBefore = length;
  }
}

/** What was read by `fetchEntries`, so that it is not left out. */
export let fetched: u32 = 0;

/** Reads what the search will read, and does nothing with it: the cache gets many at a time so, and one by one from the search. */
function fetchEntries(texts: usize, count: usize): void {
  const slots = <usize>load<u32>(texts, slotsAt);
  const mask = load<u32>(texts, maskAt);
  const entries = <usize>load<u32>(texts, entriesAt);
  let sum: u32 = 0;
  for (let at = sought, end = sought + (count << soughtShift); at < end; at += (<usize>1) << soughtShift) {
    const index = load<u32>(slots + ((<usize>(load<u32>(at, 8) & mask)) << 2));
    const entry = entries + ((<usize>(index - (index === 0 ? 0 : 1))) << entryShift);
    sum += load<u8>(<usize>load<u32>(entry));
  }
  fetched = sum;
}

/** Gives up the search when it finds nothing. */
function judge(texts: usize, read: u32): void {
  const total = load<u32>(texts, readAt) + read;
  store<u32>(texts, total, readAt);
  if (total < fewTexts || load<u32>(texts, countAt) <= total - total / 10) return;
  giveSlotsBack(texts);
}

/** False when the search was given up: the texts that come are no business of this file. */
export function isSearched(texts: usize): bool {
  return load<u32>(texts, slotsAt) !== 0;
}

/** The index of a text, which is added if it was not found. */
function indexOf(texts: usize, from: usize, length: usize, hash: u32): u32 {
  const slots = <usize>load<u32>(texts, slotsAt);
  const mask = load<u32>(texts, maskAt);
  const entries = <usize>load<u32>(texts, entriesAt);
  let slot = hash & mask;
  for (let step = 0; step < maxSteps; step++) {
    const index = load<u32>(slots + ((<usize>slot) << 2));
    if (index === 0) {
      store<u32>(slots + ((<usize>slot) << 2), load<u32>(texts, countAt) + 1);
      return add(texts, from, length, hash);
    }
    const entry = entries + ((<usize>(index - 1)) << entryShift);
    if (
      load<u32>(entry, 8) === hash &&
      load<u32>(entry, 4) === <u32>length &&
      isSame(<usize>load<u32>(entry), from, length)
    )
      return index - 1;
    slot = (slot + 1) & mask;
  }
  return add(texts, from, length, hash);
}

function entryOf(texts: usize, index: u32): usize {
  return <usize>load<u32>(texts, entriesAt) + ((<usize>index) << entryShift);
}

function add(texts: usize, from: usize, length: usize, hash: u32): u32 {
  const index = load<u32>(texts, countAt);
  const entry = entryOf(texts, index);
  const at = room(texts, length);
  copyBytes(at, from, length);
  if (index === 0) beginEnds(firstOf(texts), lastOf(texts), at, length);
  else widen(texts, at, length);
  store<u32>(entry, <u32>at);
  store<u32>(entry, <u32>length, 4);
  store<u32>(entry, hash, 8);
  store<u32>(texts, index + 1, countAt);
  store<u32>(texts, load<u32>(texts, bytesAt) + <u32>length, bytesAt);
  if (index + 1 === load<u32>(texts, capacityAt)) grow(texts);
  return index;
}

/** Sees to it that a text is between the first and the last one. */
export function widen(texts: usize, text: usize, length: usize): void {
  widenEnds(firstOf(texts), lastOf(texts), text, length);
}

/** Memory for a text; what is copied there may write up to 15 bytes behind it. */
function room(texts: usize, length: usize): usize {
  if (length > segmentBytes / 4) return take(length);
  let at = <usize>load<u32>(texts, segmentAt);
  if (at + length > <usize>load<u32>(texts, segmentEndAt)) {
    at = take(segmentBytes);
    store<u32>(texts, <u32>(at + segmentBytes), segmentEndAt);
  }
  store<u32>(texts, <u32>(at + length), segmentAt);
  return at;
}

/** Makes room for twice the entries, which are full. */
function grow(texts: usize): void {
  const count = load<u32>(texts, countAt);
  const before = <usize>load<u32>(texts, entriesAt);
  const entries = takePower((<usize>count) << (entryShift + 1));
  memory.copy(entries, before, (<usize>count) << entryShift);
  giveBack(before, (<usize>count) << entryShift);
  store<u32>(texts, <u32>entries, entriesAt);
  store<u32>(texts, count << 1, capacityAt);
  giveSlotsBack(texts);
  takeSlots(texts, count << 2);
}

function giveSlotsBack(texts: usize): void {
  giveBack(<usize>load<u32>(texts, slotsAt), (<usize>load<u32>(texts, maskAt) + 1) << 2);
  store<u32>(texts, 0, slotsAt);
}

/** Slots for twice the entries that there is room for, and the entries in them. */
function takeSlots(texts: usize, count: u32): void {
  const slots = takePower((<usize>count) << 2);
  const mask = count - 1;
  memory.fill(slots, 0, (<usize>count) << 2);
  store<u32>(texts, <u32>slots, slotsAt);
  store<u32>(texts, mask, maskAt);
  for (let index: u32 = 0; index < load<u32>(texts, countAt); index++) {
    let slot = load<u32>(entryOf(texts, index), 8) & mask;
    for (let step = 0; step < maxSteps; step++) {
      const at = slots + ((<usize>slot) << 2);
      if (load<u32>(at) === 0) {
        store<u32>(at, index + 1);
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
}
