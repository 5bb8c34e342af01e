/** Delivery as a shell sees it: exit codes, dead letters that nobody can miss, and no secret anywhere. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { DeliveryMachine, webhookSecret, webhookToken } from './delivery-machine.js';
import { WebhookReceiver } from './webhook-receiver.js';

const signature = '5e1f00d5e1f00d5e1f00d5e1f00d5e1f00d5e1f00d5e1f00d5e1f00d5e1f00d5e';

/** Logs in which somebody deletes the log objects of a trail, with a presigned address. */
function logsWithFindings(): string {
  const folder = temporaryLogs();
  const lines = Array.from({ length: 30 }, (_, minute) => {
    const id = `${minute}`.padStart(16, 'A');
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261101&X-Amz-Signature=${signature}`;
    const key = `AWSLogs/111122223333/CloudTrail/eu-central-1/2026/11/01/${minute}.json.gz`;
    return `79a59df900b949e55d96a1e698fbaced acme-trail-logs [01/Nov/2026:03:${String(minute).padStart(2, '0')}:00 +0000] 203.0.113.7 arn:aws:iam::111122223333:user/mallory ${id} REST.DELETE.OBJECT ${key} "DELETE /${key}?${query} HTTP/1.1" 204 - - 10 5 4 "-" "aws-cli/2.1" - abc= SigV4 TLS_AES_128_GCM_SHA256 QueryString acme-trail-logs.s3.amazonaws.com TLSv1.3 - - -`;
  });
  fs.writeFileSync(path.join(folder, '2026-11-01-04-00-00-AAAAAAAAAAAAAAAA'), `${lines.join('\n')}\n`);
  return folder;
}

function temporaryLogs(): string {
  return fs.mkdtempSync(path.join(process.env['TMPDIR']!, 'bucketwatch-logs-'));
}

async function machineWithFindings() {
  const receiver = await WebhookReceiver.start();
  const machine = new DeliveryMachine(receiver, {
    logs: logsWithFindings(),
    settings: 'log_buckets: [acme-trail-logs]',
  });
  return { receiver, machine };
}

function summaryOf(stdout: string): { alerts: Record<string, object>; alerts_pending: number; alerts_dead: number } {
  return JSON.parse(stdout);
}

describe('dead letters', () => {
  test('make the run exit 3, are warned of until they are handled, and arrive by publish --dead', async () => {
    const { receiver, machine } = await machineWithFindings();
    receiver.answer = () => ({ status: 403, body: 'no' });
    const dying = await machine.run('run', '--json');
    expect(dying.exitCode).toBe(3);
    const { alerts, alerts_dead } = summaryOf(dying.stdout);
    expect(alerts_dead).toBeGreaterThan(0);
    expect(alerts['webhook:$HOOK']).toEqual({ delivered: 0, failed: 0, dead: alerts_dead, waiting: 0 });
    expect(dying.stderr).toMatch(/warning: .*HTTP 403.*given up/);
    const letters = fs.readFileSync(path.join(machine.dataDir, 'dead-letters.jsonl'), 'utf8').trim().split('\n');
    expect(letters).toHaveLength(alerts_dead);

    const next = await machine.run('run', '--quiet');
    expect([next.exitCode, next.stderr]).toEqual([
      0,
      expect.stringMatching(/warning: \d+ dead alerts?.*publish --dead/),
    ]);
    expect(JSON.parse((await machine.run('status', '--json')).stdout)).toMatchObject({ alerts_dead });

    receiver.answer = () => ({ status: 200 });
    const listed = await machine.run('publish', '--dead', '--dry-run', '--json');
    expect(JSON.parse(listed.stdout).would_send).toHaveLength(alerts_dead);
    const published = await machine.run('publish', '--dead', '--json');
    expect([published.exitCode, published.stderr]).toEqual([0, '']);
    expect(summaryOf(published.stdout)).toMatchObject({ alerts_pending: 0, alerts_dead: 0 });
    expect((await machine.run('run', '--quiet')).stderr).toBe('');
  });

  test('can be forgotten, when publish --dead exits 4 again', async () => {
    const { receiver, machine } = await machineWithFindings();
    receiver.answer = () => ({ status: 410 });
    await machine.run('run', '--quiet');
    expect((await machine.run('publish', '--dead', '--quiet')).exitCode).toBe(4);
    const { exitCode, stderr } = await machine.run('publish', '--forget-dead');
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/dead alerts? forgotten/)]);
    expect((await machine.run('run', '--quiet')).stderr).toBe('');
  });
});

describe('publish', () => {
  test('delivers what waits, also before its time', async () => {
    const { receiver, machine } = await machineWithFindings();
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '300' } });
    const waiting = await machine.run('run', '--json');
    expect([waiting.exitCode, waiting.stderr]).toEqual([3, expect.stringMatching(/stays? in the outbox/)]);
    receiver.answer = () => ({ status: 200 });
    const published = await machine.run('publish', '--json');
    expect(published.exitCode).toBe(0);
    expect(summaryOf(published.stdout)).toMatchObject({ alerts_pending: 0, alerts_dead: 0 });
    expect((await machine.run('publish')).stderr).toBe('nothing to deliver\n');
  });

  test('lists what it would send without a lock or a request', async () => {
    const { receiver, machine } = await machineWithFindings();
    receiver.answer = () => ({ status: 410 });
    await machine.run('run', '--quiet');
    const before = receiver.requests.length;
    const { stdout, exitCode } = await machine.run('publish', '--dry-run', '--dead');
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('webhook:$HOOK')]);
    expect(receiver.requests).toHaveLength(before);
  });
});

test('no secret of the environment or of the logs is written or sent anywhere', async () => {
  const { receiver, machine } = await machineWithFindings();
  const said: string[] = [];
  const say = async (...args: readonly string[]): Promise<void> => {
    const { stdout, stderr } = await machine.run(...args);
    said.push(stdout, stderr);
  };
  receiver.answer = () => ({ status: 400, body: `bad token ${webhookToken}` });
  await say('run', '--log-format', 'json');
  receiver.answer = ({ path: asked }) => ({
    status: 307,
    headers: { location: `http://elsewhere.example.com${asked}` },
  });
  await say('publish', '--dead', '--log-format', 'json');
  await say('publish', '--dead', '--dry-run');
  await say('findings', 'list', '--format', 'jsonl');
  await say('status');
  const sent = receiver.requests.map(({ body, headers }) => body + JSON.stringify(headers));
  expect(sent.length).toBeGreaterThan(0);
  const everything = [...said, ...sent, await machine.everythingWritten()].join('\n');
  expect(everything).toContain('mallory');
  for (const secret of [webhookSecret, webhookToken, 'tokenOfTheTest', signature, 'AKIAIOSFODNN7EXAMPLE']) {
    expect(everything).not.toContain(secret);
  }
}, 240_000);
