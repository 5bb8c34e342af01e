/**
 * Parquet's split-block Bloom filter over the distinct texts of a column, https://parquet.apache.org/docs/file-format/bloomfilter/:
 * whoever looks for one text need not read the column.
 */
import { textsOf } from './columns';
import { take } from './memory';
import { addressOf, distinctTexts, lengthOf } from './texts';

const blockBytes: usize = 32;
/** One of a hundred texts that are not there seems to be. */
const bitsOfText: u32 = 12;

const salts = memory.data<u32>([
  0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
]);

/** The filter that was built last. */
export let filter: usize = 0;

/** Builds the filter of a column, and returns its bytes. */
export function buildFilter(column: i32): i32 {
  const texts = textsOf(column);
  const count = distinctTexts(texts);
  let blocks: u32 = 1;
  while (blocks * 256 < count * bitsOfText) blocks <<= 1;
  filter = take(<usize>blocks * blockBytes);
  memory.fill(filter, 0, <usize>blocks * blockBytes);
  for (let index: u32 = 0; index < count; index++) {
    const hash = xxHash64(addressOf(texts, index), lengthOf(texts, index));
    const block = filter + <usize>(((hash >> 32) * <u64>blocks) >> 32) * blockBytes;
    for (let word: usize = 0; word < 8; word++) {
      const at = block + (word << 2);
      const bit = (<u32>hash * load<u32>(salts + (word << 2))) >> 27;
      store<u32>(at, load<u32>(at) | ((<u32>1) << bit));
    }
  }
  return <i32>(<usize>blocks * blockBytes);
}

const prime1: u64 = 0x9e3779b185ebca87;
const prime2: u64 = 0xc2b2ae3d27d4eb4f;
const prime3: u64 = 0x165667b19e3779f9;
const prime4: u64 = 0x85ebca77c2b2ae63;
const prime5: u64 = 0x27d4eb2f165667c5;

/** xxHash of 64 bits with seed 0, by its specification. */
function xxHash64(from: usize, length: usize): u64 {
  let at = from;
  const end = from + length;
  let hash = prime5;
  if (length >= 32) {
    let a = prime1 + prime2;
    let b = prime2;
    let c: u64 = 0;
    let d: u64 = 0 - prime1;
    for (; at + 32 <= end; at += 32) {
      a = mix(a, load<u64>(at));
      b = mix(b, load<u64>(at, 8));
      c = mix(c, load<u64>(at, 16));
      d = mix(d, load<u64>(at, 24));
    }
    hash = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
    hash = merge(merge(merge(merge(hash, a), b), c), d);
  }
  hash += <u64>length;
  for (; at + 8 <= end; at += 8) hash = rotl(hash ^ mix(0, load<u64>(at)), 27) * prime1 + prime4;
  if (at + 4 <= end) {
    hash = rotl(hash ^ (<u64>load<u32>(at) * prime1), 23) * prime2 + prime3;
    at += 4;
  }
  for (; at < end; at++) hash = rotl(hash ^ (<u64>load<u8>(at) * prime5), 11) * prime1;
  hash = (hash ^ (hash >> 33)) * prime2;
  hash = (hash ^ (hash >> 29)) * prime3;
  return hash ^ (hash >> 32);
}

function mix(sum: u64, word: u64): u64 {
  return rotl(sum + word * prime2, 31) * prime1;
}

function merge(hash: u64, sum: u64): u64 {
  return (hash ^ mix(0, sum)) * prime1 + prime4;
}
