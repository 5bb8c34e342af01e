/** From log objects in S3 to messages at a subscriber of SNS, by the built program: at full size, and killed between its steps. */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../alerts/finding.js';
import { packageRoot } from '../../store/sql-files.js';
import { awsEnvironment } from '../alerts/aws-stub.js';
import { startSnsStub } from '../alerts/sns-stub.js';
import { askLake, temporaryFolder } from '../lake.js';
import { logText } from '../s3-logs.js';
import { S3Stub } from '../s3-stub.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const topicArn = 'arn:aws:sns:eu-central-1:111122223333:bucketwatch';
const dayMs = 86_400_000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A day, some days ago. */
function day(daysAgo: number): { readonly folder: string; readonly name: string; readonly inLog: string } {
  const name = new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);
  const [year, month, date] = name.split('-');
  return { folder: name.replaceAll('-', '/'), name, inLog: `${date}/${months[Number(month) - 1]}/${year}` };
}

function keyOf(daysAgo: number, number: number): string {
  const { folder, name } = day(daysAgo);
  return `logs/111122223333/eu-central-1/acme-logs/${folder}/${name}-00-00-00-${String(number).padStart(16, '0')}`;
}

/** One object of a log bucket, deleted by somebody. */
function deletion(daysAgo: number, { who, hour }: { readonly who: string; readonly hour: number }): string {
  const id = `${who}${hour}X${daysAgo}`
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .padEnd(16, '0')
    .slice(0, 16);
  const time = `${day(daysAgo).inLog}:${String(hour).padStart(2, '0')}:00:00 +0000`;
  return `79a59df900b949e55d96a1e698fbaced acme-logs [${time}] 192.0.2.7 arn:aws:iam::111122223333:user/${who} ${id} REST.DELETE.OBJECT a/${hour} "DELETE /a/${hour} HTTP/1.1" 204 - - 10 5 - "-" "aws-cli/2.1" - abc= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme-logs.s3.amazonaws.com TLSv1.3 - - -\n`;
}

interface Machine {
  readonly dataDir: string;
  readonly start: (env: Readonly<Record<string, string>>) => ChildProcess;
}

/** A job with one bucket and one topic, and a data directory of its own. */
function machine(bucket: string, topic = topicArn): Machine {
  const folder = temporaryFolder('s3-to-sns');
  const config = path.join(folder, 'bucketwatch.yaml');
  const dataDir = path.join(folder, 'data');
  fs.writeFileSync(
    config,
    [
      `sources: [{ type: s3, uri: "s3://${bucket}/logs/" }]`,
      'log_buckets: [acme-logs]',
      'alerts: { max_per_run: 1000 }',
      `sinks: [{ type: sns, topic_arn: "${topic}", min_severity: info }]`,
    ].join('\n'),
  );
  const start: Machine['start'] = (env) =>
    spawn(process.execPath, [program, 'run', '--config', config, '--data-dir', dataDir, '--json', '--quiet'], {
      env: { PATH: process.env['PATH'], NO_COLOR: '1', ...awsEnvironment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return { dataDir, start };
}

interface Outcome {
  readonly exitCode: number | null;
  readonly summary: Record<string, unknown>;
  readonly stderr: string;
}

function ended(child: ChildProcess): Promise<Outcome> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  return new Promise((resolve) => {
    child.on('close', (exitCode) => {
      const summary = output.stdout === '' ? {} : (JSON.parse(output.stdout) as Record<string, unknown>);
      resolve({ exitCode, summary, stderr: output.stderr });
    });
  });
}

/** One finding each: somebody else in each of 18 hours of three days. */
const deletions = Array.from({ length: 18 }, (_, number) =>
  deletion(1 + (number % 3), { who: `person-${number}`, hour: number }),
);

/** Log objects of three days; some tell of deletions. */
function logObjects(count: number): [key: string, body: string][] {
  return Array.from({ length: count }, (_, number) => [
    keyOf(number % 3, number),
    logText(`e2e/${number}`, 2) + (deletions[number] ?? ''),
  ]);
}

describe('10,000 log objects in an emulator', () => {
  let server: FauxqsServer;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false });
  });
  afterAll(async () => {
    agent.destroy();
    await server.stop();
  });

  function put(bucket: string, key: string, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = http.request(
        { agent, port: server.port, path: `/${bucket}/${key}`, method: 'PUT' },
        (response) => {
          response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(key))));
        },
      );
      request.on('error', reject).end(body);
    });
  }

  /** Everything that waits in the queue. */
  async function receive(queueUrl: string): Promise<Finding[]> {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = awsEnvironment;
    const endpoint = `http://127.0.0.1:${server.port}`;
    const client = new SQSClient({ region: 'eu-central-1', endpoint, credentials: { accessKeyId, secretAccessKey } });
    const findings: Finding[] = [];
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages.length === 0) break;
      for (const { Body } of Messages) {
        const parts = JSON.parse(Body!) as { default: string };
        findings.push(JSON.parse(parts.default) as Finding);
      }
      const entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    }
    client.destroy();
    return findings;
  }

  it('become one message a finding and state, and nothing when nothing is new', async () => {
    const region = 'eu-central-1';
    const { topicArn: topic } = server.createTopic('findings', { region });
    const { queueUrl } = server.createQueue('findings', { region });
    server.subscribe({ topic: 'findings', queue: 'findings', region, attributes: { RawMessageDelivery: 'true' } });
    server.createBucket('acme-e2e');
    const queue = logObjects(10_000).values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const [key, body] of queue) await put('acme-e2e', key, body);
      }),
    );
    const { start, dataDir } = machine('acme-e2e', topic);
    const run = (): Promise<Outcome> => ended(start({ AWS_ENDPOINT_URL: `http://127.0.0.1:${server.port}` }));

    const first = await run();
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.summary).toMatchObject({ objects: 10_000, rows: 20_000 + deletions.length, alerts_pending: 0 });
    const messages = await receive(queueUrl);
    const deleted = messages.filter(({ detector }) => detector === 'log-bucket-object-deleted');
    expect(deleted).toHaveLength(deletions.length);
    expect(new Set(messages.map(({ id, state }) => `${id} ${state}`)).size).toBe(messages.length);
    const known = await askLake<{ id: string }>(dataDir, 'select id from findings');
    expect(new Set(messages.map(({ id }) => id))).toEqual(new Set(known.map(({ id }) => id)));

    const second = await run();
    expect(second.summary).toMatchObject({ objects: 0, objects_skipped: 10_000, rows: 0, findings: {} });
    expect(await receive(queueUrl)).toEqual([]);

    // Written to an old day by then: only a listing of that day shows it.
    await put('acme-e2e', keyOf(2, 20_000), deletion(3, { who: 'late', hour: 5 }));
    expect((await run()).summary).toMatchObject({ objects: 1, rows: 1 });
    expect((await receive(queueUrl)).map(({ principal, state }) => [principal, state])).toEqual([
      ['arn:aws:iam::111122223333:user/late', 'open'],
    ]);
  }, 180_000);
});

/** Kills at the first file, or change of a file, in the data directory whose path matches. */
function killAtFile(child: ChildProcess, dataDir: string, pattern: RegExp): void {
  fs.mkdirSync(dataDir, { recursive: true });
  const watcher = fs.watch(dataDir, { recursive: true }, (_, name) => {
    if (name !== null && pattern.test(name)) child.kill('SIGKILL');
  });
  child.on('close', () => watcher.close());
}

function stop(child: ChildProcess): { readonly silent: true } {
  child.kill('SIGKILL');
  return { silent: true };
}

describe('a job that is killed', () => {
  const objects = logObjects(300);
  const s3 = new S3Stub();
  beforeAll(async () => {
    await s3.start();
    for (const [key, body] of objects) s3.put('acme-killed', key, body);
  });
  afterAll(() => s3.stop());

  /** What must come out of any series of runs. */
  const expected = { objects: 300, rows: 600 + deletions.length, duplicates: 0, lake: 600 + deletions.length };
  const countsSql = `
    select count(*)::int as objects, sum("rows")::int as rows, sum(duplicates)::int as duplicates,
      (select count(*)::int from s3_access_log) as lake
    from objects`;

  type Kill = (child: ChildProcess, dataDir: string, sns: Awaited<ReturnType<typeof startSnsStub>>) => unknown;

  /** Between every two steps of a run; `mayRepeat` where a message may have arrived without our knowing. */
  const kills: readonly [between: string, mayRepeat: boolean, kill: Kill][] = [
    ['start and list', false, (child) => (s3.fault = ({ kind }) => (kind === 'list' ? stop(child) : null))],
    ['list and get', false, (child) => (s3.fault = ({ kind }) => (kind === 'get' ? stop(child) : null))],
    [
      'half a body and its rest',
      false,
      (child) => {
        let gets = 0;
        s3.fault = ({ kind }) => {
          if (kind !== 'get' || ++gets !== 150) return null;
          setTimeout(() => child.kill('SIGKILL'), 20);
          return { cutAfter: 100 };
        };
      },
    ],
    [
      'the last get and its parsing',
      false,
      (child) => {
        let gets = 0;
        s3.fault = ({ kind }) => {
          if (kind === 'get' && ++gets === objects.length) setImmediate(() => child.kill('SIGKILL'));
          return null;
        };
      },
    ],
    ['stage and commit', false, (child, dataDir) => killAtFile(child, dataDir, /^lake\/access_log\/.*\.parquet$/)],
    ['commit and its end', false, (child, dataDir) => killAtFile(child, dataDir, /^lake\/activity\/.*\.parquet$/)],
    ['commit and detection', false, (child, dataDir) => killAtFile(child, dataDir, /^snapshot/)],
    ['detection and publishing', false, (child, _, sns) => (sns.onBatch = () => child.kill('SIGKILL'))],
    [
      'publishing and marking',
      true,
      (child, _, sns) => (sns.onBatch = () => setTimeout(() => child.kill('SIGKILL'), 1)),
    ],
    [
      'two batches',
      true,
      (child, _, sns) => {
        let batches = 0;
        sns.onBatch = () => ++batches === 2 && child.kill('SIGKILL');
      },
    ],
  ];

  it.each(kills)(
    'between %s loses nothing and tells nothing new twice',
    async (_, mayRepeat, kill) => {
      s3.fault = () => null;
      const sns = await startSnsStub();
      const env = { AWS_ENDPOINT_URL_S3: s3.endpoint, AWS_ENDPOINT_URL_SNS: sns.url, AWS_ENDPOINT_URL_STS: sns.url };
      const { start, dataDir } = machine('acme-killed');
      const child = start(env);
      kill(child, dataDir, sns);
      expect((await ended(child)).exitCode).toBeNull();

      s3.fault = () => null;
      sns.onBatch = () => undefined;
      const { exitCode, stderr } = await ended(start(env));
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(await askLake(dataDir, countsSql)).toEqual([expected]);
      const messages = sns.delivered('sqs').map((body) => JSON.parse(body) as Finding);
      const known = await askLake<{ id: string }>(dataDir, 'select id from findings');
      expect(new Set(messages.map(({ id }) => id))).toEqual(new Set(known.map(({ id }) => id)));
      expect(known.length).toBeGreaterThanOrEqual(deletions.length);
      expect(messages.length).toBeLessThanOrEqual(mayRepeat ? 2 * known.length : known.length);
      expect(await askLake(dataDir, "select count(*)::int as left from outbox where state <> 'delivered'")).toEqual([
        { left: 0 },
      ]);
    },
    60_000,
  );
});
