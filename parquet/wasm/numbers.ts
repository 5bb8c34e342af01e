/** Parquet's encodings of numbers, https://parquet.apache.org/docs/file-format/data-pages/encodings/. */
import { varint, zigzag } from './varint';

const blockValues = 128;
const miniBlocks = 4;
const miniValues = 32;

/** The differences of a block, less the smallest. */
const differences = memory.data(blockValues * 8, 16);

/** The most bytes that so many numbers become in either encoding. */
export function mostNumberBytes(count: usize): usize {
  return 4096 + count * 9;
}

/** DELTA_BINARY_PACKED: writes 64-bit numbers as their differences, and returns where they end. */
export function deltas(values: usize, count: i32, to: usize): usize {
  let out = varint(to, blockValues);
  out = varint(out, miniBlocks);
  out = varint(out, count);
  out = zigzag(out, count === 0 ? 0 : load<i64>(values));
  for (let first = 1; first < count; first += blockValues)
    out = block(values + ((<usize>first) << 3), min(blockValues, count - first), out);
  return out;
}

/** A block of `count` numbers from `values` on; the number before them is known. */
function block(values: usize, count: i32, to: usize): usize {
  let least = i64.MAX_VALUE;
  for (let i: usize = 0; i < <usize>count; i++) {
    const at = values + (i << 3);
    const difference = load<i64>(at) - load<i64>(at - 8);
    least = min(least, difference);
    store<i64>(differences + (i << 3), difference);
  }
  let out = zigzag(to, least);
  const widths = out;
  store<u32>(widths, 0);
  out += miniBlocks;
  for (let mini = 0; mini * miniValues < count; mini++) {
    const from = differences + ((<usize>(mini * miniValues)) << 3);
    const known = min(miniValues, count - mini * miniValues);
    let bits: u64 = 0;
    for (let i: usize = 0; i < <usize>miniValues; i++) {
      const rest = i < <usize>known ? load<u64>(from + (i << 3)) - <u64>least : 0;
      store<u64>(from + (i << 3), rest);
      bits |= rest;
    }
    const width = <usize>(64 - clz(bits));
    store<u8>(widths + <usize>mini, <u8>width);
    out = packWide(from, width, out);
  }
  return out;
}

/** Packs the 64-bit numbers of a small block, of `width` bits each. */
function packWide(from: usize, width: usize, to: usize): usize {
  const bytes = (width * miniValues) >> 3;
  if (width === 0) return to;
  memory.fill(to, 0, bytes + 16);
  for (let i: usize = 0, bit: usize = 0; i < <usize>miniValues; i++, bit += width) {
    const value = load<u64>(from + (i << 3));
    const at = to + (bit >> 3);
    const shift = bit & 7;
    store<u64>(at, load<u64>(at) | (value << shift));
    if (shift + width > 64) store<u8>(at, <u8>(value >> (64 - shift)), 8);
  }
  return to + bytes;
}

/** RLE of numbers below `1 << width`, which are 32 bits wide in memory: runs of one number, and packed numbers between them. */
export function runs(values: usize, count: i32, width: i32, to: usize): usize {
  let out = to;
  let packed = 0;
  let at = 0;
  while (at < count) {
    const value = load<u32>(values + ((<usize>at) << 2));
    let end = at + 1;
    while (end < count && load<u32>(values + ((<usize>end) << 2)) === value) end++;
    // Packed numbers come in groups of eight; the run gives what is missing of the last.
    const missing = (8 - ((at - packed) & 7)) & 7;
    if (end - at - missing >= 8) {
      out = pack(values, packed, at + missing, width, out);
      out = run(value, end - at - missing, width, out);
      packed = end;
    }
    at = end;
  }
  return pack(values, packed, count, width, out);
}

/** A run of one number. */
export function run(value: u32, count: i32, width: i32, to: usize): usize {
  const out = varint(to, (<u64>count) << 1);
  store<u32>(out, value);
  return out + <usize>((width + 7) >> 3);
}

/** Packs the numbers `[from, end)`, and zeros up to the next group of eight. */
function pack(values: usize, from: i32, end: i32, width: i32, to: usize): usize {
  if (from === end) return to;
  const groups = (end - from + 7) >> 3;
  let out = varint(to, ((<u64>groups) << 1) | 1);
  const last = out + <usize>(groups * width);
  let pending: u64 = 0;
  let bits = 0;
  for (let i = from; i < end; i++) {
    pending |= (<u64>load<u32>(values + ((<usize>i) << 2))) << (<u64>bits);
    bits += width;
    if (bits >= 32) {
      store<u32>(out, <u32>pending);
      out += 4;
      pending >>= 32;
      bits -= 32;
    }
  }
  store<u64>(out, pending);
  return last;
}
