/** The first and the last text of a column in the order of their bytes, for the statistics. */
import { copyBytes, giveBack, takePower } from './memory';

/** An end: the beginning of its text as a number, address and length of a copy of it, bytes that there is room for. */
const addressAt = 8;
const lengthAt = 12;
const roomAt = 16;
export const endBytes = 24;
const leastRoom: usize = 256;

export function addressOfEnd(end: usize): usize {
  return <usize>load<u32>(end, addressAt);
}

export function lengthOfEnd(end: usize): usize {
  return <usize>load<u32>(end, lengthAt);
}

/** The first text of all is both ends. */
export function beginEnds(first: usize, last: usize, text: usize, length: usize): void {
  store<u32>(first, 0, roomAt);
  store<u32>(last, 0, roomAt);
  const beginning = wordAt(text, length);
  setEnd(first, text, length, beginning);
  setEnd(last, text, length, beginning);
}

/** Sees to it that a text is between the ends, or one of them. It is read while it is in the cache, and the beginning nearly always tells. */
export function widenEnds(first: usize, last: usize, text: usize, length: usize): void {
  const beginning = wordAt(text, length);
  if (beginning <= load<u64>(first)) {
    if (beginning < load<u64>(first) || isBefore(text, length, addressOfEnd(first), lengthOfEnd(first)))
      setEnd(first, text, length, beginning);
  }
  if (beginning >= load<u64>(last)) {
    if (beginning > load<u64>(last) || isBefore(addressOfEnd(last), lengthOfEnd(last), text, length))
      setEnd(last, text, length, beginning);
  }
}

function setEnd(end: usize, text: usize, length: usize, beginning: u64): void {
  reserveEnd(end, length);
  store<u64>(end, beginning);
  store<u32>(end, <u32>length, lengthAt);
  copyBytes(addressOfEnd(end), text, length);
}

function reserveEnd(end: usize, bytes: usize): void {
  const room = <usize>load<u32>(end, roomAt);
  if (bytes <= room) return;
  let more = max(leastRoom, room << 1);
  while (more < bytes) more <<= 1;
  if (room !== 0) giveBack(addressOfEnd(end), room);
  store<u32>(end, <u32>takePower(more), addressAt);
  store<u32>(end, <u32>more, roomAt);
}

function isBefore(one: usize, oneLength: usize, other: usize, otherLength: usize): bool {
  const both = min(oneLength, otherLength);
  for (let at: usize = 0; at < both; at += 8) {
    const a = wordAt(one + at, both - at);
    const b = wordAt(other + at, both - at);
    if (a !== b) return a < b;
  }
  return oneLength < otherLength;
}

/** Up to eight of `left` bytes as a number that is ordered as they are. */
function wordAt(at: usize, left: usize): u64 {
  const keep: u64 = left >= 8 ? u64.MAX_VALUE : ((<u64>1) << ((<u64>left) << 3)) - 1;
  return bswap(load<u64>(at) & keep);
}
