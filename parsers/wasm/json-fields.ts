/** The keys that are looked for, as parsers/json-fields.ts has them: it fills the tables, and its words are used here. */
import { fail, stringEnd } from './json-text';
import { mayBeSecretKey } from './secret-names';

const maxSlots = 160;
const maxLevels = 20;
const keyRoom: usize = 64;
const tableSlots = 256;
const levelBytes: usize = 8 + tableSlots * 2;

/** By slot: the key with `":` behind it, the bytes of the key, the level of the objects that it holds or -1. */
export const keys: usize = memory.data(maxSlots * 64, 16);
export const keySizes: usize = memory.data(maxSlots, 16);
export const children: usize = memory.data(maxSlots, 16);
/** By level: multiplier, entry, and the slots by hash. */
export const levels: usize = memory.data(maxLevels * (8 + 256 * 2), 16);
/** By slot, and by entry of a level: the slot that came next the last time, or -1. */
export const followers: usize = memory.data((maxSlots + 2 * maxLevels) * 2, 16);

/** The bytes of a key of a slot. */
export function keySize(slot: i32): usize {
  return <usize>load<u8>(keySizes + <usize>slot);
}

/** The level of the objects of a slot; negative when nothing in them is wanted. */
export function childOf(slot: i32): i32 {
  return <i32>load<i8>(children + <usize>slot);
}

/** What the first key of an object follows; one more is what a key follows that comes after an unknown one. */
export function entryOf(level: i32): i32 {
  return load<i32>(levels + <usize>level * levelBytes, 4);
}

/** The slot of the key at `at`, which must be followed by a colon; `previous` is the one before. -1 when it is unknown. */
export function slotAt(at: usize, level: i32, previous: i32): i32 {
  const follower = followers + ((<usize>previous) << 1);
  const guess = <i32>load<i16>(follower);
  if (guess >= 0 && isKey(guess, at)) return guess;
  const slot = find(at, level);
  if (slot >= 0) store<i16>(follower, <i16>slot);
  return slot;
}

function find(at: usize, level: i32): i32 {
  const end = stringEnd(at);
  if (end === 0) return -1;
  const length = end - at;
  if (length < 3 || length > keyRoom - 4) return -1;
  const table = levels + <usize>level * levelBytes;
  const mixed =
    <u32>length ^ ((<u32>load<u8>(at)) << 5) ^ ((<u32>load<u8>(end - 1)) << 12) ^ ((<u32>load<u8>(end - 3)) << 19);
  const slot = <i32>load<i16>(table + 8 + ((<usize>((mixed * load<u32>(table)) >> 24)) << 1));
  return slot >= 0 && isKey(slot, at) ? slot : -1;
}

/** Whether the key of a slot, its closing quote and a colon are at `at`. */
function isKey(slot: i32, at: usize): bool {
  const key = keys + <usize>slot * keyRoom;
  const length = keySize(slot) + 2;
  for (let i: usize = 0; i < length; i += 16) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(key + i), v128.load(at + i)));
    const left = length - i;
    if (left >= 16 ? same !== 0xffff : (same | (0xffff << (<i32>left))) !== ((0xffff << (<i32>left)) | 0xffff))
      return false;
  }
  return true;
}

const maxUnknown = 8;
const unknown = memory.data(maxUnknown * 8, 16);
let unknownCount = 0;

/** Forgets the unknown keys of a record. */
export function forgetUnknown(): void {
  unknownCount = 0;
}

/** The end of the unknown key at `at`; 0 when it may mean something: a repetition in the record, a secret, one of many keys. */
export function unknownKeyEnd(at: usize): usize {
  const end = stringEnd(at);
  if (end === 0) return 0;
  const length = end - at;
  if (length === 0 || unknownCount === maxUnknown || load<u8>(end + 1) !== 0x3a) return fail(at);
  if (mayBeSecretKey(end)) return fail(at);
  for (let index = 0; index < unknownCount; index++) {
    const other = unknown + ((<usize>index) << 3);
    if (load<u32>(other, 4) === <u32>length && memory.compare(<usize>load<u32>(other), at, length) === 0)
      return fail(at);
  }
  store<u32>(unknown + ((<usize>unknownCount) << 3), <u32>at);
  store<u32>(unknown + ((<usize>unknownCount) << 3), <u32>length, 4);
  unknownCount++;
  return end;
}
