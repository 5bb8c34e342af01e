/** The CloudTrail parser on arbitrary records: equal to what JSON.parse says, whatever the spelling and the blocks. */
import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeInvalidUtf8 } from '../../parsers/utf8.js';
import { parseCloudtrail, type Row } from './cloudtrail-harness.js';

/** A JSON value with its spelling decided: objects are lists of pairs, so that keys can repeat and keep their order. */
type Pairs = [string, unknown][];
class JsonObject {
  constructor(readonly pairs: Pairs) {}
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 24 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    '',
    'null',
    'true',
    'FALSE',
    '"}]},{"eventVersion":"1.08"',
    '\u0000',
    '\\',
    '"',
    'é',
    '\u{1f600}',
    '\ud800',
    '2026-07-01T00:00:00Z',
    '__proto__',
  ),
);
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.array(fc.tuple(text, tie('json')), { maxLength: 3 }).map((pairs) => new JsonObject(pairs)),
  ),
}));
const odd = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  { weight: 1, arbitrary: json },
);

function objectOf(known: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> {
  const anyKnown = fc.oneof(...Object.entries(known).map(([key, value]) => fc.tuple(fc.constant(key), value)));
  const member = fc.oneof({ weight: 9, arbitrary: anyKnown }, { weight: 1, arbitrary: fc.tuple(text, json) });
  return fc.array(member, { maxLength: 8 }).map((pairs) => new JsonObject(pairs));
}

const time = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}Z`);
const flag = fc.oneof(fc.boolean(), fc.constantFrom('true', 'false', 'null'), odd);
const amount = fc.oneof(
  fc.nat(),
  fc.nat().map((n) => `${n}`),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  odd,
);
const issuer = objectOf({ type: odd, principalId: odd, arn: odd, accountId: odd, userName: odd });
const session = objectOf({
  sessionIssuer: fc.oneof(issuer, odd),
  attributes: fc.oneof(objectOf({ creationDate: fc.oneof(time, odd), mfaAuthenticated: flag }), odd),
  sourceIdentity: odd,
});
const identity = objectOf({
  type: odd,
  principalId: odd,
  arn: odd,
  accountId: odd,
  accessKeyId: odd,
  userName: odd,
  identityProvider: odd,
  invokedBy: odd,
  sessionContext: fc.oneof(session, odd),
});
const resource = objectOf({
  type: fc.oneof(fc.constant('AWS::S3::Bucket'), odd),
  ARN: fc.oneof(fc.constantFrom('arn:aws:s3:::one', 'arn:aws:s3:::two/x'), odd),
  accountId: odd,
});
const texts = [
  'eventID',
  'eventVersion',
  'eventType',
  'eventCategory',
  'eventSource',
  'eventName',
  'awsRegion',
  'sourceIPAddress',
  'userAgent',
  'errorCode',
  'errorMessage',
  'requestID',
  'recipientAccountId',
  'sharedEventID',
  'vpcEndpointId',
  'vpcEndpointAccountId',
  'apiVersion',
];
const member = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...texts), odd) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('readOnly', 'managementEvent', 'sessionCredentialFromConsole'), flag),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('userIdentity'), fc.oneof(identity, odd)) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('requestParameters'),
      fc.oneof(
        objectOf({
          bucketName: fc.oneof(fc.constantFrom('one', 'two'), odd),
          key: odd,
          Key: odd,
          Host: odd,
          host: odd,
        }),
        odd,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('additionalEventData'),
      fc.oneof(
        objectOf({
          bytesTransferredIn: amount,
          bytesTransferredOut: amount,
          CipherSuite: odd,
          SignatureVersion: odd,
          'x-amz-id-2': odd,
        }),
        odd,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('resources'), fc.oneof(fc.array(fc.oneof(resource, json), { maxLength: 3 }), odd)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('tlsDetails'),
      fc.oneof(objectOf({ tlsVersion: odd, cipherSuite: odd, clientProvidedHostHeader: odd }), odd),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('responseElements', 'serviceEventDetails', 'edgeDeviceDetails', 'addendum'),
      json,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('detail', 'message', 'Records', 'newField'), json) },
  { weight: 1, arbitrary: fc.tuple(text, json) },
);
// An eventTime at a random place, and one more perhaps: the last one counts.
const record = fc
  .tuple(fc.array(member, { maxLength: 12 }), fc.array(time, { minLength: 1, maxLength: 2 }), fc.nat(12))
  .map(([members, times, at]) => {
    const pairs = [...(members as Pairs)];
    pairs.splice(at, 0, ...times.map((value): [string, unknown] => ['eventTime', value]));
    return new JsonObject(pairs);
  });

/** Writes JSON with the spaces and escapes that the seed chooses. */
function spell(value: unknown, random: () => number): string {
  const space = (): string => (random() % 5 === 0 ? [' ', '\n', '\t', '\r\n  '][random() % 4]! : '');
  const string = (content: string): string => {
    let out = '"';
    for (let i = 0; i < content.length; i++) {
      const unit = content.charCodeAt(i);
      const escape = `\\u${unit.toString(16).padStart(4, '0')}`;
      const isSurrogate = unit >= 0xd800 && unit < 0xe000;
      if (isSurrogate && content.codePointAt(i)! > 0xffff && random() % 2 === 0) out += content[i]! + content[++i]!;
      else if (isSurrogate || random() % 16 === 0)
        out += random() % 2 === 0 ? escape : escape.toUpperCase().replace('U', 'u');
      else if (unit < 32 || unit === 34 || unit === 92) out += JSON.stringify(content[i]).slice(1, -1);
      else if (unit === 47 && random() % 2 === 0) out += '\\/';
      else out += content[i];
    }
    return `${out}"`;
  };
  const write = (part: unknown): string => {
    if (typeof part === 'string') return string(part);
    if (typeof part === 'number' && Number.isInteger(part) && Math.abs(part) < 1e15 && random() % 2 === 0)
      return `${part}.0`;
    if (Array.isArray(part)) return `[${space()}${part.map((item) => space() + write(item) + space()).join()}]`;
    if (part instanceof JsonObject) {
      return `{${space()}${part.pairs.map(([key, item]) => `${string(key)}${space()}:${space()}${write(item)}${space()}`).join(`,${space()}`)}}`;
    }
    return JSON.stringify(part);
  };
  return write(value);
}

function randomOf(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 8;
  };
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
const wellFormed = (value: string): string => Buffer.from(value).toString();
const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const child = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The value of an array of one scalar, anything else as it is. */
function unwrapped(value: Json | undefined): Json | undefined {
  return Array.isArray(value) && value.length === 1 && !isObject(value[0]) && !Array.isArray(value[0])
    ? value[0]
    : value;
}

/** What the columns must be, worked out from JSON.parse's view alone. Numbers in text columns are checked as numbers. */
function expectedColumns(parsed: Record<string, Json>): Row {
  const row: Row = {};
  const asText = (value: Json | undefined, mode: { nothing?: boolean; flat?: boolean } = {}): unknown => {
    const one = unwrapped(value);
    if (one === undefined || one === null) return undefined;
    if (typeof one === 'string')
      return mode.nothing && (one === '' || one.toLowerCase() === 'null') ? undefined : wellFormed(one);
    if (typeof one === 'object') return mode.flat ? undefined : { json: repaired(one) };
    return { json: one };
  };
  const set = (column: string, ...values: unknown[]): void => {
    const found = values.find((value) => value !== undefined);
    if (found !== undefined) row[column] = found;
  };
  const top: Record<string, [string, boolean?]> = {
    event_id: ['eventID'],
    event_version: ['eventVersion'],
    event_type: ['eventType'],
    event_category: ['eventCategory'],
    event_source: ['eventSource'],
    event_name: ['eventName'],
    aws_region: ['awsRegion'],
    source_ip_address: ['sourceIPAddress'],
    user_agent: ['userAgent'],
    error_code: ['errorCode', true],
    error_message: ['errorMessage'],
    request_id: ['requestID'],
    recipient_account_id: ['recipientAccountId'],
    shared_event_id: ['sharedEventID', true],
    vpc_endpoint_account_id: ['vpcEndpointAccountId', true],
    api_version: ['apiVersion', true],
  };
  const get = (...path: string[]): Json | undefined =>
    path.reduce<Json | undefined>((value, key) => child(value, key), parsed);
  for (const [column, [key, nothing = false]] of Object.entries(top)) set(column, asText(get(key), { nothing }));
  set(
    'vpc_endpoint_id',
    asText(get('vpcEndpointId'), { nothing: true }),
    asText(get('additionalEventData', 'vpcEndpointId'), { nothing: true }),
  );
  const flat = { flat: true };
  for (const key of ['type', 'principalId', 'arn', 'accountId', 'userName'])
    set(`user_identity_${snake(key)}`, asText(get('userIdentity', key), flat));
  for (const key of ['accessKeyId', 'identityProvider', 'invokedBy'])
    set(`user_identity_${snake(key)}`, asText(get('userIdentity', key), { flat: true, nothing: true }));
  for (const key of ['type', 'arn', 'accountId', 'userName'])
    set(`session_issuer_${snake(key)}`, asText(get('userIdentity', 'sessionContext', 'sessionIssuer', key), flat));
  set('session_source_identity', asText(get('userIdentity', 'sessionContext', 'sourceIdentity'), flat));
  set('key', asText(get('requestParameters', 'key'), flat), asText(get('requestParameters', 'Key'), flat));
  set(
    'host_header',
    asText(get('tlsDetails', 'clientProvidedHostHeader'), flat),
    asText(get('requestParameters', 'Host'), flat),
    asText(get('requestParameters', 'host'), flat),
  );
  set(
    'cipher_suite',
    asText(get('additionalEventData', 'CipherSuite'), flat),
    asText(get('tlsDetails', 'cipherSuite'), flat),
  );
  set('signature_version', asText(get('additionalEventData', 'SignatureVersion'), flat));
  set('host_id', asText(get('additionalEventData', 'x-amz-id-2'), flat));
  set('tls_version', asText(get('tlsDetails', 'tlsVersion'), flat));
  const asBoolean = (value: Json | undefined): unknown => {
    const one = unwrapped(value);
    const lower = typeof one === 'string' ? one.toLowerCase() : one;
    return lower === true || lower === 'true' ? true : lower === false || lower === 'false' ? false : undefined;
  };
  set('read_only', asBoolean(get('readOnly')));
  set('management_event', asBoolean(get('managementEvent')));
  set('session_credential_from_console', asBoolean(get('sessionCredentialFromConsole')));
  set('session_mfa_authenticated', asBoolean(get('userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated')));
  const jsonColumns = [
    'userIdentity',
    'requestParameters',
    'responseElements',
    'additionalEventData',
    'resources',
    'serviceEventDetails',
    'tlsDetails',
    'edgeDeviceDetails',
    'addendum',
  ];
  for (const key of jsonColumns) {
    const value = get(key);
    const isNothing =
      value === undefined || value === null || (typeof value === 'string' && value.toLowerCase() === 'null');
    if (!isNothing) row[snake(key)] = { json: repaired(value) };
  }
  const asInteger = (value: Json | undefined): number | undefined => {
    const one = unwrapped(value);
    const isText = typeof one === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(one);
    const number = isText ? Number(one) : one;
    return Number.isInteger(number) && (number as number) < 2 ** 63 && (number as number) >= -(2 ** 63)
      ? (number as number) + 0
      : undefined;
  };
  set('bytes_in', asInteger(get('additionalEventData', 'bytesTransferredIn')));
  set('bytes_out', asInteger(get('additionalEventData', 'bytesTransferredOut')));
  const created = unwrapped(get('userIdentity', 'sessionContext', 'attributes', 'creationDate'));
  if (typeof created === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created))
    row['session_creation_date'] = new Date(created).toISOString();
  const resources = get('resources');
  const buckets = (Array.isArray(resources) ? resources : []).filter(
    (item) => child(item, 'type') === 'AWS::S3::Bucket',
  );
  const nameOf = (item: Json | undefined): string | undefined => {
    const arn = ['ARN', 'arn', 'ARNPrefix'].map((key) => child(item, key)).find((value) => typeof value === 'string');
    return (
      wellFormed(arn ?? '')
        .split(':')
        .slice(5)
        .join(':')
        .split('/')[0] || undefined
    );
  };
  const named = asText(get('requestParameters', 'bucketName'), flat);
  const name = named === '' ? undefined : isJsonOf(named) ? JSON.stringify(named.json) : named;
  set('bucket', isJsonOf(named) ? named : name, nameOf(buckets[0]));
  const owner = child(buckets.find((item) => name !== undefined && nameOf(item) === name) ?? buckets[0], 'accountId');
  if (typeof owner === 'string' && owner !== '') row['bucket_account_id'] = wellFormed(owner);
  set('event_time', new Date(get('eventTime') as string).toISOString());
  return row;
}

function snake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** JSON with every string well-formed. */
function repaired(value: Json): Json {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map((item) => repaired(item));
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [wellFormed(key), repaired(item)]))
    : value;
}

/** The row with its JSON text parsed where JSON is expected; without the columns that say where it was. */
function comparable(row: Row, expected: Row): Row {
  const entries = Object.entries(row).filter(
    ([column]) => !['flags', 'log_uri', 'log_index', 'extra_fields'].includes(column),
  );
  return Object.fromEntries(
    entries.map(([column, value]) => {
      if (typeof value === 'bigint') return [column, Number(value)];
      return [column, isJsonOf(expected[column]) ? { json: JSON.parse(value as string) as Json } : value];
    }),
  );
}

function isJsonOf(value: unknown): value is { json: Json } {
  return isObject(value) && 'json' in value;
}

const runs = { numRuns: 400 };

describe('cloudtrail parser on arbitrary records', () => {
  it('fills the columns with what JSON.parse says', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 3 }), fc.integer(), (records, seed) => {
        const random = randomOf(seed);
        const texts = records.map((item) => spell(item, random));
        const { rows, rejects, cursor } = parseCloudtrail(`{"Records":[${texts.join()}]}`);
        expect(rejects).toEqual([]);
        expect(cursor).toMatchObject({
          lines: records.length,
          rows: records.length,
          rejected: 0,
          position: records.length,
        });
        for (const [index, item] of texts.entries()) {
          const expected = expectedColumns(JSON.parse(item) as Record<string, Json>);
          expect(comparable(rows[index]!, expected)).toEqual(expected);
          expect(rows[index]!['log_index']).toBe(index);
        }
      }),
      { numRuns: 600 },
    );
  }, 60_000);

  it('flags repeated keys of the record and of its objects', () => {
    fc.assert(
      fc.property(record, fc.integer(), (item, seed) => {
        const { rows } = parseCloudtrail(`{"Records":[${spell(item, randomOf(seed))}]}`);
        const second = item.pairs.map(([, value]) => value).filter((value) => value instanceof JsonObject);
        const mustFlag = [item, ...second].some((object) => repeatsKey(object));
        const mayFlag = objectsIn(item).some((object) => repeatsKey(object));
        const isFlagged = /duplicate_json_key/.test(rows[0]!['flags'] as string);
        expect([true, mustFlag]).toContain(isFlagged);
        expect([false, mayFlag]).toContain(isFlagged);
      }),
      runs,
    );
  }, 60_000);

  it('takes a valid record and does not take a malformed one', () => {
    const mutation = fc.tuple(
      fc.nat(),
      fc.constantFrom('', '"', '\\', '{', '}', ',', ':', '0', 't', '\u0001'),
      fc.nat(2),
    );
    fc.assert(
      fc.property(record, fc.integer(), mutation, (item, seed, [at, insert, remove]) => {
        const valid = spell(item, randomOf(seed));
        const place = 1 + (at % (valid.length - 1));
        const document = valid.slice(0, place) + insert + valid.slice(place + remove);
        const { rows, rejects, cursor } = parseCloudtrail(`{"Records":[${document}]}`);
        expect(cursor.lines).toBe(cursor.rows + cursor.rejected);
        expect([rows.length, rejects.length]).toEqual([cursor.rows, cursor.rejected]);
        const isBroken = rejects.some(({ reason }) => reason === 'malformed-json' || reason === 'truncated-line');
        expect(isBroken).toBe(!isJson(document));
      }),
      runs,
    );
  }, 60_000);

  it('gives the same rows and rejects wherever blocks end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(record, json), { maxLength: 4 }),
        fc.integer(),
        fc.boolean(),
        fc.nat(3),
        (items, seed, isBroken, carrier) => {
          const random = randomOf(seed);
          const texts = items.map((item) => spell(item, random));
          if (isBroken && texts.length > 0) texts[0] = texts[0]!.slice(0, random() % (texts[0]!.length + 1));
          const messages = texts.map((message) => `{"id":"1","message":${JSON.stringify(message)}}`);
          const document = [
            `{"Records":[${texts.join(', ')}],"x":{"y":1}}`,
            texts.join('\n'),
            `[${texts.join()}]`,
            `{"messageType":"DATA_MESSAGE","logEvents":[${messages.join()}]}`,
          ][carrier]!;
          const bytes = Buffer.from(document);
          const whole = parseCloudtrail(bytes);
          const cuts = Array.from({ length: 4 }, () => random() % (bytes.length + 1)).sort((a, b) => a - b);
          expect(parseCloudtrail(bytes, { cuts })).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);

  it('keeps a record with bytes that are not UTF-8, escaped in text and replaced in JSON', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20, min: 0x5d }).map((list) => Buffer.from(list));
    const head = Buffer.from('{"Records":[{"eventTime":"2026-07-01T00:00:00Z","userAgent":"');
    const middle = Buffer.from('","requestParameters":{"key":"');
    fc.assert(
      fc.property(bytes, bytes, fc.nat(), (agent, key, cut) => {
        const document = Buffer.concat([
          head,
          agent,
          middle,
          key,
          Buffer.from('"}},null,{"eventTime":"2026-07-01T00:00:00Z"}]}'),
        ]);
        const { rows, rejects } = parseCloudtrail(document, { cuts: [cut % document.length] });
        expect([rows.length, rejects.length]).toEqual([2, 1]);
        expect(rows[0]!['request_parameters']).toBe(`{"key":"${key.toString()}"}`);
        expect(rows[0]!['user_agent']).toBe(
          isUtf8(agent) ? agent.toString() : escapeInvalidUtf8(agent, 0, agent.length).toString(),
        );
        expect(rows[0]!['flags']).toBe(isUtf8(agent) && isUtf8(key) ? undefined : 'invalid_utf8');
        expect(rows[1]!['flags']).toBe(undefined);
      }),
      runs,
    );
  }, 60_000);

  it('never throws on arbitrary bytes, and counts add up', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          '{"Records":[',
          '{"eventVersion":"1.08",',
          '"eventTime":"2026-07-01T00:00:00Z"',
          '"resources":[',
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          '\\',
          '\\u',
          '\\ud800',
          'null',
          'true',
          '1.5e3',
          '{"detail":',
          '{"message":"',
          '{"logEvents":[',
          '{"digestStartTime":',
          '\n',
          '\ufeff',
        )
        .map((part) => Buffer.from(part)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(), fc.boolean(), (pieces, cut, isSmall) => {
        const bytes = Buffer.concat(pieces);
        const limits = { maxRecordBytes: isSmall ? 24 : 1 << 20 };
        const whole = parseCloudtrail(bytes, { limits });
        expect(whole.cursor.lines).toBe(whole.cursor.rows + whole.cursor.rejected);
        expect([whole.rows.length, whole.rejects.length]).toEqual([whole.cursor.rows, whole.cursor.rejected]);
        expect(whole.cursor.offset).toBe(bytes.length);
        expect(parseCloudtrail(bytes, { limits, cuts: [cut % (bytes.length + 1)] })).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  }, 60_000);
});

function isJson(document: string): boolean {
  try {
    JSON.parse(document);
    return true;
  } catch {
    return false;
  }
}

function repeatsKey({ pairs }: JsonObject): boolean {
  return new Set(pairs.map(([key]) => key)).size < pairs.length;
}

/** The object and all objects in it. */
function objectsIn(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((item) => objectsIn(item));
  return value instanceof JsonObject ? [value, ...value.pairs.flatMap(([, item]) => objectsIn(item))] : [];
}
