/** The compiled reader of plain CloudTrail records, beside the slow path: what it takes is what that one says. */
import * as fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../parsers/batch.js';
import { recordPlace } from '../../parsers/cloudtrail-row.js';
import { defaultLimits, startObject } from '../../parsers/parser.js';
import { PlainRecords } from '../../parsers/plain-records.js';
import { RowPlace } from '../../parsers/row-place.js';
import { cloudtrailTable } from '../../parsers/tables.js';
import { parseCloudtrail, rowsOf, type Row } from './cloudtrail-harness.js';

const uri = 's3://acme-trail/AWSLogs/file.json.gz';

/** The rows of records as the compiled reader sees them, and where it stopped. */
function plainRows(text: string): { rows: Row[]; end: number } {
  const rows: Row[] = [];
  const builder = new BatchBuilder(cloudtrailTable, (batch) => rows.push(...rowsOf(batch)));
  const plain = new PlainRecords(builder, new RowPlace(builder, recordPlace), defaultLimits.maxRecordBytes);
  const block = Buffer.from(`${text}]}`);
  plain.use(block);
  const end = plain.read(0, block.length, startObject(uri));
  builder.flush();
  return { rows, end };
}

/** What the slow path says of a record: one that is a document is always left to it. */
function slowRows(text: string): { rows: Row[]; rejects: Row[] } {
  return parseCloudtrail(text, { uri });
}

/** True when the compiled reader took the text as one record; then it must agree with the slow path. */
function agrees(text: string): boolean {
  if (!text.startsWith('{')) return false;
  const { rows, end } = plainRows(text);
  if (rows.length !== 1 || end !== Buffer.byteLength(text)) return false;
  const slow = slowRows(text);
  expect(slow.rejects).toEqual([]);
  expect(rows).toEqual(slow.rows);
  return true;
}

const s3Event = {
  eventVersion: '1.11',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:job',
    arn: 'arn:aws:sts::111122223333:assumed-role/batch/job',
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: 'AROAEXAMPLE',
        arn: 'arn:aws:iam::111122223333:role/batch',
        accountId: '111122223333',
        userName: 'batch',
      },
      attributes: { creationDate: '2026-10-18T23:51:36Z', mfaAuthenticated: 'false' },
    },
  },
  eventTime: '2026-10-19T06:55:57Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  awsRegion: 'eu-central-1',
  sourceIPAddress: '10.20.3.15',
  userAgent: '[aws-cli/2.15 md/arch#x86_64]',
  requestParameters: { bucketName: 'acme-data', Host: 'acme-data.s3.amazonaws.com', key: 'a/b=c/ä.csv', location: '' },
  responseElements: null,
  additionalEventData: {
    SignatureVersion: 'SigV4',
    CipherSuite: 'TLS_AES_128_GCM_SHA256',
    bytesTransferredIn: 17,
    'x-amz-id-2': 'xV+I8=',
    bytesTransferredOut: 42596,
  },
  requestID: '1KDESGMYZHWSSJ1F',
  eventID: 'ee693cf4-96b6-43d3-a8b2-a88a1e81c6d3',
  readOnly: true,
  resources: [
    { type: 'AWS::S3::Object', ARN: 'arn:aws:s3:::acme-data/a/b=c/ä.csv' },
    { accountId: '111122223333', type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::acme-data' },
  ],
  eventType: 'AwsApiCall',
  managementEvent: false,
  recipientAccountId: '111122223333',
  eventCategory: 'Data',
  tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' },
};
const compact = JSON.stringify(s3Event).replace('17,', '0.0,').replace('42596', '42596.0');

function bucket(name: string, accountId: string): object {
  return { type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${name}`, accountId };
}

const scalar = fc.oneof(
  fc.constantFrom('', 'null', 'true', 'false', 'TRUE', '4', 'é', '2026-02-29T00:00:00Z', '2024-02-29T23:59:59Z'),
  fc.constantFrom('X-Amz-Signature=abc', 'a%3Db', 'x-amz-security-token%3dq', '"', '\\', '\n', 'AWS::S3::Bucket'),
  fc.constantFrom('arn:aws:s3:::acme-data', 'arn:aws:s3:::two/x', 'AwsCloudTrailInsight', 'AwsAggregatedEvent'),
  fc.string({ maxLength: 20 }),
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const keys = [
  'type',
  'ARN',
  'arn',
  'accountId',
  'key',
  'Key',
  'sessionToken',
  'secretAccessKey',
  'x-id',
  'detail',
  'sessionContext',
];
const { nested } = fc.letrec((tie) => ({
  nested: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('nested'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 6 })), tie('nested'), { maxKeys: 3 }),
  ),
}));

type Tree = Record<string, unknown>;

/** Every place of the tree that can be changed: the object and the key. */
function placesOf(tree: Tree): [Tree, string][] {
  return Object.entries(tree).flatMap(([key, value]) => [
    [tree, key] as [Tree, string],
    ...(typeof value === 'object' && value !== null ? placesOf(value as Tree) : []),
  ]);
}

/** The event with some values changed, some keys renamed, removed or added. */
const changedEvent = fc
  .array(
    fc.record({
      at: fc.nat(),
      how: fc.constantFrom('value', 'remove', 'rename', 'add'),
      value: nested,
      key: fc.constantFrom(...keys),
    }),
    { maxLength: 4 },
  )
  .map((changes) => {
    const event = structuredClone(s3Event) as Tree;
    for (const { at, how, value, key } of changes) {
      const places = placesOf(event);
      const [holder, name] = places[at % places.length]!;
      if (how === 'value') holder[name] = value;
      else if (how === 'add' && !Array.isArray(holder)) holder[key] = value;
      else if (!Array.isArray(holder)) {
        if (how === 'rename') holder[key] = holder[name];
        delete holder[name];
      }
    }
    return JSON.stringify(event);
  });

/** The text of the event with bytes changed, put in, left out, or written twice. */
const damagedText = fc
  .array(
    fc.tuple(
      fc.nat(),
      fc.nat({ max: 40 }),
      fc.constantFrom(...Array.from('"\\{}[],: \n=%0-.e9tfnéA'), '\u0000', '":"', ',"', 'twice'),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((edits) =>
    edits.reduce((text, [at, removed, inserted]) => {
      const from = at % text.length;
      const rest = text.slice(from);
      return inserted === 'twice'
        ? text.slice(0, from) + rest.slice(0, removed) + rest
        : text.slice(0, from) + inserted + rest.slice(removed % 3);
    }, compact),
  );

describe('the reader of plain records', () => {
  it('takes a record of S3 and agrees with the slow path', () => {
    expect(agrees(compact)).toBe(true);
  });

  it('takes records with other values and keys, and agrees with the slow path', () => {
    let taken = 0;
    fc.assert(
      fc.property(changedEvent, (text) => {
        if (agrees(text)) taken++;
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(1000);
  });

  it('agrees with the slow path on every damaged record that it takes', () => {
    let taken = 0;
    fc.assert(
      fc.property(damagedText, (text) => {
        if (agrees(text)) taken++;
      }),
      { numRuns: 4000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('gives the owner of the bucket that is named, whatever others there are', () => {
    const resources = [bucket('acme-data-2', '1'), bucket('acme', '2'), bucket('acme-data', '3')];
    const text = JSON.stringify({ ...s3Event, resources });
    expect(agrees(text)).toBe(true);
    expect(plainRows(text).rows[0]).toMatchObject({ bucket: 'acme-data', bucket_account_id: '3' });
  });

  it('leaves secrets to the slow path', () => {
    for (const [from, to] of [
      ['"location":""', '"sessionToken":"abc"'],
      ['"location":""', '"a":{"b":[{"SecretAccessKey":"abc"}]}'],
      ['a/b=c', '?X-Amz-Signature=c'],
      ['a/b=c', '?x-amz-SECURITY-token%3Dc'],
    ] as const)
      expect(plainRows(compact.replace(from, to)).rows).toEqual([]);
  });

  it('reads records of every length the same wherever its window ends', () => {
    const longer = fc.nat({ max: 9000 }).map((length) => compact.replace('aws-cli', 'a'.repeat(length)));
    fc.assert(
      fc.property(fc.array(longer, { minLength: 10, maxLength: 40 }), (records) => {
        const { rows } = parseCloudtrail(`{"Records":[${records.join()}]}`, { uri });
        const expected = records.flatMap((record, index) =>
          slowRows(record).rows.map((row) => ({ ...row, log_index: index })),
        );
        expect(rows).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('reads a list the same wherever a block ends, with other records between plain ones', () => {
    const odd = compact.replace('"eventID":', '"eventID" : ');
    const bytes = Buffer.from(`{"Records":[${[compact, odd, compact, compact, odd].join()}]}`);
    const whole = parseCloudtrail(bytes, { uri });
    expect(whole.rows.map((row) => row['log_index'])).toEqual([0, 1, 2, 3, 4]);
    for (let cut = 0; cut <= bytes.length; cut += 7)
      expect(parseCloudtrail(bytes, { uri, cuts: [cut] })).toEqual(whole);
  });

  it('takes nearly all records of the demo', () => {
    const folder = 'fixtures/demo/logs';
    const files = fs
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.json.gz'));
    const records = files.flatMap((file) => {
      const { Records: found } = JSON.parse(gunzipSync(fs.readFileSync(path.join(folder, file))).toString()) as {
        Records?: unknown[];
      };
      return found ?? [];
    });
    const taken = records.filter((record) => plainRows(JSON.stringify(record)).rows.length === 1);
    expect(taken.length / records.length).toBeGreaterThan(0.9);
  });
});
