/** The first and the last text of a column in the order of their bytes, for the statistics. */

/** An end: the beginning of its text as a number, address, length. */
const addressAt = 8;
const lengthAt = 12;
export const endBytes = 16;

export function addressOfEnd(end: usize): usize {
  return <usize>load<u32>(end, addressAt);
}

export function lengthOfEnd(end: usize): usize {
  return <usize>load<u32>(end, lengthAt);
}

/** The first text of all is both ends. */
export function beginEnds(first: usize, last: usize, text: usize, length: usize): void {
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
  store<u64>(end, beginning);
  store<u32>(end, <u32>text, addressAt);
  store<u32>(end, <u32>length, lengthAt);
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
