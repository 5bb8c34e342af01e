/** What golden files cannot show of the CloudTrail parser: counts, limits, memory, sharing of batches, time. */
import { describe, expect, it } from 'vitest';
import { releaseBatch, type ParsedBatch } from '../../parsers/batch.js';
import { createCloudtrailParser } from '../../parsers/cloudtrail.js';
import { startObject } from '../../parsers/parser.js';
import { RejectWriter } from '../../parsers/reject-writer.js';
import { parseCloudtrail, rowsOf } from './cloudtrail-harness.js';
import { kept } from './kept-batch.js';

const record = (id: string, rest = ''): string =>
  `{"eventVersion":"1.11","eventTime":"2026-07-01T12:00:00Z","eventID":"${id}"${rest}}`;
const records = (...list: string[]): string => `{"Records":[${list.join()}]}`;

const signed = 'https://acme-media.s3.amazonaws.com/a?X-Amz-Signature=0123456789abcdef&x=1';

/** The members of an object as JSON, to be put behind others. */
function membersOf(value: object): string {
  return `,${JSON.stringify(value).slice(1, -1)}`;
}

function signedMessage(id: string): string {
  return `{"message":${JSON.stringify(record(id, `,"userAgent":"é ${signed}"`))}}`;
}

describe('counts', () => {
  it.each([
    [
      'a digest',
      '{"awsAccountId":"111122223333","digestStartTime":"2026-07-01T12:00:00Z","digestEndTime":"2026-07-01T13:00:00Z","logFiles":[]}',
      { digest: 1 },
    ],
    ['an insight', records('{"eventTime":"2026-07-01T12:00:00Z","eventType":"AwsCloudTrailInsight"}'), { insight: 1 }],
    [
      'aggregated events',
      records('{"eventType":"AwsAggregatedEvent"}', '{"timeWindow":{},"summary":{}}'),
      { aggregated: 2 },
    ],
    [
      'a control message',
      '{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health"}]}',
      { control: 1 },
    ],
    [
      'a control message that says so last',
      '{"logEvents":[{"message":"CWL CONTROL MESSAGE: Checking health"}],"messageType":"CONTROL_MESSAGE"}',
      { control: 1 },
    ],
    ['a control message without events', '{"messageType":"CONTROL_MESSAGE","logEvents":[]}', { control: 1 }],
    [
      'the signature of a Lake result',
      '{"version":"1.0","files":[],"hashSignature":"ab","publicKeyFingerprint":"cd"}',
      { 'query-result-signature': 1 },
    ],
  ])('skips %s and counts no line', (_, document, skipped) => {
    const { cursor, rows, rejects } = parseCloudtrail(document);
    expect(cursor).toMatchObject({ lines: 0, rows: 0, rejected: 0, skipped });
    expect([rows, rejects]).toEqual([[], []]);
  });

  it.each(['', ' \n', '{"Records":[]}', '{ "Records" : [ ] }\n', '[]', '\u{feff}{"Records":[]}'])(
    'finds no line in %j',
    (document) => {
      expect(parseCloudtrail(document).cursor).toMatchObject({ lines: 0, rows: 0, rejected: 0, skipped: {} });
    },
  );

  it.each(['{"a":1}', '{"a":1}\n{"b":2}\n', '"text"', '42', '-1.5e3', 'null', 'hello', '<xml/>', '\u0000\u0001'])(
    'rejects %j once as no log',
    (document) => {
      const { cursor, rejects } = parseCloudtrail(document);
      expect(cursor).toMatchObject({ lines: 1, rows: 0, rejected: 1 });
      expect(rejects).toMatchObject([{ reason: 'not-a-log', log_offset: 0 }]);
      expect(rejects[0]).not.toHaveProperty('log_line');
    },
  );

  it('rejects every proper beginning of a list of records once, and keeps the complete records', () => {
    const list = [record('a'), record('b'), record('c')];
    const document = records(...list);
    for (let length = '{"Records":['.length; length < document.length - 1; length++) {
      const complete = list.filter(
        (_, index) => length >= '{"Records":['.length + list.slice(0, index + 1).join().length,
      ).length;
      const { rows, rejects } = parseCloudtrail(document.slice(0, length));
      expect(rows).toHaveLength(complete);
      expect(rejects).toMatchObject([{ reason: 'truncated-line', log_line: complete }]);
    }
  });

  it('starts anew with a new object after one that ended inside its array', () => {
    const batches: ParsedBatch[] = [];
    const parser = createCloudtrailParser({
      batches: (batch) => batches.push(kept(batch)),
      rejects: new RejectWriter(() => {}),
    });
    const cutOff = records(record('a')).slice(0, -2);
    const block = Buffer.from(cutOff + records(record('b')));
    const first = startObject('s3://acme-trail/first');
    const split = cutOff.length;
    parser.parse(block, 0, split, first, false);
    const second = startObject('s3://acme-trail/second');
    parser.parse(block, split, block.length, second, true);
    parser.flush();
    expect(batches).toHaveLength(1);
    expect(rowsOf(batches[0]!)).toMatchObject([
      { event_id: 'a', log_uri: first.uri, log_index: 0 },
      { event_id: 'b', log_uri: second.uri, log_index: 0 },
    ]);
  });
});

describe('limits', () => {
  const limits = { maxRecordBytes: 1000 };
  const long = record('long', `,"userAgent":"${'}]"},{'.replaceAll('"', '\\"').repeat(300)}"`);

  it.each([
    ['a record', long],
    ['a string', `"${'x'.repeat(2000)}"`],
    ['a nested array', `[${'[1],'.repeat(600)}2]`],
    ['a number', '1'.repeat(2000)],
  ])('rejects %s above the limit with its length and goes on after it', (_, element) => {
    const document = records(record('a'), element, record('b'));
    const whole = parseCloudtrail(document, { limits });
    expect(whole.rows).toMatchObject([
      { event_id: 'a', log_index: 0 },
      { event_id: 'b', log_index: 2 },
    ]);
    expect(whole.rejects).toMatchObject([
      { reason: 'line-too-long', log_line: 1, log_offset: 12 + record('a').length + 1 },
    ]);
    expect(Number(whole.rejects[0]!['raw_length'])).toBeGreaterThanOrEqual(element.length);
    for (let cut = 0; cut < document.length; cut += 37)
      expect(parseCloudtrail(document, { limits, cuts: [cut] })).toEqual(whole);
  });

  it('passes over a long record without being given it whole', () => {
    const rejects: ParsedBatch[] = [];
    const writer = new RejectWriter((batch) => rejects.push(batch));
    const parser = createCloudtrailParser({ batches: () => {}, rejects: writer, limits });
    const cursor = startObject('s3://acme-trail/long');
    const head = Buffer.from('{"Records":[{"eventVersion":"');
    expect(parser.parse(head, 0, head.length, cursor, false)).toBe(12);
    const start = Buffer.from(`{"eventVersion":"${'x'.repeat(1000)}`);
    expect(parser.parse(start, 0, start.length, cursor, false)).toBe(start.length);
    const filler = Buffer.alloc(5000, 'x');
    expect(parser.parse(filler, 0, filler.length, cursor, false)).toBe(5000);
    const tail = Buffer.from(`"},${record('b')}]}`);
    expect(parser.parse(tail, 0, tail.length, cursor, true)).toBe(tail.length);
    writer.flush();
    expect(cursor).toMatchObject({ lines: 2, rows: 1, rejected: 1, position: 2 });
    expect(rowsOf(rejects[0]!)).toMatchObject([{ raw_length: start.length + 5000 + 2 }]);
  });

  it('writes the reject of a long record whose object was abandoned', () => {
    const rejects: ParsedBatch[] = [];
    const writer = new RejectWriter((batch) => rejects.push(batch));
    const parser = createCloudtrailParser({ batches: () => {}, rejects: writer, limits });
    const block = Buffer.from(`{"Records":[${long.slice(0, 1500)}`);
    parser.parse(block, 0, block.length, startObject('s3://acme-trail/abandoned'), false);
    parser.parse(Buffer.from('[]'), 0, 2, startObject('s3://acme-trail/next'), true);
    writer.flush();
    expect(rowsOf(rejects[0]!)).toMatchObject([{ reason: 'line-too-long', log_uri: 's3://acme-trail/abandoned' }]);
  });

  it('recognises a digest above the limit', () => {
    const file = `{"s3Object":"${'k'.repeat(50)}"}`;
    const digest = `{"digestStartTime":"2026-07-01T12:00:00Z","digestEndTime":"2026-07-01T13:00:00Z","logFiles":[${Array.from({ length: 99 }, () => file).join()}]}`;
    expect(parseCloudtrail(digest, { limits }).cursor).toMatchObject({ lines: 0, skipped: { digest: 1 } });
  });

  it('reads nesting of any depth', () => {
    const deep = '[{"a":'.repeat(100_000) + '1' + '}]'.repeat(100_000);
    const { rows } = parseCloudtrail(records(record('a', `,"requestParameters":{"b":${deep}},"new":${deep}`)), {
      limits: { maxRecordBytes: 1 << 24 },
    });
    expect(rows).toMatchObject([
      { event_id: 'a', request_parameters: `{"b":${deep}}`, extra_fields: `{"new":${deep}}` },
    ]);
  });
});

describe('memory', () => {
  it('copies nothing of a record without escapes but the uri', () => {
    const batches: ParsedBatch[] = [];
    const parser = createCloudtrailParser({
      batches: (batch) => batches.push(kept(batch)),
      rejects: new RejectWriter(() => {}),
    });
    const text = record(
      '0123456789abcdef',
      ',"userAgent":"a user agent of some length","requestParameters":{"bucketName":"acme-finance-reports"}',
    );
    const block = Buffer.from(records(text, text));
    const cursor = startObject('s3://acme-trail/object');
    parser.parse(block, 0, block.length, cursor, true);
    parser.flush();
    const [first, side] = batches[0]!.buffers;
    expect(first!.buffer).toBe(block.buffer);
    expect(Buffer.from(first!).toString()).toBe(`${text},${text}`);
    expect(Buffer.from(side!).toString()).toBe(cursor.uri);
  });

  it('fills the same columns from an arena that was used before', () => {
    const results: unknown[] = [];
    const parser = createCloudtrailParser({
      batches: (batch) => {
        results.push(rowsOf(batch).map(({ event_id: id, error_code: code }) => [id, code]));
        releaseBatch(batch);
      },
      rejects: new RejectWriter(() => {}),
    });
    for (const rest of [',"errorCode":"AccessDenied"', '']) {
      const block = Buffer.from(records(record('a', rest)));
      parser.parse(block, 0, block.length, startObject('s3://acme-trail/object'), true);
      parser.flush();
    }
    expect(results).toEqual([[['a', 'AccessDenied']], [['a', undefined]]]);
  });

  it('emits full batches with a uri of their own', () => {
    const document = records(...Array.from({ length: 5000 }, (_, index) => record(`${index}`)));
    const { rows } = parseCloudtrail(document);
    expect(rows.map(({ event_id: id }) => id)).toEqual(Array.from({ length: 5000 }, (_, index) => `${index}`));
    expect(new Set(rows.map(({ log_uri: uri }) => uri)).size).toBe(1);
  });

  it('blanks secrets in the block itself, in rows and in rejects', () => {
    const secret = 'c2VjcmV0c2VjcmV0';
    const credentials = `,"responseElements":{"credentials":{"sessionToken":"${secret}","secretAccessKey":["x"],"secretAccessKey":"${secret}"}}`;
    const url = `,"userAgent":"GET /a?x=1&X-Amz-Signature=${secret}","requestParameters":{"X-Amz-Security-Token":"${secret}","x-amz-credential":["${secret}"]}`;
    const block = Buffer.from(
      records(
        record('a', credentials),
        record('b', url),
        `{"eventVersion":1,${credentials.slice(1)},}`,
        record('c', `${url}.`),
      ),
    );
    const parser = createCloudtrailParser({ batches: () => {}, rejects: new RejectWriter(() => {}) });
    parser.parse(block, 0, block.length, startObject('s3://acme-trail/object'), true);
    expect(block.toString()).not.toContain(secret);
  });

  const blanked = signed.replace('0123456789abcdef', '*'.repeat(16));

  it.each([
    ['requestParameters.Host', { requestParameters: { Host: signed } }],
    ['requestParameters of no name', { requestParameters: { list: [{ url: signed }] } }],
    ['tlsDetails', { tlsDetails: { clientProvidedHostHeader: signed } }],
    ['the ARN of a resource', { resources: [{ type: 'AWS::S3::Object', ARN: signed }] }],
    ['userIdentity', { userIdentity: { sessionContext: { sourceIdentity: signed } } }],
    ['responseElements', { responseElements: { 'x-amz-version-id': signed } }],
    ['an unknown object', { unknown: { list: [[{ deep: signed }]] } }],
    ['a number of encodings', { unknown: signed.replace('=', '%253D') }],
    ['JSON that is a string', { unknown: JSON.stringify({ url: JSON.stringify({ url: signed }) }) }],
  ])('blanks a secret parameter in %s', (_, members) => {
    const blankedMembers = JSON.parse(JSON.stringify(members).replaceAll('0123456789abcdef', '*'.repeat(16))) as object;
    const document = records(record('a', ',"userAgent":"a=b"'), record('b', membersOf(members)), record('c'));
    const expected = records(record('a', ',"userAgent":"a=b"'), record('b', membersOf(blankedMembers)), record('c'));
    expect(parseCloudtrail(document).rows).toEqual(parseCloudtrail(expected).rows);
  });

  it('blanks a secret member of JSON that is a string', () => {
    const { rows } = parseCloudtrail(record('a', `,"text":${JSON.stringify('{"sessionToken":"abc"}')}`));
    expect(rows[0]!['extra_fields']).toContain(String.raw`\"sessionToken\":\"***\"`);
  });

  it('blanks a secret in messages, whose text moves when they are unescaped', () => {
    const { rows } = parseCloudtrail(`{"logEvents":[${['a', 'b', 'c'].map(signedMessage).join(',')}]}`);
    expect(rows.map(({ user_agent: agent }) => agent)).toEqual(Array(3).fill(`é ${blanked}`));
  });
});

describe('time', () => {
  it.each([
    ['record starts nested in a malformed record', `{"Records":[${'{"eventVersion":'.repeat(50_000)}`],
    [
      'record starts nested in a malformed record that ends',
      `{"Records":[${'{"eventVersion":'.repeat(50_000)}]${'}'.repeat(50_000)}]}`,
    ],
    ['malformed records', `{"Records":[${'{"eventVersion" 1},'.repeat(50_000)}`],
    ['braces', '{'.repeat(500_000)],
    [
      'unknown keys',
      records(record('a', Array.from({ length: 50_000 }, (_, index) => `,"k${index}":${index}`).join(''))),
    ],
    ['repeated keys', records(record('a', ',"userIdentity":{"type":"a"},"x":1'.repeat(20_000)))],
    ['escaped keys', records(record('a', ',"\\u0061":1'.repeat(50_000)))],
    ['lone surrogates', records(record('a', `,"userAgent":"${'\\ud800'.repeat(100_000)}"`))],
    ['digits', records(record('a', `,"additionalEventData":{"bytesTransferredIn":1${'0'.repeat(500_000)}1}`))],
    ['messages', `{"logEvents":[${'{"message":"{}"},'.repeat(30_000)}]}`],
    ['spaces after the name of a secret', records(record('a', `,"new":{"x-amz-signature"${' '.repeat(300_000)}:1}`))],
    ['equals signs', records(record('a', `,"userAgent":"${'signature='.repeat(50_000)}"`))],
  ])(
    'is linear in %s',
    (_, document) => {
      const start = process.cpuUsage();
      const { cursor } = parseCloudtrail(document, { limits: { maxRecordBytes: 1 << 24 } });
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e6).toBeLessThan(5);
      expect(cursor.lines).toBe(cursor.rows + cursor.rejected);
    },
    60_000,
  );
});
