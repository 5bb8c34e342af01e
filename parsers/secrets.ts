/**
 * Blanks credentials in place, byte for byte, so that nothing downstream can store or print them and no offset moves.
 * Signed URLs reach logs as the request itself, and inside a Referer, a User-Agent or a key, encoded any number of times.
 */

/** What a secret is overwritten with: legal unescaped in a URL and in JSON, and never part of a real signature. */
export const blankByte = 0x2a; // *

/**
 * Endings of the parameter names whose values are blanked, in lower case; compared without case. wasm/window.ts knows them too. `signature` is
 * X-Amz-Signature and SigV2's Signature. AWSAccessKeyId stays: it is an identifier, not a secret, and an investigation
 * of a leaked SigV2 URL starts with it.
 */
export const secretNames = [
  'signature',
  'x-amz-security-token',
  'x-amz-credential',
  'x-amz-s3session-token',
  'server-side-encryption-customer-key',
] as const;
const secretNameBytes = secretNames.map((name) => Buffer.from(name));

const equals = 0x3d;
const percent = 0x25;
/** Further than any block. */
const nowhere = 0x7fffffff;

/** Bytes that end a value: separators of URLs, of JSON and of prose; none occurs in base64 or in a credential scope. */
const endsValue = new Uint8Array(256);
for (let byte = 0; byte <= 0x20; byte++) endsValue[byte] = 1;
for (const byte of Buffer.from('"&\'<>#;()[]{},`|^\\')) endsValue[byte] = 1;

/** The same bytes percent-encoded; the other escapes of a value (`%2F`, `%2B`, `%3D`) belong to it. */
function endsValueEncoded(byte: number): boolean {
  return byte >= 0 && endsValue[byte] === 1;
}

/**
 * Blanks the secret parameters in log text, `bytes[start, end)`. Understands `=` and its percent-encoded forms `%3D`,
 * `%253D` and so on, and names in any letter case.
 */
export function blankSecrets(bytes: Uint8Array, start: number, end: number): void {
  const range = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  blankAfter(range, equals);
  blankAfter(range, percent);
}

/** Blanks the values after every `separator` in the range that ends the name of a secret. */
export function blankAfter(range: Buffer, separator: number | Buffer): void {
  for (let at = range.indexOf(separator); at >= 0;) {
    const end = blankValueAfter(range, at);
    at = range.indexOf(separator, end > 0 ? end : at + 1);
  }
}

/** True when the separator at `at` (`=` or the `%` of `%3D`) ends the name of a secret. */
function isSecretSeparator(bytes: Uint8Array, start: number, at: number): boolean {
  return endsSecretName(bytes, start, at) && separatorEnd(bytes, at, bytes.length) > 0;
}

/**
 * Tells which ranges of a block hold a secret parameter. The ranges must ascend: each `=` and `%` of the block is
 * searched for once, at 10 GB/s and more, so that text without secrets costs next to nothing.
 */
export class SecretWatch {
  #bytes: Buffer = Buffer.alloc(0);
  #equalsAt = nowhere;
  #percentAt = nowhere;

  /** Says that the next ranges are in `bytes`, from `start` on. */
  use(bytes: Buffer, start: number): void {
    this.#bytes = bytes;
    this.#equalsAt = search(bytes, equals, start);
    this.#percentAt = search(bytes, percent, start);
  }

  /** True when `bytes[start, end)` holds a separator that ends the name of a secret. */
  sees(start: number, end: number): boolean {
    if (this.#equalsAt >= end && this.#percentAt >= end) return false;
    const bytes = this.#bytes;
    let isSeen = false;
    let at = this.#equalsAt < start ? search(bytes, equals, start) : this.#equalsAt;
    for (; at < end; at = search(bytes, equals, at + 1)) if (isSecretSeparator(bytes, start, at)) isSeen = true;
    this.#equalsAt = at;
    at = this.#percentAt < start ? search(bytes, percent, start) : this.#percentAt;
    for (; at < end; at = search(bytes, percent, at + 1)) if (isSecretSeparator(bytes, start, at)) isSeen = true;
    this.#percentAt = at;
    return isSeen;
  }
}

function search(bytes: Buffer, byte: number, from: number): number {
  const found = bytes.indexOf(byte, from);
  return found < 0 ? nowhere : found;
}

/** Blanks the value after the separator at `at` if that ends the name of a secret; returns the end of the value, or 0. */
function blankValueAfter(range: Buffer, at: number): number {
  if (!endsSecretName(range, 0, at)) return 0;
  const value = separatorEnd(range, at, range.length);
  if (value === 0) return 0;
  const end = valueEnd(range, value);
  range.fill(blankByte, value, end);
  return end;
}

/** True when the name that ends before `at` is that of a secret; names start at `start` or later. */
export function endsSecretName(bytes: Uint8Array, start: number, at: number): boolean {
  const last = bytes[at - 1]! | 0x20;
  if (last !== 0x65 && last !== 0x6e && last !== 0x6c && last !== 0x79) return false; // e n l y
  for (const name of secretNameBytes) if (endsWith(bytes, start, at, name)) return true;
  return false;
}

function endsWith(bytes: Uint8Array, start: number, at: number, name: Uint8Array): boolean {
  if (at - start < name.length) return false;
  for (let i = 1; i <= name.length; i++) {
    const wanted = name[name.length - i]!;
    const byte = bytes[at - i]!;
    if (byte !== wanted && !((byte | 0x20) === wanted && wanted >= 0x61)) return false;
  }
  return true;
}

/** End of `=`, of `%3D` however often its `%` is encoded, or of `\u003d`, at `at`; 0 for anything else. */
function separatorEnd(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === 0x3d) return at + 1;
  if (bytes[at] === 0x25) {
    const digits = escapeDigits(bytes, at, end);
    return hexPair(bytes, digits, end) === 0x3d ? digits + 2 : 0;
  }
  return at + 6 <= end && hexPair(bytes, at + 4, end) === 0x3d ? at + 6 : 0;
}

/** Where the value that starts at `at` ends. Escapes that stand for bytes of a value are passed over as a whole. */
function valueEnd(range: Buffer, at: number): number {
  const end = range.length;
  while (at < end) {
    const byte = range[at]!;
    if (byte === 0x25) {
      const digits = escapeDigits(range, at, end);
      const decoded = hexPair(range, digits, end);
      if (endsValueEncoded(decoded)) return at;
      at = decoded < 0 ? at + 1 : digits + 2;
    } else if (byte === 0x5c) {
      const length = jsonEscapeLength(range, at);
      if (length === 0) return at;
      at += length;
    } else if (endsValue[byte] === 1) {
      return at;
    } else {
      at++;
    }
  }
  return end;
}

/** Offset of the two digits of the escape at `at`: `%3D`, `%253D` and `%25253D` all end in the same pair. */
function escapeDigits(bytes: Uint8Array, at: number, end: number): number {
  let digits = at + 1;
  while (
    digits + 4 <= end &&
    bytes[digits] === 0x32 &&
    bytes[digits + 1] === 0x35 &&
    hexPair(bytes, digits + 2, end) >= 0
  )
    digits += 2;
  return digits;
}

function hexPair(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1;
  const high = hexDigit(bytes[at]!);
  const low = hexDigit(bytes[at + 1]!);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Length of a JSON escape that stands for a byte of a value: `\/`, and `\u00XX` of `/ + = %`; 0 for the others. */
function jsonEscapeLength(range: Buffer, at: number): number {
  if (range[at + 1] === 0x2f) return 2;
  if (range[at + 1] !== 0x75 || range[at + 2] !== 0x30 || range[at + 3] !== 0x30) return 0;
  const byte = hexPair(range, at + 4, range.length);
  return byte >= 0 && !endsValueEncoded(byte) ? 6 : 0;
}
