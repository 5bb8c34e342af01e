/** Snappy's block format, https://github.com/google/snappy/blob/main/format_description.txt, written from its description. */
import { copyBytes } from './memory';
import { varint } from './varint';

/** Pieces that are compressed apart, so that distances fit 16 bits. */
const pieceBytes: usize = 1 << 16;
const shortestMatch: usize = 4;
/** No match begins in the last bytes of a piece: they would save nothing and could be read past. */
const margin: usize = 16;
/** Pieces that are copied after one that got smaller by less than an eighth. */
const copiedPieces: usize = 15;

const tableBits = 13;
const places = memory.data((1 << tableBits) * 2, 16);

/** The most bytes that so many become. */
export function mostPacked(length: usize): usize {
  return 32 + length + length / 6;
}

/** Compresses `length` bytes to `to`, and returns where they end. What hardly gets smaller is copied, and tried again now and then. */
export function compress(from: usize, length: usize, to: usize): usize {
  let out = varint(to, length);
  let copied: usize = 0;
  for (let done: usize = 0; done < length; done += pieceBytes) {
    const piece = min(pieceBytes, length - done);
    if (copied > 0) {
      copied--;
      out = literal(from + done, piece, out);
      continue;
    }
    const end = compressPiece(from + done, piece, out);
    if (end - out > piece - piece / 8) copied = copiedPieces;
    out = end;
  }
  return out;
}

function compressPiece(from: usize, length: usize, to: usize): usize {
  let out = to;
  let written: usize = 0;
  if (length > margin) {
    memory.fill(places, 0, (1 << tableBits) * 2);
    const last = length - margin;
    let at: usize = 1;
    // What does not repeat is stepped over faster and faster.
    let misses: usize = 32;
    while (at <= last) {
      const candidate = meet(from, at);
      if (load<u32>(from + candidate) !== load<u32>(from + at)) {
        at += misses++ >> 5;
        continue;
      }
      misses = 32;
      const match =
        shortestMatch +
        sameBytes(from + candidate + shortestMatch, from + at + shortestMatch, length - at - shortestMatch);
      out = literal(from + written, at - written, out);
      out = copies(at - candidate, match, out);
      at += match;
      written = at;
      if (at <= last) meet(from, at - 1);
    }
  }
  return literal(from + written, length - written, out);
}

/** Remembers the four bytes at a place, and returns where bytes of the same hash were before; 0 when nowhere. */
function meet(from: usize, at: usize): usize {
  const place = places + ((<usize>((load<u32>(from + at) * 0x1e35a7bd) >> (32 - tableBits))) << 1);
  const before = <usize>load<u16>(place);
  store<u16>(place, <u16>at);
  return before;
}

function sameBytes(one: usize, other: usize, most: usize): usize {
  let at: usize = 0;
  while (at + 8 <= most) {
    const difference = load<u64>(one + at) ^ load<u64>(other + at);
    if (difference !== 0) return at + <usize>(ctz(difference) >> 3);
    at += 8;
  }
  while (at < most && load<u8>(one + at) === load<u8>(other + at)) at++;
  return at;
}

function literal(from: usize, length: usize, to: usize): usize {
  if (length === 0) return to;
  let out = to;
  if (length <= 60) {
    store<u8>(out++, <u8>((length - 1) << 2));
  } else if (length <= 256) {
    store<u8>(out, 60 << 2);
    store<u8>(out + 1, <u8>(length - 1));
    out += 2;
  } else {
    store<u8>(out, 61 << 2);
    store<u16>(out + 1, <u16>(length - 1));
    out += 3;
  }
  copyBytes(out, from, length);
  return out + length;
}

function copies(distance: usize, length: usize, to: usize): usize {
  let out = to;
  let rest = length;
  // The last copy keeps four bytes at least.
  while (rest > 64) {
    const part: usize = rest < 68 ? 60 : 64;
    out = copy(distance, part, out);
    rest -= part;
  }
  return copy(distance, rest, out);
}

function copy(distance: usize, length: usize, to: usize): usize {
  if (length < 12 && distance < 2048) {
    store<u8>(to, <u8>(1 | ((length - 4) << 2) | ((distance >> 8) << 5)));
    store<u8>(to + 1, <u8>distance);
    return to + 2;
  }
  store<u8>(to, <u8>(2 | ((length - 1) << 2)));
  store<u16>(to + 1, <u16>distance);
  return to + 3;
}
