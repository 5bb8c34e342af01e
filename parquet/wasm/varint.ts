/** Numbers of as many bytes as they need, seven bits a byte. */

/** Writes a number and returns where it ends. */
export function varint(to: usize, value: u64): usize {
  let out = to;
  let rest = value;
  while (rest >= 0x80) {
    store<u8>(out++, <u8>(rest | 0x80));
    rest >>= 7;
  }
  store<u8>(out, <u8>rest);
  return out + 1;
}

/** The same for a signed number: small ones stay short on both sides of zero. */
export function zigzag(to: usize, value: i64): usize {
  return varint(to, <u64>((value << 1) ^ (value >> 63)));
}
