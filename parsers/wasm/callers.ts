/**
 * The names of callers that were met before, by the bytes that lead to them: what parsers/caller-columns.ts works out once,
 * this sets in all later rows. A name that is pushed out by another costs time only: its rows are left to TypeScript.
 */
import { dot, slash } from './bytes';
import { addToSide, copyView, hasRoom, sideEnd } from './row';
import { hashOf, isSame } from './same-bytes';

/** What a key is: a whole requester, a role whose session follows behind a slash, what is known of nobody, a network, … */
const wholeRequester = 1;
const roleOfSession = 2;
const noRequester = 3;
const networkOfAddress = 4;
/** … and what alone names another account, an origin access of CloudFront, or a service. */
export const otherAccount = 5;
export const cloudFront = 6;
export const service = 7;

/** The bytes that a key and a text may have; longer names are not kept. */
const room = 128;
/** A name: kind (0 in an empty slot), length of the key and of the text, batch that the text is in (0 for none), view, key, text. */
const viewAt = 16;
const keyAt = 32;
const textAt = keyAt + room;
const nameBytes = textAt + room;
/** A name is in one of the two slots of a pair. */
const pairs = 2048;
const names = memory.data(2 * pairs * nameBytes, 16);

/** The key of a name to learn and, behind `room` bytes, its text. */
export const lesson: usize = memory.data(2 * room, 16);
const nobody = memory.data(16, 16);
/** The batch: another one has none of the texts. */
export let serial: u32 = 0;

/** Learns the name in `lesson`. */
export function learn(kind: i32, keyLength: i32, textLength: i32): void {
  let name = find(kind, lesson, keyLength);
  if (name === 0) {
    const pair = pairOf(kind, lesson, keyLength);
    name = load<i32>(pair) === 0 || (serial & 1) === 0 ? pair : pair + nameBytes;
  }
  store<i32>(name, kind);
  store<i32>(name, keyLength, 4);
  store<i32>(name, textLength, 8);
  store<u32>(name, 0, 12);
  memory.copy(name + keyAt, lesson, keyLength);
  memory.copy(name + textAt, lesson + room, textLength);
  memory.fill(name + viewAt, 0, 16);
  store<i32>(name + viewAt, textLength);
  memory.copy(name + viewAt + 4, lesson + room, textLength > 12 ? 4 : textLength);
}

/** Sets the principal of a requester, if its name is known. */
export function setPrincipal(place: i32, from: usize, to: usize): void {
  const end = endOfRole(from, to);
  set(place, end < to ? roleOfSession : wholeRequester, from, <i32>(end - from));
}

/** Sets the principal of an account or a service, if its name is known. */
export function setOther(place: i32, kind: i32, from: usize, to: usize): void {
  set(place, kind, from, <i32>(to - from));
}

/** Sets the network of an address, if its name is known. */
export function setNetwork(place: i32, from: usize, to: usize): void {
  set(place, networkOfAddress, from, <i32>(endOfNetwork(from, to) - from));
}

/** Sets the principal of a request without requester, if its name is known. */
export function setNobody(place: i32, isOfS3: bool, isAuthenticated: bool): void {
  store<u8>(nobody, <u8>(<i32>isOfS3 | ((<i32>isAuthenticated) << 1)));
  set(place, noRequester, nobody, 1);
}

function set(place: i32, kind: i32, from: usize, length: i32): void {
  const name: usize = length > room ? 0 : find(kind, from, length);
  if (name === 0) return;
  const textLength = load<i32>(name, 8);
  if (textLength > 12 && load<u32>(name, 12) !== serial) {
    if (!hasRoom(textLength)) return;
    memory.copy(sideEnd(), name + textAt, textLength);
    store<i32>(name + viewAt, 1, 8);
    store<i32>(name + viewAt, addToSide(textLength), 12);
    store<u32>(name, serial, 12);
  }
  copyView(place, name + viewAt);
}

/** The name that a key leads to; 0 when it is not known. */
function find(kind: i32, from: usize, length: i32): usize {
  const pair = pairOf(kind, from, length);
  if (isOf(pair, kind, from, length)) return pair;
  return isOf(pair + nameBytes, kind, from, length) ? pair + nameBytes : 0;
}

function isOf(name: usize, kind: i32, from: usize, length: i32): bool {
  return load<i32>(name) === kind && load<i32>(name, 4) === length && isSame(name + keyAt, from, <usize>length);
}

function pairOf(kind: i32, from: usize, length: i32): usize {
  const hash = (hashOf(from, <usize>length) >> 40) + <u64>kind;
  return names + <usize>(hash & (pairs - 1)) * 2 * nameBytes;
}

/** The end of what names the caller, as `endOfRole` in parsers/caller-columns.ts. */
function endOfRole(from: usize, to: usize): usize {
  let first: usize = 0;
  for (let at = from; at < to; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(<i8>slash)));
    while (found !== 0) {
      const place = at + <usize>ctz(found);
      if (place >= to) return to;
      if (first !== 0) return place;
      // -role/ of assumed-role/, and not :role/ or :user/, where everything counts.
      if (load<u16>(place - 5) !== 0x722d) return to;
      first = place;
      found &= found - 1;
    }
  }
  return to;
}

/** The end of what decides the network, as `endOfNetwork` in parsers/caller-columns.ts. */
function endOfNetwork(from: usize, to: usize): usize {
  const length = to - from;
  if (length > 15) return to;
  const bytes = v128.load(from);
  const inside = (1 << (<i32>length)) - 1;
  const dots = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(<i8>dot))) & inside;
  const digits = i8x16.bitmask(i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(9))) & inside;
  if ((dots | digits) !== inside || popcnt(dots) !== 3) return to;
  const last = from + <usize>(31 - clz(dots));
  return last < to - 1 ? last + 1 : to;
}
