/** `doctor` as a person sees it, against servers that answer as AWS does when something is wrong. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findingSchema } from '../../alerts/finding.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';
import {
  jsonError,
  queryError,
  s3Error,
  startAwsStub,
  type AwsStub,
  type StubAnswer,
  type StubRequest,
} from './aws-stub.js';

const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
const topic = 'arn:aws:sns:us-east-1:000000000000:findings';

interface Shown {
  readonly status: string;
  readonly subject: string;
  readonly check: string;
  readonly found: string;
  readonly todo: string;
  readonly statement: Record<string, unknown> | null;
}

interface Diagnosis {
  readonly exitCode: number | null;
  readonly checks: readonly Shown[];
  readonly stdout: string;
  readonly stderr: string;
}

interface Setting {
  readonly endpoint?: string;
  readonly config: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
}

async function doctor({
  endpoint,
  config,
  args = ['--format', 'json'],
  env = {},
  dataDir,
}: Setting): Promise<Diagnosis> {
  const folder = temporaryFolder('doctor');
  fs.writeFileSync(path.join(folder, 'bucketwatch.yaml'), config);
  const child = spawn(
    process.execPath,
    [program, 'doctor', '--data-dir', dataDir ?? path.join(folder, 'data'), ...args],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        TMPDIR: process.env['TMPDIR'],
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        AWS_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint }),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const isJson = args.includes('json') && output.stdout.startsWith('{');
  return { exitCode, checks: isJson ? (JSON.parse(output.stdout) as { checks: Shown[] }).checks : [], ...output };
}

function checkOf({ checks }: Diagnosis, subject: string, check: string): Shown {
  const found = checks.find((shown) => shown.subject.startsWith(subject) && shown.check === check);
  if (found === undefined) throw new Error(`no check ${subject} ${check} in ${JSON.stringify(checks)}`);
  return found;
}

const s3Config = 'sources: [{ type: s3, uri: "s3://acme-logs/AWSLogs/", region: eu-central-1 }]\n';
const listed = (...keys: string[]): StubAnswer => ({
  status: 200,
  body: `<ListBucketResult><Name>acme-logs</Name><IsTruncated>false</IsTruncated>${keys
    .map(
      (key) => `<Contents><Key>${key}</Key><LastModified>2026-11-20T10:00:00Z</LastModified><Size>9</Size></Contents>`,
    )
    .join('')}</ListBucketResult>`,
});
const caller: StubAnswer = {
  status: 200,
  body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:role/watch</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
};

let stub: AwsStub | null = null;
afterEach(async () => {
  await stub?.close();
  stub = null;
});

async function diagnose(
  config: string,
  answer: (request: StubRequest) => StubAnswer,
  args?: readonly string[],
): Promise<Diagnosis> {
  stub = await startAwsStub((request) => (request.service === 'sts' ? caller : answer(request)));
  return doctor({ endpoint: stub.endpoint, config, ...(args === undefined ? {} : { args }) });
}

describe('doctor on a source in S3', () => {
  it('prints the statement for listing, for exactly this bucket and prefix, and exits 4', async () => {
    const diagnosis = await diagnose(s3Config, () => s3Error(403, 'AccessDenied', 'Access Denied'));
    expect(diagnosis.exitCode).toBe(4);
    expect(checkOf(diagnosis, 'source s3://acme-logs', 'list')).toMatchObject({
      status: 'fail',
      statement: {
        Sid: 'FindLogs',
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::acme-logs',
        Condition: { StringLike: { 's3:prefix': 'AWSLogs/*' } },
      },
    });
    expect(checkOf(diagnosis, 'credentials', 'identity').found).toBe('arn:aws:iam::111122223333:role/watch');
  });

  it('prints the statement for reading when only that is refused', async () => {
    const diagnosis = await diagnose(s3Config, ({ url }) =>
      url.includes('list-type') ? listed('AWSLogs/a.json.gz') : s3Error(403, 'AccessDenied', 'Access Denied'),
    );
    expect(checkOf(diagnosis, 'source', 'list').status).toBe('ok');
    expect(checkOf(diagnosis, 'source', 'read').statement).toMatchObject({
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme-logs/AWSLogs/*',
    });
  });

  it('prints the statement for the key that the refusal names', async () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const refusal = `User: arn:aws:sts::111122223333:assumed-role/watch/x is not authorized to perform: kms:Decrypt on resource: ${key} because no identity-based policy allows the kms:Decrypt action`;
    const diagnosis = await diagnose(s3Config, ({ url }) =>
      url.includes('list-type') ? listed('AWSLogs/a.json.gz') : s3Error(403, 'AccessDenied', refusal),
    );
    expect(checkOf(diagnosis, 'source', 'decrypt').statement).toEqual({
      Sid: 'DecryptLogs',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: key,
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } },
    });
  });

  it('tells a bucket that does not exist from one that is forbidden', async () => {
    const diagnosis = await diagnose(s3Config, () =>
      s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist'),
    );
    expect(checkOf(diagnosis, 'source', 'list')).toMatchObject({ status: 'fail', statement: null });
    expect(checkOf(diagnosis, 'source', 'list').todo).toContain('create the bucket acme-logs');
  });

  it('shows the statement as JSON that can be pasted also to people', async () => {
    const { stdout } = await diagnose(s3Config, () => s3Error(403, 'AccessDenied', 'Access Denied'), []);
    const json = stdout.slice(stdout.indexOf('\n  {') + 1, stdout.indexOf('\n  }') + 4);
    expect(JSON.parse(json)).toMatchObject({ Sid: 'FindLogs', Resource: 'arn:aws:s3:::acme-logs' });
  });

  it('reads one byte and one page of names, and nothing else', async () => {
    await diagnose(s3Config, ({ url }) =>
      url.includes('list-type') ? listed('AWSLogs/a.json.gz', 'AWSLogs/b.json.gz') : { status: 206, body: 'x' },
    );
    const asked = stub!.requests
      .filter(({ service }) => service === 's3')
      .map(({ method, url }) => `${method} ${url.split('?')[0]}`);
    expect(asked).toHaveLength(2);
    expect(asked.every((request) => request.startsWith('GET '))).toBe(true);
  });

  it('says that nobody answers, and exits 4', async () => {
    const config = 'sources: [{ type: s3, uri: "s3://acme-logs/" }]\n';
    // Nothing listens on the port of discard.
    const diagnosis = await doctor({ endpoint: 'http://127.0.0.1:9', config, env: { AWS_MAX_ATTEMPTS: '1' } });
    expect(diagnosis.exitCode).toBe(4);
    expect(checkOf(diagnosis, 'source', 'list')).toMatchObject({ status: 'fail', statement: null });
    expect(checkOf(diagnosis, 'source', 'list').todo).toContain('network');
  });
});

describe('doctor on sinks', () => {
  it.each([
    [
      'sns',
      `sinks: [{ type: sns, topic_arn: "${topic}" }]`,
      queryError(403, 'AuthorizationError', 'not authorized'),
      { Action: 'sns:Publish', Resource: topic },
    ],
    [
      'cloudwatch',
      'sinks: [{ type: cloudwatch, namespace: watch }]',
      jsonError(400, 'AccessDeniedException', 'is not authorized to perform: cloudwatch:PutMetricData'),
      { Action: 'cloudwatch:PutMetricData', Condition: { StringEquals: { 'cloudwatch:namespace': 'watch' } } },
    ],
    [
      'eventbridge',
      'sinks: [{ type: eventbridge, region: eu-west-1 }]',
      jsonError(400, 'AccessDeniedException', 'is not authorized to perform: events:PutEvents'),
      { Action: 'events:PutEvents' },
    ],
    [
      'securityhub',
      'sinks: [{ type: securityhub, region: eu-west-1 }]',
      jsonError(403, 'AccessDeniedException', 'is not authorized to perform: securityhub:BatchImportFindings'),
      { Action: 'securityhub:BatchImportFindings' },
    ],
  ])('prints the statement that %s misses', async (type, config, answer, statement) => {
    const diagnosis = await diagnose(config, () => answer);
    expect(diagnosis.exitCode).toBe(4);
    expect(checkOf(diagnosis, `sink ${type}`, 'dry')).toMatchObject({ status: 'fail', statement });
  });

  it('prints the statement for the key of a topic', async () => {
    const key = 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const diagnosis = await diagnose(`sinks: [{ type: sns, topic_arn: "${topic}" }]`, () =>
      queryError(
        400,
        'KMSAccessDenied',
        `User: x is not authorized to perform: kms:GenerateDataKey on resource: ${key}`,
      ),
    );
    expect(checkOf(diagnosis, 'sink sns', 'dry').statement).toMatchObject({
      Action: 'kms:GenerateDataKey',
      Resource: key,
    });
  });

  it('names the variable that a webhook misses, and never its address', async () => {
    const config = 'sinks: [{ type: webhook, url_env: HOOK_URL, secret_env: HOOK_SECRET }]\n';
    const unset = await doctor({ config, env: { HOOK_URL: 'https://hooks.example.com/T0000/secret-path' } });
    expect(unset.exitCode).toBe(2);
    expect(checkOf(unset, 'sink webhook', 'secrets').found).toBe('HOOK_SECRET: not set');
    const set = await doctor({ config, env: { HOOK_URL: 'http://127.0.0.1:9/secret-path', HOOK_SECRET: 'hush' } });
    expect(checkOf(set, 'sink webhook', 'connect').status).toBe('fail');
    expect(unset.stdout + unset.stderr + set.stdout + set.stderr).not.toMatch(/secret-path|hush/);
  });
});

describe('doctor where everything is there', () => {
  let server: FauxqsServer;
  let config: string;

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false });
    const client = {
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-logs' }));
    await s3.send(new PutObjectCommand({ Bucket: 'acme-logs', Key: 'access/2026-11-20-10-00-00-ABC', Body: 'a line' }));
    const sns = new SNSClient(client);
    await sns.send(new CreateTopicCommand({ Name: 'findings' }));
    const sqs = new SQSClient(client);
    await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    await sns.send(
      new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:inbox' }),
    );
    for (const each of [s3, sns, sqs]) each.destroy();
    config = `sources: [{ type: s3, uri: "s3://acme-logs/access/" }]\nsinks: [{ type: sns, topic_arn: "${topic}" }]\n`;
  });

  afterAll(async () => server.stop());

  const inbox = (): readonly unknown[] => server.inspectQueue('inbox')?.messages.ready ?? [];

  it('finds nothing wrong, exits 0 and has sent nothing', async () => {
    const diagnosis = await doctor({ endpoint: `http://127.0.0.1:${server.port}`, config });
    expect(diagnosis.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(diagnosis.exitCode).toBe(0);
    expect(checkOf(diagnosis, 'source', 'read').status).toBe('ok');
    expect(inbox()).toEqual([]);
  });

  it('says what to correct when the topic does not exist', async () => {
    const wrong = config.replaceAll(':findings', ':finding');
    const diagnosis = await doctor({ endpoint: `http://127.0.0.1:${server.port}`, config: wrong });
    expect(diagnosis.exitCode).toBe(4);
    expect(checkOf(diagnosis, 'sink sns', 'dry').todo).toContain(
      `create the topic ${topic.replace('findings', 'finding')}`,
    );
  });
});

describe('doctor on the machine and the files', () => {
  it('exits 2 and shows every problem of a config', async () => {
    const config = 'sinkz: []\nretention_days: -1\n';
    const { exitCode, stdout } = await doctor({ config, args: [] });
    expect(exitCode).toBe(2);
    expect(stdout).toContain('sinkz');
    expect(stdout).toContain('retention_days');
  });

  it('exits 2 when the data directory cannot be written', async () => {
    const diagnosis = await doctor({ config: '', dataDir: '/proc/bucketwatch-data' });
    expect(diagnosis.exitCode).toBe(2);
    expect(checkOf(diagnosis, 'data directory', 'write').status).toBe('fail');
  });

  it('exits 3 when the catalog is damaged', async () => {
    const dataDir = temporaryFolder('doctor-damaged');
    fs.writeFileSync(path.join(dataDir, 'snapshot.duckdb'), 'not a database');
    const diagnosis = await doctor({ config: '', dataDir });
    expect(diagnosis.exitCode).toBe(3);
    expect(checkOf(diagnosis, 'data directory', 'catalog').status).toBe('fail');
  });

  it('notices a clock that is wrong', async () => {
    const ahead = new Date(Date.now() + 3_600_000).toUTCString();
    const diagnosis = await diagnose(s3Config, ({ url }) => ({
      ...(url.includes('list-type') ? listed('AWSLogs/a.json.gz') : { status: 206, body: 'x' }),
      headers: { date: ahead, 'content-type': 'application/xml' },
    }));
    // The answer of STS has the right time, so the least difference is small: one good answer is enough.
    expect(checkOf(diagnosis, 'machine', 'clock').status).toBe('ok');
    await stub!.close();
    stub = await startAwsStub(({ service, url }) => ({
      ...(service === 'sts'
        ? caller
        : url.includes('list-type')
          ? listed('AWSLogs/a.json.gz')
          : { status: 206, body: 'x' }),
      headers: { date: ahead, 'content-type': 'application/xml' },
    }));
    const wrong = await doctor({ endpoint: stub.endpoint, config: s3Config });
    expect(checkOf(wrong, 'machine', 'clock')).toMatchObject({ status: 'fail' });
    expect(checkOf(wrong, 'machine', 'clock').found).toMatch(/^(1h 0m|60m \d+s|59m \d+s)/);
    expect(wrong.exitCode).toBe(3);
  });
});

describe('doctor --send-test', () => {
  it('sends one message that says that nothing happened, by the code that sends findings', async () => {
    const file = path.join(temporaryFolder('doctor-sink'), 'findings.jsonl');
    const config = `sinks: [{ type: jsonl, path: "${file}" }]\n`;
    const dry = await doctor({ config });
    expect(dry.exitCode).toBe(0);
    expect(fs.existsSync(file)).toBe(false);
    const sent = await doctor({ config, args: ['--format', 'json', '--send-test'] });
    expect(checkOf(sent, 'sink jsonl', 'send test').status).toBe('ok');
    const lines = fs.readFileSync(file, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1);
    const finding: unknown = JSON.parse(lines[0]!);
    expect(findingSchema.parse(finding)).toMatchObject({ detector: 'doctor-test', severity: 'info' });
    expect(lines[0]).toContain('nothing happened');
  });

  it('fails for a sink that takes nothing', async () => {
    const config = 'sinks: [{ type: jsonl, path: /proc/nowhere/findings.jsonl }]\n';
    const sent = await doctor({ config, args: ['--format', 'json', '--send-test'] });
    expect(checkOf(sent, 'sink jsonl', 'send test').status).toBe('fail');
    expect(sent.exitCode).toBe(4);
  });
});
