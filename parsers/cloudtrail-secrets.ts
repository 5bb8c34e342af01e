/** Finds the records that may hold a secret, cheaply, and blanks the secrets of those in place. */
import { slotOf } from './cloudtrail-fields.js';
import { kindAbsent, type JsonScanner } from './json-scanner.js';
import { blankByte, blankJsonSecrets, isSecretSeparator } from './secrets.js';

/** Names of request parameters whose values are blanked when they are JSON members; `secrets.ts` knows them in URLs. */
const secretMembers =
  /(?:x-amz-signature|x-amz-security-token|x-amz-credential|x-amz-s3session-token|server-side-encryption-customer-key)\\*"\s*:\s*(?:\[\s*)?\\*"((?:[^"\\]|\\+[^"\\])*)/dgi;

/** Strings in which a client's own text can be; what has a name in `cloudtrail-fields.ts` is AWS's otherwise. */
const clientTexts = slotsOf(
  'userAgent',
  'errorMessage',
  'requestParameters.key',
  'requestParameters.prefix',
  'sourceIPAddress',
);
/** Objects that are looked at whole when they, or any other, have keys without a name. */
const clientObjects = slotsOf(
  'requestParameters',
  'responseElements',
  'additionalEventData',
  'serviceEventDetails',
  'resources',
  'edgeDeviceDetails',
  'addendum',
  'userIdentity',
);

function slotsOf(...paths: string[]): Int32Array {
  return Int32Array.from(paths, (path) => slotOf(path));
}

/**
 * True when a string of the scanned record perhaps has a secret parameter. Most records have only known fields, and few
 * of those can hold one: looking at every byte took 8 % of the time of a file of data events.
 */
export function suspectsSecret(scanner: JsonScanner, view: DataView): boolean {
  if (anySuspect(scanner, view, clientTexts)) return true;
  if (scanner.hasUnknown && anySuspect(scanner, view, clientObjects)) return true;
  return scanner.extraCount > 0 && extrasSuspect(scanner, view);
}

function anySuspect(scanner: JsonScanner, view: DataView, slots: Int32Array): boolean {
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i]!;
    if (scanner.kinds[slot]! !== kindAbsent && hasSecretSeparator(view, scanner.start(slot), scanner.end(slot)))
      return true;
  }
  return false;
}

function extrasSuspect({ extras, extraCount }: JsonScanner, view: DataView): boolean {
  for (let at = 0; at < extraCount * 4; at += 4)
    if (hasSecretSeparator(view, extras[at + 2]!, extras[at + 3]!)) return true;
  return false;
}

/** True when `=` or `%` after the name of a secret is in `[start, end)`. */
function hasSecretSeparator(view: DataView, start: number, end: number): boolean {
  const last = Math.min(end, view.byteLength - 8);
  let p = start;
  for (; p < last; p += 8) {
    const a = view.getInt32(p, true);
    const b = view.getInt32(p + 4, true);
    if (
      ((zeroBytes(a ^ 0x3d3d3d3d) | zeroBytes(a ^ 0x25252525) | zeroBytes(b ^ 0x3d3d3d3d) | zeroBytes(b ^ 0x25252525)) &
        0x80808080) ===
      0
    )
      continue;
    if (anySeparator(view, start, p, Math.min(p + 8, end))) return true;
  }
  return anySeparator(view, start, p, end);
}

/** Sets the highest bit of every byte that is zero, and of some above one. */
function zeroBytes(word: number): number {
  return (word - 0x01010101) & ~word;
}

function anySeparator(view: DataView, start: number, p: number, end: number): boolean {
  for (; p < end; p++) {
    const c = view.getUint8(p);
    if (c !== 0x3d && c !== 0x25) continue;
    // The names of secrets end with e, l, n or y; a base64 padding or `dt=` is told from them here.
    const before = p > start ? view.getUint8(p - 1) | 0x20 : 0;
    if (before !== 0x65 && before !== 0x6c && before !== 0x6e && before !== 0x79) continue;
    if (isSecretSeparator(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), start, p)) return true;
  }
  return false;
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
    case 0x6e:
      return hasEnding(bytes, end, 'essiontoken') || hasEnding(bytes, end, '-token');
    case 0x79:
      return hasEnding(bytes, end, 'ecretaccesskey') || hasEnding(bytes, end, '-customer-key');
    case 0x65:
      return hasEnding(bytes, end, '-signature');
    case 0x6c:
      return hasEnding(bytes, end, '-credential');
    default:
      return false;
  }
}

/** Compares without case; the key must be at least as long as the ending. */
function hasEnding(bytes: Uint8Array, end: number, ending: string): boolean {
  const start = end - ending.length;
  for (let i = 0; i < ending.length; i++) if ((bytes[start + i]! | 0x20) !== ending.charCodeAt(i)) return false;
  return true;
}
