/** The closed lists of what parsers say about bad input: reasons of rejects, flags of odd rows, kinds of skipped records. */

/** Why a record was not stored. Each code has a section in docs/data-quality.md, checked by a test. */
export const rejectReasons = {
  'too-few-fields': 'An access-log line ends before its status fields.',
  'bad-time': 'The time of the record is missing, malformed or impossible.',
  'bad-number': 'A number field of an access-log line holds a sign, a fraction, an exponent or text.',
  'bad-quotes': 'No reading of the quotes of an access-log line gives valid fields after them.',
  'truncated-line': 'The object ends inside a record.',
  'line-too-long': 'The record is longer than the configured maximum.',
  'not-a-record': 'The element of the CloudTrail array or line is not a JSON object.',
  'malformed-json': 'The record is not valid JSON.',
  'not-a-log': 'The object is neither an access log nor CloudTrail.',
  'truncated-gzip': 'The compressed object ends early; the complete records before the end are stored.',
  'corrupt-gzip': 'The compressed object fails its checksum; nothing of it is stored.',
  'trailing-garbage': 'Bytes after the end of the compressed data; the records before them are stored.',
  'too-large': 'The object inflates beyond the configured maximum; nothing more of it is read.',
  unreadable: 'The object is not readable as the format that it announces, for example a broken Parquet file.',
} as const;
export type RejectReason = keyof typeof rejectReasons;

/** Oddities of a stored row, joined by commas in the column `flags`. */
export const rowFlags = {
  ua_ambiguous: 'The boundary of Referer and User-Agent cannot be known: a client put quotes into one of them.',
  doubled_space: 'Fields were separated by more than one space.',
  invalid_utf8:
    'A field held bytes that are not UTF-8: they are written \\xNN, and a backslash of that field is doubled.',
  number_overflow: 'A number did not fit 64 bits (or 16, for the status) and is null.',
  key_undecodable: 'The key holds a malformed percent escape and is kept as logged.',
  duplicate_json_key: 'A JSON object of the record repeats a key; the last one wins.',
  lone_surrogate: 'A JSON string of the record holds half a surrogate pair, written as U+FFFD.',
} as const;
export type RowFlag = keyof typeof rowFlags;

/** Records that are recognised and deliberately not stored, counted by kind. */
export const skippedKinds = {
  digest: 'CloudTrail digest file.',
  insight: 'CloudTrail Insights record.',
  aggregated: 'CloudTrail aggregated event.',
  control: 'CloudWatch subscription control message.',
  'query-result-signature': 'CloudTrail Lake result signature.',
} as const;
export type SkippedKind = keyof typeof skippedKinds;
