/** Bodies from S3 through everything that can go wrong on the way: nothing is lost, nothing is there twice. */
import zlib from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { s3Source } from '../../ingest/sources/s3.js';
import type { Source } from '../../ingest/source.js';
import { askLake, temporaryFolder } from '../lake.js';
import { accessOf, ingestSources as ingestWith, logLine, logText, testEnvironment } from '../s3-logs.js';
import { S3Stub, type Fault, type StubRequest } from '../s3-stub.js';

const stub = new S3Stub();
let bucketNumber = 0;
let bucket = '';
let dataDir = '';

beforeAll(async () => {
  Object.assign(process.env, testEnvironment);
  await stub.start();
});
afterAll(() => stub.stop());
beforeEach(() => {
  bucket = `acme-logs-${bucketNumber++}`;
  dataDir = temporaryFolder('s3-lake');
  stub.requests.length = 0;
  stub.fault = () => null;
});

/** Waits are short, so that many of them take no time. */
const ingestSources: typeof ingestWith = (sources, folder, options) =>
  ingestWith(sources, folder, { retryWaitMs: 1, ...options });

function wholeBucket(): Source {
  return s3Source({ bucket, prefix: '', layout: 'auto', period: null, access: accessOf(stub.endpoint) });
}

/** Fails GETs of a key the first `times`; of all keys when none is named. */
function failing(fault: Fault, { key, times = 1 }: { key?: string; times?: number } = {}): void {
  stub.fault = (request: StubRequest) =>
    request.kind === 'get' && (key === undefined || request.key === key) && request.repetition < times ? fault : null;
}

async function rowsByObject(): Promise<Record<string, number>> {
  const rows = await askLake<{ name: string; n: number }>(
    dataDir,
    `select regexp_extract(log_uri, '[^/]+$') as name, count(*)::int as n from s3_access_log group by all order by all`,
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

/** Larger than what is held whole, so that it is read as it comes. */
const largeLines = 20_000;
let large: string | null = null;
const largeText = (): string => (large ??= logText('large', largeLines));

describe('an object that fails at first', () => {
  it.each<[string, Fault]>([
    ['is refused with 500', { status: 500, code: 'InternalError' }],
    ['is refused with 503 SlowDown', { status: 503, code: 'SlowDown' }],
    ['is cut before its first byte', { cutAfter: 0 }],
    ['is cut in the middle', { cutAfter: 700 }],
    ['does not match its checksum', { wrongBytes: true }],
    ['comes with a clock that is wrong', { status: 403, code: 'RequestTimeTooSkewed' }],
  ])('is asked for again when it %s', async (_, fault) => {
    for (const name of ['a', 'b', 'c']) stub.put(bucket, name, logText(name, 5));
    failing(fault, { times: 2 });
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({
      objects: 3,
      rows: 15,
      failures: [],
      errors: [],
    });
    expect(await rowsByObject()).toEqual({ a: 5, b: 5, c: 5 });
  });

  it('goes on where it was cut when it is large, with the same etag', async () => {
    stub.put(bucket, 'large', largeText());
    failing({ cutAfter: 2_000_000 }, { times: 3 });
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({ objects: 1, rows: largeLines, rejected: 0 });
    const resumed = stub.gets().filter(({ headers }) => headers.range !== undefined);
    expect(resumed.length).toBeGreaterThan(1);
    expect(new Set(stub.gets().map(({ headers }) => headers['if-match'])).size).toBe(1);
  });

  it('is read again as a whole when it is large and its checksum is wrong', async () => {
    stub.put(bucket, 'large', largeText());
    stub.put(bucket, 'small', logText('small', 5));
    failing({ wrongBytes: true }, { key: 'large' });
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({
      objects: 2,
      rows: largeLines + 5,
      duplicates: 0,
      failures: [],
    });
  });
});

describe('an object that keeps failing', () => {
  it.each<[string, Fault, RegExp]>([
    ['an error of the server', { status: 500, code: 'InternalError' }, /InternalError/],
    ['a cut', { cutAfter: 700 }, /./],
    ['a wrong checksum', { wrongBytes: true }, /Checksum mismatch/],
    [
      'a refusal',
      { status: 403, code: 'AccessDenied' },
      /expected s3:GetObject on arn:aws:s3:::acme-logs-\d+\/\*; or kms:Decrypt .*; or s3:ListBucket/,
    ],
    [
      'a key that may not be used',
      {
        status: 403,
        code: 'AccessDenied',
        message: 'not authorized to perform: kms:Decrypt on resource: arn:aws:kms:x',
      },
      /expected kms:Decrypt on that key/,
    ],
    ['an archive', { status: 403, code: 'InvalidObjectState' }, /archived; restore it/],
  ])('is recorded with %s, leaves nothing behind, and is read by the next run', async (_, fault, message) => {
    for (const name of ['bad', 'good']) stub.put(bucket, name, logText(name, 5));
    failing(fault, { key: 'bad', times: 1000 });
    const first = await ingestSources([wholeBucket()], dataDir);
    expect(first).toMatchObject({ objects: 1, objectsFailed: 1, rows: 5, errors: [] });
    expect(first.failures).toEqual([
      {
        uri: `s3://${bucket}/bad`,
        etag: expect.any(String) as unknown,
        error: expect.stringMatching(message) as unknown,
      },
    ]);
    expect(await rowsByObject()).toEqual({ good: 5 });
    stub.fault = () => null;
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({ objects: 1, objectsSkipped: 1, rows: 5 });
    expect(await rowsByObject()).toEqual({ bad: 5, good: 5 });
  });

  it('leaves nothing of the part that was read when it is large', async () => {
    stub.put(bucket, 'large', largeText());
    stub.put(bucket, 'small', logText('small', 5));
    failing({ wrongBytes: true }, { key: 'large', times: 1000 });
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({ objects: 1, rows: 5, objectsFailed: 1 });
    expect(await rowsByObject()).toEqual({ small: 5 });
    stub.fault = () => null;
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({
      objects: 1,
      rows: largeLines,
      duplicates: 0,
    });
  });
});

describe('an object that is', () => {
  it.each<[string, () => void]>([
    ['changed', () => stub.put(bucket, 'a', logText('changed', 3))],
    ['deleted', () => stub.remove(bucket, 'a')],
  ])('%s after it was listed is no failure', async (what, change) => {
    stub.put(bucket, 'a', logText('a', 5));
    stub.put(bucket, 'b', logText('b', 5));
    stub.fault = ({ kind, key }) => {
      if (kind === 'get' && key === 'a') change();
      return null;
    };
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({
      objects: 1,
      objectsFailed: 0,
      failures: [],
      gone: [`s3://${bucket}/a`],
    });
    stub.fault = () => null;
    const next = await ingestSources([wholeBucket()], dataDir);
    expect(next).toMatchObject({ objects: what === 'changed' ? 1 : 0, rows: what === 'changed' ? 3 : 0 });
  });

  it('named by two sources is read once', async () => {
    for (const name of ['a/x', 'a/y', 'b']) stub.put(bucket, name, logText(name, 5));
    const access = accessOf(stub.endpoint);
    const part = s3Source({ bucket, prefix: 'a/', layout: 'auto', period: null, access });
    expect(await ingestSources([part, wholeBucket(), part], dataDir)).toMatchObject({
      objects: 3,
      rows: 15,
      duplicates: 0,
    });
    expect(stub.gets()).toHaveLength(3);
  });

  it('gzip by its bytes and not by its name, in several members', async () => {
    stub.put(bucket, 'plain-name', Buffer.concat([zlib.gzipSync(logLine('one')), zlib.gzipSync(logLine('two'))]));
    stub.put(bucket, 'text.gz', logLine('three'));
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({ rows: 3, rejected: 0 });
  });

  it('large and gzip comes through', async () => {
    const noise = Array.from({ length: 16_000 }, (_, i) => logLine(`${i}-${Math.sin(i)}`)).join('');
    const compressed = zlib.gzipSync(noise, { level: 0 });
    expect(compressed.length).toBeGreaterThan(5e6);
    stub.put(bucket, 'large.gz', compressed);
    failing({ cutAfter: 1_000_000 });
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({ rows: 16_000, rejected: 0, failures: [] });
  });
});

describe('a source', () => {
  it('that cannot be listed does not keep others from being read', async () => {
    stub.put(bucket, 'a', logText('a', 5));
    const access = accessOf(stub.endpoint);
    const missing = s3Source({ bucket: 'acme-nowhere', prefix: '', layout: 'auto', period: null, access });
    const result = await ingestSources([missing, wholeBucket()], dataDir);
    expect(result).toMatchObject({ objects: 1, rows: 5 });
    expect(result.errors.map(({ code }) => code)).toEqual(['source-unreachable']);
  });

  it('that fails in the middle of its list has read what it listed', async () => {
    stub.pageKeys = 3;
    for (let i = 0; i < 9; i++) stub.put(bucket, `a${i}`, logText(`a${i}`, 2));
    stub.fault = ({ kind, query }) =>
      kind === 'list' && query.get('continuation-token') === 'a5' ? { status: 403, code: 'AccessDenied' } : null;
    const result = await ingestSources([wholeBucket()], dataDir);
    stub.pageKeys = 1000;
    expect(result).toMatchObject({ objects: 6, rows: 12 });
    expect(result.errors.map(({ code }) => code)).toEqual(['source-forbidden']);
  });

  it('remembers a complete listing only', async () => {
    stub.put(bucket, 'a', logText('a', 1));
    const written: number[] = [];
    const source = (period: { fromMs: number | null }): Source =>
      s3Source({
        bucket,
        prefix: '',
        layout: 'auto',
        access: accessOf(stub.endpoint),
        period: { toMs: null, lookbackMs: null, nowMs: 7, ...period },
        history: {
          read: () => Promise.resolve(null),
          write: (at) => Promise.resolve(written.push(at)).then(() => undefined),
        },
      });
    stub.fault = ({ kind }) => (kind === 'list' ? { status: 403, code: 'AccessDenied' } : null);
    await ingestSources([source({ fromMs: null })], dataDir);
    stub.fault = () => null;
    await ingestSources([source({ fromMs: 5 })], dataDir);
    expect(written).toEqual([]);
    await ingestSources([source({ fromMs: null })], dataDir);
    expect(written).toEqual([7]);
  });

  it('that is down is given up after a while, and its other objects are left for the next run', async () => {
    for (let i = 0; i < 1500; i++) stub.put(bucket, `a${String(i).padStart(4, '0')}`, logText(`a${i}`, 1));
    stub.fault = ({ kind }) => (kind === 'get' ? { status: 503, code: 'ServiceUnavailable' } : null);
    const result = await ingestSources([wholeBucket()], dataDir);
    expect(result.objects).toBe(0);
    expect(result.errors.map(({ code }) => code)).toEqual(['source-unreachable']);
    expect(result.failures.length).toBeLessThan(1000);
    stub.fault = () => null;
    expect(await ingestSources([wholeBucket()], dataDir)).toMatchObject({ objects: 1500, rows: 1500 });
  }, 60_000);
});

describe('a run that is asked to end', () => {
  it('commits whole objects, and the next one reads the rest', async () => {
    for (let i = 0; i < 1500; i++) stub.put(bucket, `a${String(i).padStart(4, '0')}`, logText(`a${i}`, 2));
    const ending = new AbortController();
    stub.fault = ({ kind }) => {
      if (kind === 'get' && stub.requests.length === 500) ending.abort();
      return null;
    };
    const first = await ingestSources([wholeBucket()], dataDir, { signal: ending.signal });
    expect(first.interrupted).toBe(true);
    expect(first).toMatchObject({ failures: [], errors: [], rows: first.objects * 2 });
    expect(first.objects).toBeLessThan(1500);
    const second = await ingestSources([wholeBucket()], dataDir);
    expect(first.objects + second.objects).toBe(1500);
    expect(second.duplicates).toBe(0);
  }, 60_000);
});
