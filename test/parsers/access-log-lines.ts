/** Writes access-log lines from fields, the opposite of the parser, and generates such fields. */
import * as fc from 'fast-check';
import type { Row } from './access-log-harness.js';

/** The text fields of a line by column; null is written as a dash. */
export interface LogLine {
  readonly bucket_owner: string;
  readonly bucket: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly remote_ip: string | null;
  readonly requester: string | null;
  readonly request_id: string;
  readonly operation: string;
  readonly key_raw: string | null;
  readonly request_uri: string | null;
  readonly http_status: number | null;
  readonly error_code: string | null;
  readonly bytes_sent: bigint | null;
  readonly object_size: bigint | null;
  readonly total_time_ms: number | null;
  readonly turn_around_time_ms: number | null;
  readonly referer: string | null;
  readonly user_agent: string | null;
  /** Version id, host id and so on, as many as the line has. */
  readonly tail: readonly (string | null)[];
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const tailColumns = [
  'version_id',
  'host_id',
  'signature_version',
  'cipher_suite',
  'authentication_type',
  'host_header',
  'tls_version',
  'access_point_arn',
  'acl_required',
  'source_region',
];

export function formatTime(seconds: number): string {
  const [date, clock] = new Date(seconds * 1000).toISOString().slice(0, 19).split('T') as [string, string];
  const [year, month, day] = date.split('-');
  return `[${day}/${months[Number(month) - 1]}/${year}:${clock} +0000]`;
}

function bare(value: string | number | bigint | null): string {
  return value === null ? '-' : String(value);
}

function quoted(value: string | null): string {
  return `"${value ?? '-'}"`;
}

export function formatLine(line: LogLine): string {
  return [
    line.bucket_owner,
    line.bucket,
    formatTime(line.time),
    ...[line.remote_ip, line.requester, line.request_id, line.operation, line.key_raw].map(bare),
    quoted(line.request_uri),
    ...[line.http_status, line.error_code, line.bytes_sent, line.object_size].map(bare),
    ...[line.total_time_ms, line.turn_around_time_ms].map(bare),
    quoted(line.referer),
    quoted(line.user_agent),
    ...line.tail.map(bare),
  ].join(' ');
}

/** The columns that a line must give, without the decoded key. */
export function columnsOf({ time, tail, ...line }: LogLine): Row {
  const fields: Record<string, unknown> = {
    ...line,
    event_time: `${new Date(time * 1000).toISOString().slice(0, 19)}.000000Z`,
  };
  tail.forEach((value, index) => (fields[tailColumns[index]!] = index === 8 ? value !== null : value));
  for (const [name, value] of Object.entries(fields)) if (typeof value === 'bigint') fields[name] = exact(value);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Row;
}

function exact(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}

const notDash = (text: string): boolean => text !== '-';
/** A field without quotes: no space, no control byte, no dash alone. */
const token = fc
  .string({ unit: fc.constantFrom(...Array.from('abcXYZ019-._:/+=,@%é☃')), minLength: 1, maxLength: 40 })
  .filter(notDash);
const word = fc.string({ unit: fc.constantFrom(...Array.from('ABCDEF0123456789')), minLength: 1, maxLength: 16 });
const nullable = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null, freq: 4 });
const count = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const duration = fc.nat();
/** Anything that a client may send in a header but for quotes, which have tests of their own. */
const header = fc
  .string({ unit: fc.constantFrom(...Array.from("aZ09 -;()[]{}\\'/.,:=&%<>\t\u0007é☃")), maxLength: 60 })
  .filter(notDash);
const uri = fc.tuple(fc.constantFrom('GET', 'PUT', 'HEAD'), token, fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2'));

const tail: fc.Arbitrary<(string | null)[]> = fc
  .tuple(
    nullable(token),
    nullable(token),
    nullable(fc.constantFrom('SigV2', 'SigV4', 'SigV4A')),
    nullable(token),
    nullable(fc.constantFrom('AuthHeader', 'QueryString', 'HtmlForm')),
    nullable(token),
    nullable(fc.constantFrom('TLSv1', 'TLSv1.2', 'TLSv1.3', 'TLSV1.2')),
    nullable(token),
    nullable(fc.constant('Yes')),
    nullable(token),
  )
  .chain((fields) => fc.constantFrom(0, 1, 7, 8, 9, 10).map((length) => fields.slice(0, length)));

/** Lines without quotes inside their fields, of every length that S3 has written. */
export const plainLine: fc.Arbitrary<LogLine> = fc.record({
  bucket_owner: token,
  bucket: token,
  time: fc.integer({ min: 0, max: 4_000_000_000 }),
  remote_ip: nullable(fc.oneof(fc.ipV4(), fc.ipV6())),
  requester: nullable(token),
  request_id: word,
  operation: fc.constantFrom('REST.GET.OBJECT', 'REST.PUT.PART', 'S3.EXPIRE.OBJECT', 'BATCH.DELETE.OBJECT'),
  key_raw: nullable(token),
  request_uri: nullable(uri.map((parts) => parts.join(' '))),
  http_status: nullable(fc.integer({ min: 0, max: 32_767 })),
  error_code: nullable(word),
  bytes_sent: nullable(count),
  object_size: nullable(count),
  total_time_ms: nullable(duration),
  turn_around_time_ms: nullable(duration),
  referer: nullable(header),
  user_agent: nullable(header),
  tail,
});
