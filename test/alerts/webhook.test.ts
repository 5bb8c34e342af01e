/** The webhook: what is posted, what is signed, and what an answer means. */
import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { digestOf } from '../../alerts/digest.js';
import { webhookBody } from '../../alerts/sinks/webhook-body.js';
import { webhookSink, type WebhookOptions } from '../../alerts/sinks/webhook.js';
import { hostileFinding } from './hostile-findings.js';
import { sampleAlert, sampleFinding, testSink } from './sink-conformance.js';
import { WebhookReceiver } from './webhook-receiver.js';

const secret = 'c2VjcmV0LW9mLXRoZS10ZXN0';
const token = '/services/T000/B000/tokenOfTheTest';

type Settings = Partial<WebhookOptions['config']> & {
  readonly timeoutMs?: number;
  readonly env?: WebhookOptions['env'];
};

function sinkFor(receiver: WebhookReceiver, { timeoutMs = 2000, env, ...config }: Settings = {}) {
  const defaults = { url: null, urlEnv: 'HOOK', secretEnv: null, format: 'json' } as const;
  const variables = env ?? { HOOK: `${receiver.origin}${token}`, KEY: secret };
  return webhookSink({ name: 'webhook:$HOOK', config: { ...defaults, ...config }, env: variables, timeoutMs });
}

const alerts = ['1', '2', '3'].map((digit) => sampleAlert(sampleFinding({ id: digit.repeat(64) })));

for (const format of ['json', 'cloudevents'] as const) {
  testSink({
    name: `webhook as ${format}`,
    async open() {
      const receiver = await WebhookReceiver.start();
      return {
        sink: sinkFor(receiver, { format }),
        received: async () =>
          receiver.bodies().map((body) => (format === 'json' ? body : (body as { data: unknown }).data)),
        breakDown: () => receiver.close(),
      };
    },
  });
}

/** What Slack's documentation allows (https://docs.slack.dev/reference/block-kit/blocks, October 2026). */
const plainText = (limit: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(limit), emoji: z.literal(false) });
const slackMessage = z.strictObject({
  text: z.string().min(1).max(3000),
  mrkdwn: z.literal(false),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
  blocks: z
    .array(
      z.union([
        z.strictObject({ type: z.literal('header'), text: plainText(150) }),
        z.strictObject({ type: z.literal('section'), text: plainText(3000) }),
        z.strictObject({ type: z.literal('section'), fields: z.array(plainText(2000)).min(1).max(10) }),
      ]),
    )
    .min(1)
    .max(50),
});

function slackTexts(message: z.output<typeof slackMessage>): string[] {
  return [
    message.text,
    ...message.blocks.flatMap((block) => ('fields' in block ? block.fields : [block.text]).map(({ text }) => text)),
  ];
}

testSink({
  name: 'webhook as slack',
  async open() {
    const receiver = await WebhookReceiver.start();
    return {
      sink: sinkFor(receiver, { format: 'slack' }),
      received: async () => receiver.bodies().map((body) => slackMessage.parse(body).text),
      breakDown: () => receiver.close(),
    };
  },
  seen: ({ severity, title }) => `${severity}: ${title}`.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
});

describe('a message for Slack', () => {
  test('is within the limits, and has no markup, mention or link of hostile text', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        const message = slackMessage.parse(JSON.parse(webhookBody(sampleAlert(finding), 'slack').text));
        for (const text of slackTexts(message)) {
          expect(text).not.toMatch(/[<>]|&(?!(amp|lt|gt);)|@(here|channel|everyone)|[\p{C}\p{Zl}\p{Zp}]/iu);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('says what, who, where and what next', () => {
    const finding = sampleFinding({ key: 'a&b<!here>', source_ip: '203.0.113.7', severity: 'critical' });
    const message = slackMessage.parse(JSON.parse(webhookBody(sampleAlert(finding), 'slack').text));
    expect(slackTexts(message)).toEqual([
      'critical: log objects deleted',
      'critical: log objects deleted',
      'log objects deleted: 2 objects',
      'bucket: acme-logs',
      'key: a&amp;b&lt;!here&gt;',
      'principal: arn:aws:iam::111122223333:role/backup',
      'source: 203.0.113.7',
      'Next: 1. Ask.',
      '2026-03-01T01:05:00.000Z to 2026-03-01T01:06:00.000Z, events: 2, state: open; bucketwatch findings show aaaaaaaaaa',
    ]);
  });

  test('of a digest counts by detector', () => {
    const lines = [{ detector: 'log-bucket-object-deleted', severity: 'low', findings: 12 }] as const;
    const digest = digestOf({ sink: 'sink', runId: 'run-1', createdAt: '2026-03-01T02:00:00.000Z', lines });
    const message = slackMessage.parse(JSON.parse(webhookBody(sampleAlert(digest), 'slack').text));
    expect(slackTexts(message).slice(1)).toEqual(['low: 12 more findings', '12 low log-bucket-object-deleted']);
  });
});

test('a CloudEvent has the required attributes, and an id an announcement', async () => {
  const receiver = await WebhookReceiver.start();
  const finding = sampleFinding();
  await sinkFor(receiver, { format: 'cloudevents' }).send([sampleAlert(finding, { id: 'c'.repeat(64) })]);
  expect(receiver.requests[0]!.headers['content-type']).toBe('application/cloudevents+json');
  expect(receiver.bodies()).toEqual([
    {
      specversion: '1.0',
      id: 'c'.repeat(64),
      source: 'urn:bucketwatch',
      type: 'bucketwatch.finding.log-bucket-object-deleted',
      subject: finding.dedupe_key,
      time: finding.created_at,
      datacontenttype: 'application/json',
      data: finding,
    },
  ]);
});

describe('a request', () => {
  test('is a POST of JSON with the alert as idempotency key', async () => {
    const receiver = await WebhookReceiver.start();
    await sinkFor(receiver).send([sampleAlert(sampleFinding(), { id: 'd'.repeat(64) })]);
    const { path, headers } = receiver.requests[0]!;
    expect(path).toBe(token);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'd'.repeat(64) });
    expect(headers).not.toHaveProperty('x-signature');
  });

  test('is signed over the bytes of its body', async () => {
    const receiver = await WebhookReceiver.start();
    await sinkFor(receiver, { secretEnv: 'KEY' }).send([sampleAlert(sampleFinding({ key: 'ä\u2028' }))]);
    const { headers, body } = receiver.requests[0]!;
    const expected = createHmac('sha256', secret).update(Buffer.from(body, 'utf8')).digest('hex');
    expect(headers['x-signature']).toBe(`sha256=${expected}`);
  });
});

/** Sends three alerts, of which the second is answered like this. */
async function answered(status: number, headers: Record<string, string> = {}) {
  const receiver = await WebhookReceiver.start();
  receiver.answer = (_, index) => (index === 1 ? { status, headers } : { status: 204 });
  const undelivered = await sinkFor(receiver).send(alerts);
  return { undelivered, requests: receiver.requests.length };
}

describe('an answer', () => {
  test.each([400, 401, 403, 404, 410, 413, 422])('%i refuses the alert for good and not the next', async (status) => {
    const { undelivered, requests } = await answered(status);
    expect(undelivered).toEqual([
      { alert: alerts[1], error: `webhook:$HOOK: answers with HTTP ${status}; expected 2xx`, isPermanent: true },
    ]);
    expect(requests).toBe(3);
  });

  test.each([408, 425, 500, 502, 504])('%i is tried again later, and the next alert at once', async (status) => {
    const { undelivered, requests } = await answered(status);
    expect(undelivered).toMatchObject([{ alert: alerts[1], isPermanent: false }]);
    expect(requests).toBe(3);
  });

  test.each([429, 503])('%i leaves the receiver alone for as long as it asks', async (status) => {
    const { undelivered, requests } = await answered(status, { 'retry-after': '7' });
    expect(undelivered).toMatchObject([
      { alert: alerts[1], retryAfterMs: 7000, isPermanent: false },
      { alert: alerts[2], retryAfterMs: 7000, isPermanent: false },
    ]);
    expect(requests).toBe(2);
  });

  test('may ask by date, and for five minutes at most', async () => {
    const inTenHours = new Date(Date.now() + 36_000_000).toUTCString();
    const { undelivered } = await answered(429, { 'retry-after': inTenHours });
    expect(undelivered).toMatchObject([{ retryAfterMs: 300_000 }, {}]);
  });

  test('that never comes ends in time, as unreachable', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = () => null;
    await expect(sinkFor(receiver, { timeoutMs: 100 }).send(alerts)).rejects.toMatchObject({
      code: 'sink-unreachable',
      message: 'webhook:$HOOK: does not answer (TimeoutError); expected HTTP 2xx within 0.1 s',
    });
  });

  test('that is cut off behind the first alert leaves the others undelivered', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = (_, index) => (index === 0 ? { status: 200 } : null);
    const undelivered = await sinkFor(receiver, { timeoutMs: 200 }).send(alerts);
    expect(undelivered.map(({ alert }) => alert.id)).toEqual([alerts[1]!.id, alerts[2]!.id]);
  });

  test('that redirects on the same host is followed with the same body', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = ({ path }) =>
      path === '/new' ? { status: 200 } : { status: 308, headers: { location: '/new' } };
    expect(await sinkFor(receiver).send([alerts[0]!])).toEqual([]);
    expect(receiver.requests.map(({ path, body }) => [path, body])).toEqual([
      [token, JSON.stringify(alerts[0]!.content)],
      ['/new', JSON.stringify(alerts[0]!.content)],
    ]);
  });

  test('that redirects to another host is refused, and the other host sees nothing', async () => {
    const [receiver, other] = [await WebhookReceiver.start(), await WebhookReceiver.start()];
    receiver.answer = () => ({ status: 307, headers: { location: `${other.origin}/steal` } });
    expect(await sinkFor(receiver).send([alerts[0]!])).toMatchObject([{ isPermanent: true }]);
    expect(other.requests).toEqual([]);
  });

  test('that redirects for ever ends', async () => {
    const receiver = await WebhookReceiver.start();
    receiver.answer = () => ({ status: 307, headers: { location: '/again' } });
    expect(await sinkFor(receiver).send([alerts[0]!])).toMatchObject([{ isPermanent: true }]);
    expect(receiver.requests).toHaveLength(4);
  });
});

describe('a mistake in the environment', () => {
  test.each([
    ['an address that is not set', { env: {} }, 'HOOK is not set'],
    ['a key that is not set', { secretEnv: 'NO_KEY' }, 'NO_KEY is not set'],
    ['plain HTTP to elsewhere', { env: { HOOK: 'http://hooks.example.com/token' } }, 'is not a webhook address'],
    ['a user name', { env: { HOOK: 'https://me:pw@hooks.example.com/' } }, 'is not a webhook address'],
    ['no address', { env: { HOOK: 'tokenOfTheTest' } }, 'is not a webhook address'],
  ])('is said without what the variable holds: %s', async (_, settings, message) => {
    const receiver = await WebhookReceiver.start();
    const error = await sinkFor(receiver, settings)
      .send(alerts)
      .catch((error: unknown) => error);
    expect(error).toMatchObject({ code: 'config-invalid', message: expect.stringContaining(message) });
    expect((error as Error).message).not.toMatch(/token|pw@|hooks\.example/);
  });
});
