/**
 * Finds where a record plausibly starts after malformed JSON: a brace and a key that begins records or their
 * envelopes. Text that a client chose cannot forge one, for its quotes are escaped.
 */

/** Keys that records and envelope elements begin with, in AWS's order or sorted. */
const firstKeys = new Set(
  [
    'eventVersion',
    'eventTime',
    'eventID',
    'eventCategory',
    'userIdentity',
    'awsRegion',
    'additionalEventData',
    'apiVersion',
    'addendum',
    'errorCode',
    'Records',
    'records',
    'Events',
    'messageType',
    'EventId',
    'version',
    'id',
  ].map((key) => `"${key}"`),
);
const longestKey = Math.max(...Array.from(firstKeys, (key) => key.length));

/** White space that may stand between the brace and the key, and after the key. */
const maxSpace = 64;
/** Bytes from a brace on that decide. */
const reach = 1 + maxSpace + longestKey + maxSpace + 1;

/** Where a record starts, or -1 and from where to look again when more bytes have come. */
export interface RecordStart {
  found: number;
  resume: number;
}

/**
 * Looks in `bytes[from, end)`. With `atLineStarts` any brace at the start of a line counts, as in JSON lines. `last`
 * says that no bytes follow.
 */
export function findRecordStart(
  bytes: Buffer,
  from: number,
  options: { atLineStarts: boolean; last: boolean },
): RecordStart {
  const end = bytes.length;
  for (let brace = bytes.indexOf(123, from); brace >= 0; brace = bytes.indexOf(123, brace + 1)) {
    if (options.atLineStarts && brace > from && bytes[brace - 1] === 10) return { found: brace, resume: brace };
    const verdict = beginsRecord(bytes, brace + 1);
    if (verdict === 'yes') return { found: brace, resume: brace };
    if (verdict === 'perhaps' && !options.last && brace + reach > end) {
      return { found: -1, resume: brace > from && bytes[brace - 1] === 10 ? brace - 1 : brace };
    }
  }
  // A line feed at the end is looked at again: a brace may follow it.
  return { found: -1, resume: end > from && bytes[end - 1] === 10 ? end - 1 : end };
}

/** Says whether a known first key and a colon are at `p`; "perhaps" when the bytes end before that is known. */
function beginsRecord(bytes: Buffer, p: number): 'yes' | 'no' | 'perhaps' {
  const key = skipSpace(bytes, p);
  if (key === bytes.length) return 'perhaps';
  if (bytes[key] !== 34) return 'no';
  const close = bytes.subarray(0, Math.min(bytes.length, key + longestKey)).indexOf(34, key + 1);
  if (close < 0) return key + longestKey > bytes.length ? 'perhaps' : 'no';
  if (!firstKeys.has(bytes.toString('latin1', key, close + 1))) return 'no';
  const colon = skipSpace(bytes, close + 1);
  if (colon === bytes.length) return 'perhaps';
  return bytes[colon] === 58 ? 'yes' : 'no';
}

function skipSpace(bytes: Buffer, p: number): number {
  const stop = Math.min(bytes.length, p + maxSpace);
  while (p < stop && (bytes[p] === 32 || bytes[p] === 10 || bytes[p] === 13 || bytes[p] === 9)) p++;
  return p;
}
