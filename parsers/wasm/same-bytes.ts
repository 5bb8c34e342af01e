/** Texts that may be the same. */

/** A number that texts of the same bytes share, and few others. */
export function hashOf(from: usize, length: usize): u64 {
  let hash = <u64>length * 0x9e3779b97f4a7c15;
  if (length < 8) {
    hash ^= firstBytes(from, length);
  } else {
    const last = from + length - 8;
    for (let at = from; at < last; at += 8) {
      hash = (hash ^ load<u64>(at)) * 0xd6e8feb86659fd93;
      hash ^= hash >> 32;
    }
    hash ^= load<u64>(last);
  }
  return (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93;
}

export function isSame(one: usize, other: usize, length: usize): bool {
  if (length < 8) return firstBytes(one, length) === firstBytes(other, length);
  const last = length - 8;
  for (let at: usize = 0; at < last; at += 8) if (load<u64>(one + at) !== load<u64>(other + at)) return false;
  return load<u64>(one + last) === load<u64>(other + last);
}

/** Fewer than eight bytes as a number. */
function firstBytes(from: usize, length: usize): u64 {
  return load<u64>(from) & (((<u64>1) << ((<u64>length) << 3)) - 1);
}
