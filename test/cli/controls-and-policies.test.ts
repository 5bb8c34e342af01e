/** `preview` and `least-privilege` as a shell sees them, on the demonstration. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const demo = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');
const dataDir = temporaryFolder('controls');

function bucketwatch(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [program, ...args, '--config', demo, '--data-dir', dataDir], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 64e6,
  });
}

beforeAll(() => {
  bucketwatch('ingest', '--quiet');
});

interface Printed {
  readonly buckets: readonly {
    readonly bucket: string;
    readonly breaks: { readonly requests: number; readonly bytes: number };
  }[];
}

describe('preview', () => {
  it('counts the plain HTTP of the demonstration as SQL over the access log does', () => {
    const { buckets } = JSON.parse(bucketwatch('preview', 'tls-only', '--format', 'json').stdout) as Printed;
    const sql = `select bucket, count(*) as n, sum(bytes_sent) as bytes from s3_access_log
      where tls_version is null and cipher_suite is null and operation like '%.OBJECT' and remote_ip is not null
        and requester is distinct from 'AmazonS3' and requester not like 'svc:%' is not false
        and (http_status between 200 and 299 or http_status = 304)
        and operation not like 'BATCH.%' group by bucket order by bucket`;
    const rows = JSON.parse(bucketwatch('query', sql, '--format', 'json').stdout) as { bucket: string; n: number }[];
    const broken = buckets
      .filter(({ breaks }) => breaks.requests > 0)
      .map(({ bucket, breaks }) => [bucket, breaks.requests]);
    expect(Object.fromEntries(broken)).toEqual(Object.fromEntries(rows.map(({ bucket, n }) => [bucket, n])));
    expect(broken.length).toBeGreaterThan(1);
  });

  it('prints who would break, the policy and the way back for people', () => {
    const { stdout, status } = bucketwatch('preview', 'tls-only', '--bucket', 'acme-finance-reports');
    expect(status).toBe(0);
    for (const part of [
      'Would break in acme-finance-reports',
      'svc-scanner',
      'DenyPlainHttp',
      'To take it back',
      'Before you apply it',
    ])
      expect(stdout).toContain(part);
  });

  it('prints rows for programs', () => {
    const [header, first] = bucketwatch('preview', 'hours', '--format', 'csv').stdout.split('\n');
    expect(header).toMatch(/^control,bucket,verdict,principal,reason/);
    expect(first).toMatch(/^hours,acme-/);
  });

  it.each([
    [['tls-onyl'], /did you mean tls-only/],
    [['tls-only', '--bucket', 'acme-finance-report'], /no request to it in the period/],
    [['tls-only', '--from', '2026-11-10', '--to', '2026-11-01'], /end is not after the start/],
    [['ip-allow'], /no network given/],
  ])('refuses %j with exit code 2', (args, message) => {
    const { status, stderr } = bucketwatch('preview', ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});

describe('least-privilege', () => {
  it('prints the policy of one principal', () => {
    const principal = 'arn:aws:iam::111122223333:role/trino-worker';
    const { stdout, status } = bucketwatch('least-privilege', 'acme-data-lake', '--principal', principal);
    expect(status).toBe(0);
    expect(stdout).toContain('"arn:aws:s3:::acme-data-lake/warehouse/orders/dt=*/*"');
    expect(stdout).not.toContain('s3:PutObject"');
  });

  it.each([
    [['acme-data-lakes'], /no successful request to it/],
    [['acme-data-lake', '--principal', 'nobody'], /no successful request to it by nobody/],
    [['acme-data-lake', '--days', 'all'], /is not a number of days/],
  ])('refuses %j with exit code 2', (args, message) => {
    const { status, stderr } = bucketwatch('least-privilege', ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});
