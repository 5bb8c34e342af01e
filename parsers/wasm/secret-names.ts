/** What may come before the value of a secret. */

/** Whether the bytes before `at`, a `=` or `%`, end like one of the names in secrets.ts, in any case of letters. */
export function mayEndSecretName(at: usize): bool {
  const name = load<u64>(at - 8) | 0x2020202020202020;
  if (name === 0x65727574616e6769) return true; // ignature
  if (name === 0x6c6169746e656465) return true; // edential
  if (name === 0x79656b2d72656d6f) return true; // omer-key
  if (name === 0x6e656b6f742d7974) return true; // ty-token
  // The token of a session, and not the continuation-token of nearly every listing.
  return name === 0x6e656b6f742d6e6f && (load<u16>(at - 10) | 0x2020) === 0x6973; // si, on-token
}

/** Whether the value of the key that ends before `at` may be a secret, as `isSecretKey` in json-secrets.ts. */
export function mayBeSecretKey(at: usize): bool {
  const name = load<u64>(at - 8) | 0x2020202020202020;
  return name === 0x6e656b6f746e6f69 || name === 0x79656b7373656363 || mayEndSecretName(at); // iontoken, ccesskey
}
