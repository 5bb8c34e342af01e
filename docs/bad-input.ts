/** What each kind of odd, broken or hostile input gets. docs/data-quality.md prints it; codes are those of parsers/reject.ts. */
import type { RejectReason, RowFlag, SkippedKind } from '../parsers/reject.js';

/** What becomes of it: a row as any other, a row with a flag, a reject, a counted skip, or nothing at all. */
export type Fate =
  | 'row'
  | 'duplicate'
  | 'nothing'
  | { readonly flag: RowFlag }
  | { readonly reject: RejectReason }
  | { readonly skip: SkippedKind };

/** Input as one would meet it, and what it gets. */
export interface BadInput {
  readonly input: string;
  readonly fate: Fate;
  /** What more there is to say. */
  readonly note?: string;
}

export const accessLogInput: readonly BadInput[] = [
  {
    input: 'Quotes in the request line, the Referer or the User-Agent, which AWS does not escape',
    fate: 'row',
    note: 'The line is read from both ends.',
  },
  {
    input: 'Quotes that make the boundary of Referer and User-Agent unknowable',
    fate: { flag: 'ua_ambiguous' },
    note: 'All other fields are right.',
  },
  { input: 'Quotes that leave no valid reading', fate: { reject: 'bad-quotes' } },
  { input: 'Lines of 17, 18 and 24 to 27 fields, mixed in one object', fate: 'row', note: 'Missing fields are null.' },
  { input: 'More than 27 fields', fate: 'row', note: 'The others are in extra_fields.' },
  { input: 'A line that ends before its status fields', fate: { reject: 'too-few-fields' } },
  {
    input: 'The last line, cut off',
    fate: { reject: 'truncated-line' },
    note: 'Read again whole when the object changes.',
  },
  { input: 'A requester with spaces (CloudFront origin access identity)', fate: 'row' },
  { input: 'Several spaces between fields', fate: { flag: 'doubled_space' } },
  { input: 'CR, vertical tab, NEL or U+2028 inside a field', fate: 'row', note: 'Only a line feed ends a line.' },
  { input: 'Bytes that are not UTF-8', fate: { flag: 'invalid_utf8' } },
  { input: 'A number that does not fit', fate: { flag: 'number_overflow' } },
  { input: 'A sign, a fraction, an exponent or text where a number belongs', fate: { reject: 'bad-number' } },
  { input: '31 February, hour 24, or no time at all', fate: { reject: 'bad-time' } },
  {
    input: 'Lines of a web server’s log',
    fate: { reject: 'bad-time' },
    note: 'Each of them, since their time looks alike.',
  },
  { input: 'A key with a malformed percent escape', fate: { flag: 'key_undecodable' } },
  { input: 'An operation that nobody has heard of', fate: 'row' },
  { input: 'Blank lines', fate: 'nothing', note: 'They are not lines.' },
  {
    input: 'A line of more than 1 MiB',
    fate: { reject: 'line-too-long' },
    note: 'Passed over without being held in memory.',
  },
  {
    input:
      'The signature, token or credential of a presigned URL, in the request line, the Referer, the User-Agent or the key',
    fate: 'row',
    note: 'Blanked before anything is stored, also in rejects.',
  },
  { input: 'A line that was delivered twice', fate: 'duplicate' },
];

export const cloudtrailInput: readonly BadInput[] = [
  {
    input: 'A record that is not valid JSON',
    fate: { reject: 'malformed-json' },
    note: 'Reading goes on with the next record.',
  },
  { input: 'An element that is not a JSON object', fate: { reject: 'not-a-record' } },
  { input: 'A record without a usable eventTime', fate: { reject: 'bad-time' } },
  { input: 'A file that ends inside a record', fate: { reject: 'truncated-line' } },
  { input: 'A record of more than 1 MiB', fate: { reject: 'line-too-long' } },
  { input: 'A key that is there twice', fate: { flag: 'duplicate_json_key' } },
  { input: 'Half a surrogate pair', fate: { flag: 'lone_surrogate' } },
  { input: 'Fields that are new to us', fate: 'row', note: 'They are in extra_fields.' },
  {
    input:
      'JSON lines, one event, a bare array, concatenated files, EventBridge, CloudWatch Logs or lookup-events envelopes',
    fate: 'row',
  },
  {
    input: 'Secret keys and session tokens, in response elements or anywhere else',
    fate: 'row',
    note: 'Blanked before anything is stored.',
  },
  { input: 'A record that two trails delivered', fate: 'duplicate' },
  { input: 'A digest file', fate: { skip: 'digest' } },
  { input: 'Insights', fate: { skip: 'insight' } },
  { input: 'Aggregated events', fate: { skip: 'aggregated' } },
  { input: 'A control message of a CloudWatch Logs subscription', fate: { skip: 'control' } },
  { input: 'The signature of a CloudTrail Lake query result', fate: { skip: 'query-result-signature' } },
];

export const objectInput: readonly BadInput[] = [
  { input: 'gzip of several members', fate: 'row' },
  { input: 'gzip that ends early', fate: { reject: 'truncated-gzip' } },
  { input: 'gzip whose checksum is wrong', fate: { reject: 'corrupt-gzip' } },
  { input: 'gzip with something behind it', fate: { reject: 'trailing-garbage' } },
  { input: 'gzip that inflates beyond limits.max_inflated', fate: { reject: 'too-large' } },
  { input: 'A picture, a web page, an error page in XML', fate: { reject: 'not-a-log' } },
  { input: 'A broken Parquet file, zstd', fate: { reject: 'unreadable' } },
  { input: 'An empty object', fate: 'nothing', note: 'It is in the ledger with 0 lines.' },
  { input: 'A wrong name or content type', fate: 'row', note: 'The format is told by the bytes.' },
];
