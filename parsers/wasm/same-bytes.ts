/** Texts that may be the same. */

/** A number that texts of the same bytes share, and few others. */
export function hashOf(from: usize, length: usize): u64 {
  let hash = <u64>length * 0x9e3779b97f4a7c15;
  if (length < 8) return mixed(hash ^ firstBytes(from, length));
  let other: u64 = 0;
  const last = from + length - 8;
  let at = from;
  for (; at + 8 < last; at += 16) {
    hash = mixed(hash ^ load<u64>(at));
    other = mixed(other ^ load<u64>(at, 8));
  }
  if (at < last) hash = mixed(hash ^ load<u64>(at));
  return mixed(mixed(hash ^ load<u64>(last)) ^ other);
}

function mixed(hash: u64): u64 {
  const product = hash * 0xd6e8feb86659fd93;
  return product ^ (product >> 32);
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
