/** The built program against an emulator of S3, as a scheduler would run it. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../store/duckdb.js';
import { packageRoot } from '../../store/sql-files.js';
import { askLake, temporaryFolder } from '../lake.js';
import { logText, testEnvironment } from '../s3-logs.js';
import { bucket as trailBucket, keyList, signedTrail } from '../signed-trail.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
let server: FauxqsServer;
let endpoint = '';

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  endpoint = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  agent.destroy();
  await server.stop();
});

/** Without the SDK, whose clients take longer than the server. */
function put(
  bucket: string,
  key: string,
  body: string | Buffer,
  headers: http.OutgoingHttpHeaders = {},
): Promise<void> {
  const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, port: server.port, path, method: 'PUT', headers }, (response) => {
      response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`PUT ${key}`))));
    });
    request.on('error', reject).end(body);
  });
}

async function putAll(bucket: string, objects: readonly (readonly [key: string, body: string])[]): Promise<void> {
  server.createBucket(bucket);
  const queue = objects.values();
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const [key, body] of queue) await put(bucket, key, body);
    }),
  );
}

interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program; `signal` is sent to it after a while. */
async function bucketwatch(
  args: readonly string[],
  { signal, afterMs = 0 }: { readonly signal?: NodeJS.Signals; readonly afterMs?: number } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...testEnvironment, AWS_ENDPOINT_URL: endpoint },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => (output[stream] += chunk.toString()));
  const timer = signal === undefined ? undefined : setTimeout(() => child.kill(signal), afterMs);
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return { exitCode, ...output };
}

function configOf(yaml: string): { readonly config: string; readonly dataDir: string; readonly options: string[] } {
  const folder = temporaryFolder('s3-commands');
  const config = path.join(folder, 'bucketwatch.yaml');
  fs.writeFileSync(config, yaml);
  const dataDir = path.join(folder, 'data');
  return { config, dataDir, options: ['--config', config, '--data-dir', dataDir, '--quiet'] };
}

async function totals(finished: Promise<Finished>): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await finished;
  if (exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

const dayMs = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * dayMs).toISOString().slice(0, 10);
const keyOf = (days: number, number: number): string =>
  `logs/111122223333/eu-central-1/acme-docs/${daysAgo(days).replaceAll('-', '/')}/${daysAgo(days)}-00-00-00-${String(number).padStart(16, '0')}`;

describe('a bucket of 10,000 log objects', () => {
  it('is read once, and again only where something new or late has come', async () => {
    const objects = Array.from({ length: 10_000 }, (_, i) => [keyOf(i % 3, i), logText(String(i), 2)] as const);
    await putAll('acme-many', objects);
    const { options, dataDir } = configOf('sources: [{ type: s3, uri: "s3://acme-many/logs/" }]');
    const ingest = ['ingest', ...options, '--json'];
    expect(await totals(bucketwatch(ingest))).toMatchObject({ objects: 10_000, rows: 20_000, objects_failed: 0 });
    expect(await totals(bucketwatch(ingest))).toMatchObject({ objects: 0, objects_skipped: 10_000, rows: 0 });
    await put('acme-many', keyOf(2, 3), logText('late', 2));
    await put('acme-many', keyOf(40, 1), logText('old', 2));
    expect(await totals(bucketwatch(ingest))).toMatchObject({ objects: 1, objects_skipped: 10_000, rows: 2 });
    const backfill = [...ingest, '--from', daysAgo(41), '--to', daysAgo(39)];
    expect(await totals(bucketwatch(backfill))).toMatchObject({ objects: 1, objects_skipped: 0, rows: 2 });
    expect(
      await askLake(dataDir, 'select count(*)::int as n, count(distinct request_id)::int as ids from s3_access_log'),
    ).toEqual([{ n: 20_004, ids: 20_004 }]);
    // Our own reads are told by who we are, which the emulator says to everybody.
    expect(await askLake(dataDir, 'select principal from own_principals')).toEqual([
      { principal: 'arn:aws:iam::000000000000:root' },
    ]);
  }, 120_000);
});

describe('a run that is killed', () => {
  it('leaves exact totals behind, wherever it was', async () => {
    const objects = Array.from({ length: 1500 }, (_, i) => [keyOf(i % 3, i), logText(`kill/${i}`, 3)] as const);
    await putAll('acme-killed', objects);
    const { options, dataDir } = configOf('sources: [{ type: s3, uri: "s3://acme-killed/" }]');
    const ingest = ['ingest', ...options, '--json'];
    for (const afterMs of [300, 700, 1000, 1300, 1600, 1900]) await bucketwatch(ingest, { signal: 'SIGKILL', afterMs });
    await totals(bucketwatch(ingest));
    expect(
      await askLake(
        dataDir,
        `select count(*)::int as objects, sum("rows")::int as rows, sum(duplicates)::int as duplicates,
           (select count(distinct request_id)::int from s3_access_log) as ids,
           (select count(*)::int from s3_access_log) as lake from objects`,
      ),
    ).toEqual([{ objects: 1500, rows: 4500, duplicates: 0, ids: 4500, lake: 4500 }]);
  }, 120_000);

  it('with SIGTERM commits what is whole and exits with 143', async () => {
    const objects = Array.from({ length: 1500 }, (_, i) => [keyOf(0, i), logText(`term/${i}`, 3)] as const);
    await putAll('acme-ended', objects);
    const { options } = configOf('sources: [{ type: s3, uri: "s3://acme-ended/" }]');
    const ingest = ['ingest', ...options, '--json'];
    const ended = await bucketwatch(ingest, { signal: 'SIGTERM', afterMs: 1200 });
    expect(ended.exitCode).toBe(143);
    const read = ended.stdout === '' ? 0 : (JSON.parse(ended.stdout) as { objects: number }).objects;
    expect(await totals(bucketwatch(ingest))).toMatchObject({
      objects: 1500 - read,
      objects_skipped: read,
      duplicates: 0,
    });
  }, 60_000);
});

describe('an address on the command line', () => {
  it('is read whole, whatever its keys are called', async () => {
    const keys = ['a b', 'ä', 'x+y', 'p%2Fq', 'm&n', 'd/2019/01/01/old', '%', '=cmd', 'a?b#c'];
    await putAll(
      'acme-odd',
      keys.map((key, i) => [key, logText(`odd/${i}`, 1)] as const),
    );
    const { options, dataDir } = configOf('');
    expect(await totals(bucketwatch(['ingest', 's3://acme-odd', ...options, '--json']))).toMatchObject({
      objects: keys.length,
      rows: keys.length,
    });
    const rows = await askLake<{ uri: string }>(dataDir, 'select log_uri as uri from s3_access_log');
    expect(rows.map(({ uri }) => uri).toSorted()).toEqual(keys.map((key) => `s3://acme-odd/${key}`).toSorted());
  }, 60_000);

  it('may hold Parquet, as S3 delivers access logs too', async () => {
    const folder = temporaryFolder('parquet');
    const file = path.join(folder, 'log.parquet');
    const database = await openDatabase(':memory:', { threads: 1, memoryBytes: 128e6, tempDirectory: folder });
    await database.connection.run(
      `copy (select 'acme-docs' as bucket_name, timestamp '2026-10-19 10:00:00.5' as request_time, 'R' || range as request_id,
         'REST.GET.OBJECT' as operation, 'k' as key_name, 200 as http_status, '192.0.2.7' as remote_ip from range(5000)) to '${file}'`,
    );
    database.close();
    server.createBucket('acme-parquet');
    await put('acme-parquet', 'x.parquet', fs.readFileSync(file));
    await put('acme-parquet', 'cut.parquet', fs.readFileSync(file).subarray(0, 5000));
    const { options, dataDir } = configOf('');
    expect(await totals(bucketwatch(['ingest', 's3://acme-parquet/', ...options, '--json']))).toMatchObject({
      objects: 2,
      rows: 5000,
      rejected: 1,
    });
    expect(fs.readdirSync(dataDir).filter((name) => name.includes('parquet'))).toEqual([]);
  }, 60_000);

  it('that holds nothing, or is none, is exit 4 or 2, after all else is done', async () => {
    await putAll('acme-one', [['a', logText('one', 1)]]);
    const { options } = configOf('');
    const missing = await bucketwatch(['run', 's3://acme-nowhere/x', 's3://acme-one/', ...options, '--json']);
    expect(missing).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('NoSuchBucket') as unknown });
    expect(JSON.parse(missing.stdout)).toMatchObject({ objects: 1, rows: 1 });
    expect(await bucketwatch(['ingest', 's3:acme', ...options])).toMatchObject({ exitCode: 2 });
    expect(await bucketwatch(['ingest', '--from', '2026-11-01', './logs', ...options])).toMatchObject({ exitCode: 2 });
    expect(await bucketwatch(['ingest', '--to', '2026-11-01', 's3://acme-one/', ...options])).toMatchObject({
      exitCode: 2,
    });
  }, 60_000);
});

describe('a trail whose digests lie in S3', () => {
  it('is verified to its newest digest by the signature in the metadata of each', async () => {
    const hours = signedTrail();
    server.createBucket(trailBucket);
    for (const { logs, digest, signature } of hours) {
      for (const { key, bytes } of logs) await put(trailBucket, key, bytes);
      await put(trailBucket, digest.key, digest.bytes, { 'x-amz-meta-signature': signature });
    }
    const keys = path.join(temporaryFolder('keys'), 'keys.json');
    fs.writeFileSync(keys, JSON.stringify(keyList()));
    const { dataDir, options } = configOf(`log_integrity: { key_files: ["${keys}"] }\n`);
    expect(await bucketwatch(['ingest', `s3://${trailBucket}/`, ...options])).toMatchObject({ exitCode: 0 });
    expect(await askLake(dataDir, 'select distinct signature from trail_digests')).toEqual([{ signature: 'verified' }]);
    expect(await askLake(dataDir, 'select count(*)::int as problems from integrity_problems')).toEqual([
      { problems: 0 },
    ]);
  });
});
