/** Finds the records that may hold a secret, cheaply, and blanks the secrets of those in place. */
import { blankByte, blankJsonSecrets, isSecretSeparator } from './secrets.js';

/** Further than any offset. */
const nowhere = 0x3fffffff;

/** Names of request parameters whose values are blanked when they are JSON members; `secrets.ts` knows them in URLs. */
const secretMembers =
  /(?:x-amz-signature|x-amz-security-token|x-amz-credential|x-amz-s3session-token|server-side-encryption-customer-key)\\*"\s*:\s*(?:\[\s*)?\\*"((?:[^"\\]|\\+[^"\\])*)/dgi;

/** Watches for `=` and `%`, one native search for each that occurs: about 5 % of the time of a file of data events. */
export class SecretWatch {
  #bytes: Buffer = Buffer.alloc(0);
  #nextEquals = nowhere;
  #nextPercent = nowhere;

  load(block: Uint8Array, start: number, end: number): void {
    this.#bytes = Buffer.from(block.buffer, block.byteOffset, end);
    this.#nextEquals = this.#next(0x3d, start);
    this.#nextPercent = this.#next(0x25, start);
  }

  unload(): void {
    this.#bytes = Buffer.alloc(0);
  }

  /** True when a string of `[start, end)` perhaps has a secret parameter. Ranges must ascend between two `load`s. */
  suspects(start: number, end: number): boolean {
    let found = false;
    while (this.#nextEquals < end) {
      if (this.#nextEquals >= start && isSecretSeparator(this.#bytes, start, this.#nextEquals)) found = true;
      this.#nextEquals = this.#next(0x3d, this.#nextEquals + 1);
    }
    while (this.#nextPercent < end) {
      if (this.#nextPercent >= start && isSecretSeparator(this.#bytes, start, this.#nextPercent)) found = true;
      this.#nextPercent = this.#next(0x25, this.#nextPercent + 1);
    }
    return found;
  }

  #next(byte: number, from: number): number {
    const found = this.#bytes.indexOf(byte, from);
    return found < 0 ? nowhere : found;
  }
}

/** Blanks every secret of the JSON text in `bytes[start, end)`, which may be cut off or malformed. */
export function blankRecordSecrets(bytes: Uint8Array, start: number, end: number): void {
  blankJsonSecrets(bytes, start, end);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  for (const match of text.matchAll(secretMembers)) {
    const [from, to] = match.indices![1]!;
    bytes.fill(blankByte, start + from, start + to);
  }
}

/** True for keys whose values `blankRecordSecrets` blanks, and for few others. */
export function isSecretKey(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < 11) return false;
  switch (bytes[end - 1]! | 0x20) {
    case 0x6e: return hasEnding(bytes, end, 'essiontoken') || hasEnding(bytes, end, '-token');
    case 0x79: return hasEnding(bytes, end, 'ecretaccesskey') || hasEnding(bytes, end, '-customer-key');
    case 0x65: return hasEnding(bytes, end, '-signature');
    case 0x6c: return hasEnding(bytes, end, '-credential');
    default: return false;
  }
}

/** Compares without case; the key must be at least as long as the ending. */
function hasEnding(bytes: Uint8Array, end: number, ending: string): boolean {
  const start = end - ending.length;
  for (let i = 0; i < ending.length; i++) if ((bytes[start + i]! | 0x20) !== ending.charCodeAt(i)) return false;
  return true;
}
