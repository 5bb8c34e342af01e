/** Blanks the secrets of JSON text in place: parameters inside its strings, and members that are secrets by their names. */
import { blankAfter, blankByte, blankSecrets, endsSecretName } from './secrets.js';

/** Endings of names whose values are blanked beside those of parameters: temporary credentials, in lower case. */
const credentialNames = ['essiontoken', 'ecretaccesskey'].map((name) => Buffer.from(name));

/**
 * A part of every name of a secret member, in the spellings that occur; `Signat` alone is SigV2's. Node looks for fewer
 * than 7 bytes by the first of them, at 10 to 30 GB/s where that one is rare, and for more at 3.
 */
const memberNeedles = ['Token', 'Acces', 'Signat', 'Amz-', 'amz-', 'AMZ-'].map((part) => Buffer.from(part));

/** The beginning of `\\u003d`. */
const jsonEquals = Buffer.from('\\u003');

/**
 * Blanks the secrets of JSON text, `bytes[start, end)`, which may be cut off or malformed: parameters inside its
 * strings, where `=` may also be written `\\u003d`, and the values, strings or lists of strings, of the members
 * sessionToken, secretAccessKey, Signature and of those that are named like a parameter, also in JSON that is itself a
 * string. The text stays valid.
 */
export function blankJsonSecrets(bytes: Uint8Array, start: number, end: number): void {
  const range = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  blankSecrets(bytes, start, end);
  blankAfter(range, jsonEquals);
  for (const needle of memberNeedles) blankMembers(range, needle);
}

/** True for the names of members that `blankJsonSecrets` blanks, and for a few more that are spelled oddly. */
export function isSecretKey(bytes: Uint8Array, start: number, end: number): boolean {
  const last = bytes[end - 1]! | 0x20;
  if (last !== 0x65 && last !== 0x6c && last !== 0x6e && last !== 0x79) return false; // e l n y
  return endsSecretName(bytes, start, end) || credentialNames.some((name) => endsWith(bytes, start, end, name));
}

function endsWith(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  const from = end - name.length;
  if (from < start) return false;
  for (let i = 0; i < name.length; i++) if ((bytes[from + i]! | 0x20) !== name[i]) return false;
  return true;
}

function blankMembers(range: Buffer, needle: Buffer): void {
  for (let at = range.indexOf(needle); at >= 0;) {
    const nameEnd = skip(range, at + needle.length, isNameByte);
    if (isSecretKey(range, 0, nameEnd)) blankMember(range, nameEnd);
    at = range.indexOf(needle, nameEnd);
  }
}

/**
 * Blanks the string, or the list of strings, of the member whose name ends at `nameEnd`. In JSON inside a string
 * `backslashes` are before each of its quotes: 0, 1, 3 and so on.
 */
function blankMember(range: Buffer, nameEnd: number): void {
  const quote = skip(range, nameEnd, isBackslash);
  if (range[quote] !== 0x22) return;
  const backslashes = quote - nameEnd;
  const colon = skip(range, quote + 1, isJsonSpace);
  if (range[colon] !== 0x3a) return;
  let at = skip(range, colon + 1, isJsonSpace);
  const isList = range[at] === 0x5b;
  if (isList) at = skip(range, at + 1, isJsonSpace);
  for (let value = stringStart(range, at, backslashes); value > 0; value = stringStart(range, at, backslashes)) {
    const end = stringEnd(range, value, backslashes);
    range.fill(blankByte, value, end);
    const next = skip(range, end + backslashes + 1, isJsonSpace);
    if (!isList || range[next] !== 0x2c) return;
    at = skip(range, next + 1, isJsonSpace);
  }
}

/** The first byte of the string at `at`; 0 when there is none. */
function stringStart(range: Buffer, at: number, backslashes: number): number {
  const quote = skip(range, at, isBackslash);
  return range[quote] === 0x22 && quote - at === backslashes ? quote + 1 : 0;
}

/**
 * The end of a string whose quotes have `backslashes` before them. Only a quote that is escaped in it is part of it: one that ends a
 * string around it ends it as well, whatever backslashes it ends in itself. One that is cut off or malformed ends with the text, or
 * at a control character, which no string holds.
 */
function stringEnd(range: Buffer, start: number, backslashes: number): number {
  let at = start;
  for (; at < range.length && range[at]! >= 0x20; at++) {
    if (range[at] !== 0x22) continue;
    let escapes = at;
    while (escapes > start && isBackslash(range[escapes - 1]!)) escapes--;
    const own = (at - escapes) % (2 * (backslashes + 1));
    // Those of a quote are a number of ones in binary, as they double and add one with each string around it.
    if (own <= 2 * backslashes) return at - (own & ~(own + 1));
  }
  return at;
}

function skip(range: Buffer, at: number, isPassed: (byte: number) => boolean): number {
  while (at < range.length && isPassed(range[at]!)) at++;
  return at;
}

function isNameByte(byte: number): boolean {
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
}

function isBackslash(byte: number): boolean {
  return byte === 0x5c;
}

function isJsonSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
