/** Finds the records that may hold a secret, cheaply, and blanks the secrets of those in place. */
import { slotOf } from './cloudtrail-fields.js';
import { kindAbsent, type JsonScanner } from './json-scanner.js';
import { blankByte, blankJsonSecrets, isSecretSeparator } from './secrets.js';

/** Names of request parameters whose values are blanked when they are JSON members; `secrets.ts` knows them in URLs. */
const secretMembers =
  /(?:x-amz-signature|x-amz-security-token|x-amz-credential|x-amz-s3session-token|server-side-encryption-customer-key)\\*"\s*:\s*(?:\[\s*)?\\*"((?:[^"\\]|\\+[^"\\])*)/dgi;

/** Fields in which a client's own text can be, as their whole JSON; the others are AWS's. */
const clientSlots = Int32Array.from(
  ['userAgent', 'errorMessage', 'requestParameters', 'responseElements', 'serviceEventDetails', 'edgeDeviceDetails', 'addendum'],
  (key) => slotOf(key),
);
const keySlot = slotOf('requestParameters.key');
const resourcesSlot = slotOf('resources');
const signatureSlot = slotOf('additionalEventData.SignatureVersion');
const eventDataSlot = slotOf('additionalEventData');
const identitySlot = slotOf('userIdentity');

/**
 * True when a string of the scanned record perhaps has a secret parameter. The resources repeat the key of a data event,
 * and its additionalEventData is all AWS's: those are left out, for this is looked at in every record.
 */
export function suspectsSecret(scanner: JsonScanner, view: DataView): boolean {
  const { kinds, starts, ends } = scanner;
  for (let i = 0; i < clientSlots.length; i++) {
    const slot = clientSlots[i]!;
    if (kinds[slot]! !== kindAbsent && hasSecretSeparator(view, starts[slot]!, ends[slot]!)) return true;
  }
  if (scanner.extraCount > 0 && extrasSuspect(scanner, view)) return true;
  if (kinds[keySlot] !== kindAbsent && kinds[signatureSlot] !== kindAbsent) return false;
  return [resourcesSlot, eventDataSlot, identitySlot].some(
    (slot) => kinds[slot] !== kindAbsent && hasSecretSeparator(view, starts[slot]!, ends[slot]!),
  );
}

function extrasSuspect({ extras, extraCount }: JsonScanner, view: DataView): boolean {
  for (let at = 0; at < extraCount * 4; at += 4) if (hasSecretSeparator(view, extras[at + 2]!, extras[at + 3]!)) return true;
  return false;
}

/** True when `=` or `%` after the name of a secret is in `[start, end)`. */
function hasSecretSeparator(view: DataView, start: number, end: number): boolean {
  const last = Math.min(end, view.byteLength - 4);
  for (let p = start; p < last; p += 4) {
    const word = view.getInt32(p, true);
    const equals = word ^ 0x3d3d3d3d;
    const percent = word ^ 0x25252525;
    // The highest bit of a byte is set when the byte is zero, and sometimes above such a byte.
    if (((((equals - 0x01010101) & ~equals) | ((percent - 0x01010101) & ~percent)) & 0x80808080) === 0) continue;
    if (anySeparator(view, start, p, Math.min(p + 4, end))) return true;
  }
  return end > last && anySeparator(view, start, Math.max(start, last), end);
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
