/** `bucketwatch run` with sinks in AWS, as a scheduler sees it: real processes against stand-ins of SNS and CloudWatch. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findingSchema } from '../../alerts/finding.js';
import { packageRoot } from '../../store/sql-files.js';
import { awsEnvironment, jsonError } from '../alerts/aws-stub.js';
import { pointText, startCloudWatch } from '../alerts/cloudwatch-stub.js';
import { startSnsStub } from '../alerts/sns-stub.js';
import { temporaryFolder } from '../lake.js';

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function bucketwatch(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const program = path.join(packageRoot, 'dist/cli/bucketwatch.js');
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...awsEnvironment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}

/** A config over the demonstration's logs, or none, and a data directory of its own. */
function options(sinks: string, { sources = `[{ type: local, path: '${demoLogs}' }]` } = {}): string[] {
  const folder = temporaryFolder('aws-sinks');
  const file = path.join(folder, 'bucketwatch.yaml');
  fs.writeFileSync(file, `sources: ${sources}\naccounts: { own: ["111122223333"] }\nsinks: ${sinks}\n`);
  return ['--config', file, '--data-dir', path.join(folder, 'data'), '--json'];
}

const demoLogs = path.join(packageRoot, 'fixtures/demo/logs');
/** One object of a minute's work. */
const oneLog = `[{ type: local, path: '${demoLogs}/access/media-public-2026-11-11-18-08-31-D25D95235CFB48AF' }]`;
const topicArn = 'arn:aws:sns:eu-central-1:111122223333:bucketwatch';

describe('a run with a topic and metrics', () => {
  it('publishes each finding once, and zeros when there is nothing new', async () => {
    const sns = await startSnsStub();
    const cloudWatch = await startCloudWatch();
    const env = { AWS_ENDPOINT_URL_SNS: sns.url, AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url };
    const args = options(`[{ type: sns, topic_arn: "${topicArn}" }, { type: cloudwatch, namespace: watch }]`);

    const first = await bucketwatch(['run', ...args], env);
    expect(first).toMatchObject({ exitCode: 0 });
    const summary = JSON.parse(first.stdout) as {
      findings: Record<string, number>;
      alerts: Record<string, { delivered: number }>;
    };
    const bodies = sns.delivered('sqs').map((body) => JSON.parse(body) as { id: string; schema: string });
    const findings = bodies.filter(({ schema }) => schema === 'bucketwatch.finding/1');
    expect(findings.every((finding) => findingSchema.safeParse(finding).success)).toBe(true);
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(bodies.length);
    expect(summary.alerts[`sns:${topicArn}`]!.delivered).toBe(bodies.length);
    expect(sns.requests[0]!.userAgent).toContain('app/bucketwatch');
    const firstPoints = cloudWatch.calls[0]!.MetricData.map(pointText);
    expect(firstPoints).toEqual(
      expect.arrayContaining([
        'RunSuccess=1',
        'ObjectsProcessed=309',
        'AlertsUndelivered=0',
        `Findings{Severity=critical}=${summary.findings['critical']}`,
      ]),
    );

    expect((await bucketwatch(['run', ...args], env)).exitCode).toBe(0);
    expect(sns.delivered('sqs')).toHaveLength(bodies.length);
    expect(cloudWatch.calls[1]!.MetricData.map(pointText)).toEqual(
      expect.arrayContaining(['RunSuccess=1', 'ObjectsProcessed=0', 'Findings{Severity=critical}=0']),
    );
  });

  it('is partly done when the metrics do not arrive, and names the permission', async () => {
    const cloudWatch = await startCloudWatch();
    cloudWatch.faults.push(jsonError(403, 'AccessDenied', 'User is not authorized'));
    const args = options('[{ type: cloudwatch }]', { sources: oneLog });
    const { exitCode, stdout, stderr } = await bucketwatch(['run', ...args], {
      AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
    });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/metrics of this run were not published: .*cloudwatch:PutMetricData/);
    expect(stdout + stderr).not.toContain(awsEnvironment.AWS_SECRET_ACCESS_KEY);
    const { stdout: status } = await bucketwatch(['status', ...args]);
    expect(JSON.parse(status)).toMatchObject({ last_run: { status: 'partly' } });
  });

  it('stops the heartbeat when it ends with an error', async () => {
    const cloudWatch = await startCloudWatch();
    const args = options('[{ type: cloudwatch }]', { sources: '[]' });
    const { exitCode } = await bucketwatch(['run', ...args], { AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url });
    expect(exitCode).toBe(2);
    expect(cloudWatch.calls.map(({ MetricData }) => pointText(MetricData[0]!))).toEqual(['RunSuccess=0']);
  });

  it('writes embedded metrics to stderr, so that stdout stays data, and needs no network', async () => {
    const args = options('[{ type: cloudwatch, method: emf }]', { sources: oneLog });
    const { exitCode, stdout, stderr } = await bucketwatch(['run', '--quiet', ...args], {
      AWS_ENDPOINT_URL_CLOUDWATCH: 'http://127.0.0.1:9',
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('rows');
    const documents = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents.filter((document) => '_aws' in document)).toHaveLength(6);
    expect(documents[0]).toMatchObject({ RunSuccess: 1, ObjectsProcessed: 1 });
  });
});
