/** Which objects of a bucket a run looks at, and what that costs in requests. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Layout } from '../../ingest/s3/dated-keys.js';
import type { Period } from '../../ingest/s3/list-source.js';
import { s3Source } from '../../ingest/sources/s3.js';
import { S3Stub } from '../s3-stub.js';
import { accessOf, testEnvironment } from '../s3-logs.js';

const now = Date.parse('2026-11-21T14:30:00Z');
const stub = new S3Stub();
let bucketNumber = 0;
let bucket = '';

beforeAll(async () => {
  Object.assign(process.env, testEnvironment);
  await stub.start();
});
afterAll(() => stub.stop());
beforeEach(() => {
  bucket = `acme-logs-${bucketNumber++}`;
  stub.requests.length = 0;
  stub.pageKeys = 1000;
  stub.fault = () => null;
});

const usual: Period = { fromMs: null, toMs: null, lookbackMs: null, nowMs: now, listedAtMs: null };

/** Keys that a source lists, in its order; `null` asks for everything under the prefix. */
async function listed(
  prefix: string,
  period: Partial<Period> | null = {},
  layout: Layout = 'auto',
): Promise<{ keys: string[]; warnings: string[] }> {
  const warnings: string[] = [];
  const whole = period === null ? null : { ...usual, ...period };
  const source = s3Source({
    bucket,
    prefix,
    layout,
    period: whole,
    access: accessOf(stub.endpoint),
    retry: { firstWaitMs: 1 },
    history: { read: () => Promise.resolve(whole?.listedAtMs ?? null), write: () => Promise.resolve() },
  });
  const keys: string[] = [];
  for await (const { uri } of source.list({ warn: (message) => warnings.push(message) }))
    keys.push(uri.slice(`s3://${bucket}/`.length));
  return { keys, warnings };
}

function put(...keys: string[]): void {
  for (const key of keys) stub.put(bucket, key, key);
}

const unique = '0123456789ABCDEF';
const flat = (day: string, prefix = ''): string => `${prefix}${day}-10-11-12-${unique}`;
const partitioned = (day: string, folder: string): string =>
  `${folder}${day.replaceAll('-', '/')}/${day}-00-00-00-${unique}`;
const trail = (
  day: string,
  { account = '111122223333', region = 'eu-central-1', kind = 'CloudTrail', org = '' } = {},
): string =>
  `AWSLogs/${org}${account}/${kind}/${region}/${day.replaceAll('-', '/')}/${account}_${kind}_${region}_${day.replaceAll('-', '')}T1000Z_${unique}.json.gz`;

const days = (from: string, to: string): string[] => {
  const all: string[] = [];
  for (let day = Date.parse(from); day <= Date.parse(to); day += 86_400_000)
    all.push(new Date(day).toISOString().slice(0, 10));
  return all;
};
/** The day that a flat key without a prefix begins with. */
const day = (key: string): string => key.slice(0, 10);

/** 100,000 objects over the last 90 days. */
const keysOf = (name: (day: string, number: number) => string): void => {
  for (let number = 0; number < 100_000; number++) {
    const at = new Date(now - (number % 90) * 86_400_000).toISOString().slice(0, 10);
    stub.put(bucket, name(at, number), 'x');
  }
};

describe('a source with layout auto', () => {
  it('finds flat access logs of today and the 26 hours before, also behind a prefix that runs into the date', async () => {
    put(...['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'].flatMap((day) => [flat(day), flat(day, 'app-')]));
    expect((await listed('')).keys).toEqual([
      flat('2026-11-20'),
      flat('2026-11-20', 'app-'),
      flat('2026-11-21'),
      flat('2026-11-21', 'app-'),
    ]);
    expect((await listed('app-')).keys).toEqual([flat('2026-11-20', 'app-'), flat('2026-11-21', 'app-')]);
  });

  it('finds partitioned access logs of three days, oldest day first over all accounts, Regions and buckets', async () => {
    const folders = ['s/111122223333/eu-central-1/acme-a/', 's/444455556666/us-east-1/acme.b-1/'];
    put(
      ...folders.flatMap((folder) => ['2026-11-17', '2026-11-18', '2026-11-21'].map((day) => partitioned(day, folder))),
    );
    expect((await listed('s/')).keys).toEqual([
      partitioned('2026-11-18', folders[0]!),
      partitioned('2026-11-18', folders[1]!),
      partitioned('2026-11-21', folders[0]!),
      partitioned('2026-11-21', folders[1]!),
    ]);
  });

  it('finds CloudTrail of one account and of an organisation in all Regions, with its siblings and digests', async () => {
    const org = 'o-abcdef1234/';
    const expected = [
      trail('2026-11-20'),
      trail('2026-11-21'),
      trail('2026-11-21', { region: 'us-gov-west-1' }),
      trail('2026-11-21', { kind: 'CloudTrail-Insight' }),
      trail('2026-11-21', { kind: 'CloudTrail-Digest' }),
      trail('2026-11-21', { account: '444455556666', org }),
      trail('2026-11-21', { account: '777788889999', region: 'us-east-1', org }),
    ];
    put(...expected, trail('2026-11-19'));
    put(`AWSLogs/111122223333/vpcflowlogs/eu-central-1/2026/11/21/flow.log.gz`);
    stub.put(bucket, 'AWSLogs/111122223333/CloudTrail/', '');
    for (const prefix of ['', 'AWSLogs', 'AWSLogs/'])
      expect((await listed(prefix)).keys.toSorted()).toEqual(expected.toSorted());
    expect((await listed('AWSLogs/111122223333/CloudTrail/eu-central-1/')).keys).toEqual(expected.slice(0, 2));
    expect((await listed('AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/21/')).keys).toEqual([expected[1]]);
    expect((await listed('AWSLogs/o-abcdef1234/4444')).keys).toEqual([expected[5]]);
  });

  it('takes objects whose keys have no date, wherever they lie, and no folder markers', async () => {
    put('export/trail.json', 'notes.log', flat('2026-11-21', 'export/'), flat('2026-10-01', 'export/'), 'export/');
    stub.put(bucket, 'export/', '');
    expect((await listed('')).keys.toSorted()).toEqual(
      [flat('2026-11-21', 'export/'), 'export/trail.json', 'notes.log'].toSorted(),
    );
  });

  it('reads the same bucket twice alike when pages are small', async () => {
    const keys = ['2025-12-31', '2026-11-20', '2026-11-21'].flatMap((day) =>
      Array.from({ length: 7 }, (_, i) => `logs/${day}-10-11-12-${String(i).padStart(16, '0')}`),
    );
    put(
      ...keys,
      ...keys.map((key) => key.replace('logs/', 'logs/sub-')),
      'logs/between/2026-11-21-00-00-00-A',
      'logs/zz.log',
    );
    const expected = [...keys.slice(7), ...keys.slice(7).map((key) => key.replace('logs/', 'logs/sub-'))];
    for (stub.pageKeys = 1; stub.pageKeys <= 8; stub.pageKeys++)
      expect((await listed('logs/')).keys.toSorted()).toEqual(
        [...expected, 'logs/between/2026-11-21-00-00-00-A', 'logs/zz.log'].toSorted(),
      );
  });

  it('says that a prefix holds no logs', async () => {
    put('other/x');
    const { keys, warnings } = await listed('logz/');
    expect(keys).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining(`s3://${bucket}/logz/: no logs found`)]);
  });
});

describe('a layout that is named', () => {
  it('takes only keys of that kind', async () => {
    const folder = '111122223333/eu-central-1/acme-a/';
    put(partitioned('2026-11-21', folder), flat('2026-11-21'), trail('2026-11-21'), 'notes.log');
    expect((await listed('', {}, 'flat')).keys).toEqual([flat('2026-11-21')]);
    expect((await listed('', {}, 'partitioned')).keys).toEqual([partitioned('2026-11-21', folder)]);
    expect((await listed('', {}, 'cloudtrail')).keys).toEqual([trail('2026-11-21')]);
  });
});

describe('the days that are listed', () => {
  beforeEach(() => put(...days('2026-10-20', '2026-11-21').map((each) => flat(each))));

  it('follow lookback', async () => {
    expect((await listed('', { lookbackMs: 5 * 86_400_000 })).keys.map(day)).toEqual(days('2026-11-16', '2026-11-21'));
  });

  it('reach back before a pause of the job', async () => {
    const listedAtMs = Date.parse('2026-11-10T23:00:00Z');
    expect((await listed('', { listedAtMs })).keys.map(day)).toEqual(days('2026-11-09', '2026-11-21'));
  });

  it('are those of a back-fill, its end not included', async () => {
    const period = { fromMs: Date.parse('2026-11-01'), toMs: Date.parse('2026-11-03') };
    expect((await listed('', period)).keys.map(day)).toEqual(['2026-11-01', '2026-11-02']);
  });

  it('do not matter to a prefix that is read whole', async () => {
    put('a/b/c');
    expect((await listed('', null)).keys).toEqual([
      ...days('2026-10-20', '2026-11-21').map((each) => flat(each)),
      'a/b/c',
    ]);
  });
});

describe('a bucket of 100,000 objects over 90 days', () => {
  it('costs the lists of three days, and two to find where they are, when it is partitioned', async () => {
    const folder = 'logs/111122223333/eu-central-1/acme-docs/';
    keysOf((day, number) => `${folder}${day.replaceAll('-', '/')}/${day}-00-00-00-${String(number).padStart(16, '0')}`);
    const { keys } = await listed(folder, { lookbackMs: 2 * 86_400_000 + 1 });
    // 1,111 or 1,112 objects a day are two pages.
    expect(keys).toHaveLength(Array.from({ length: 100_000 }, (_, n) => n % 90).filter((age) => age <= 2).length);
    const prefixes = stub.lists().map(({ key }) => key);
    expect(prefixes.filter((key) => key !== folder)).toEqual(
      expect.arrayContaining(['18', '19', '20', '21'].slice(1).map((each) => `${folder}2026/11/${each}/`)),
    );
    expect(new Set(prefixes.filter((key) => key !== folder)).size).toBe(3);
    expect(prefixes.length).toBeLessThanOrEqual(3 * 2 + 2);
  });

  it('costs the lists of two days and one a year to find where they are, when it is flat', async () => {
    keysOf((day, number) => `logs/${day}-10-00-00-${String(number).padStart(16, '0')}`);
    const { keys } = await listed('logs/');
    expect(keys).toHaveLength(Array.from({ length: 100_000 }, (_, n) => n % 90).filter((age) => age <= 1).length);
    expect(stub.lists().length).toBeLessThanOrEqual(2 * 2 + 2);
  });
});

describe('a list request', () => {
  it('decodes keys, and survives a server that stumbles', async () => {
    const key = flat('2026-11-21', 'a b/ä+%2F&/<\u0001>');
    put(key);
    stub.fault = ({ repetition, kind }) =>
      kind === 'list' && repetition === 0 ? { status: 503, code: 'SlowDown' } : null;
    expect((await listed('')).keys).toEqual([key]);
  });

  it('names the owner that is expected and accepts to pay', async () => {
    put('x');
    const access = accessOf(stub.endpoint, { expectedBucketOwner: '111122223333', requesterPays: true });
    const source = s3Source({ bucket, prefix: '', layout: 'auto', period: null, access });
    for await (const { kind } of source.list({ warn: () => undefined })) expect(kind).toBe('s3');
    expect(stub.lists()[0]!.headers).toMatchObject({
      'x-amz-expected-bucket-owner': '111122223333',
      'x-amz-request-payer': 'requester',
    });
  });

  it('follows a bucket to its Region', async () => {
    put('x');
    stub.fault = ({ headers }) =>
      headers.authorization!.includes('/eu-central-1/s3/')
        ? null
        : {
            status: 301,
            code: 'PermanentRedirect',
            headers: { 'x-amz-bucket-region': 'eu-central-1' },
          };
    expect((await listed('', null)).keys).toEqual(['x']);
  });

  it.each([
    [
      { status: 403, code: 'AccessDenied' },
      'source-forbidden',
      /expected s3:ListBucket on arn:aws:s3:::acme-logs-\d+$/,
    ],
    [{ status: 404, code: 'NoSuchBucket' }, 'source-unreachable', /no such bucket/],
    [{ status: 403, code: 'InvalidAccessKeyId' }, 'credentials-missing', /expected AWS credentials/],
    [{ status: 500, code: 'InternalError' }, 'source-unreachable', /InternalError/],
  ])('that answers %o is an error of the source', async (fault, code, message) => {
    put('x');
    stub.fault = () => fault;
    await expect(listed('')).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown });
  });
});
