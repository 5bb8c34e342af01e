/** Tells whether the bytes after a quote can be the fields that follow the User-Agent: the right anchor of a line. */
import { Field } from './access-log-fields.js';
import { indexOf, quote, skipSpaces, tokenEnd } from './access-log-tokens.js';

/** What follows the User-Agent: how many of the fields version id … TLS version can be told apart there. */
export const Tail = {
  none: 0,
  /** Any fields at all. */
  some: 1,
  /** Nothing: the line has 17 fields. */
  empty: 2,
  /** A version id: 18 fields, until early 2019. */
  version: 3,
  /** Version id to TLS version, each of its own form: 24 fields or more. */
  full: 4,
} as const;
export type Tail = (typeof Tail)[keyof typeof Tail];

/** What follows the quote at `close`, if that ended the User-Agent. */
export function tailAfter(bytes: Uint8Array, close: number, lineEnd: number): Tail {
  const start = skipSpaces(bytes, close + 1, lineEnd);
  if (start >= lineEnd) return Tail.empty;
  if (bytes[start] === quote) return Tail.some;
  let end = tokenEnd(bytes, start, lineEnd);
  if (end === lineEnd) return indexOf(bytes, quote, start, end) < 0 ? Tail.version : Tail.some;
  for (let field: number = Field.hostId; field <= Field.tlsVersion; field++) {
    const at = skipSpaces(bytes, end, lineEnd);
    end = tokenEnd(bytes, at, lineEnd);
    if (at === end || !isTailField(bytes, field, at, end)) return Tail.some;
  }
  return Tail.full;
}

const authenticationTypes = new Set(['-', 'AuthHeader', 'QueryString', 'HtmlForm']);
const tlsForm = /^(?:-|TLSv?\d(?:\.\d)?)$/i;
const signatureForm = /^(?:-|SigV\w*)$/;

/** Whether a token can be this field of the tail; only three fields have a form of their own. */
export function isTailField(bytes: Uint8Array, field: number, start: number, end: number): boolean {
  if (end - start > 16)
    return field !== Field.signatureVersion && field !== Field.authenticationType && field !== Field.tlsVersion;
  if (field === Field.signatureVersion) return signatureForm.test(latin1(bytes, start, end));
  if (field === Field.authenticationType) return authenticationTypes.has(latin1(bytes, start, end));
  return field !== Field.tlsVersion || tlsForm.test(latin1(bytes, start, end));
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}
