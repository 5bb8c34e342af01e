/** The sink sns: on an SNS that delivers to SQS, on one as strict as the real one, and its messages on their own. */
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as fc from 'fast-check';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../alerts/digest.js';
import { findingSchema, type Finding } from '../../alerts/finding.js';
import type { Alert } from '../../alerts/outbox.js';
import { maxMessageBytes, snsEntry, snsSink, type SnsOptions } from '../../alerts/sinks/sns.js';
import { asciiLine } from '../../alerts/sinks/sns-subject.js';
import type { Sink } from '../../alerts/sinks/sink.js';
import { renderFindingCard } from '../../cli/output/finding-card.js';
import { plainStyle } from '../../cli/output/style.js';
import { awsEnvironment, fakeClock, setAwsEnvironment } from './aws-stub.js';
import { hostileFinding } from './hostile-findings.js';
import { sampleAlert, sampleFinding, testSink } from './sink-conformance.js';
import { bytesOf, entryProblems } from './sns-rules.js';
import { startSnsStub } from './sns-stub.js';

/** A message holds the finding three times, and as text within text. */
const largest = 5000;
const topicArn = 'arn:aws:sns:eu-central-1:111122223333:bucketwatch';

const renderText = (content: Alert['content']): string =>
  'evidence' in content ? renderFindingCard(content, { width: null, style: plainStyle }) : content.title;

function openSink(fields: Partial<SnsOptions['config']> = {}, clock = fakeClock()): Sink {
  const config = { topicArn, region: 'eu-central-1', roleArn: null, format: 'json', ...fields } as const;
  return snsSink({ name: `sns:${config.topicArn}`, config, renderText, clock, random: () => 0.5 });
}

function numbered(count: number, fields: Partial<Finding> = {}): Alert[] {
  return Array.from({ length: count }, (_, index) =>
    sampleAlert(sampleFinding({ id: index.toString(16).padStart(64, '0'), ...fields })),
  );
}

let server: FauxqsServer;
let queues = 0;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
});
afterAll(() => server.stop());

interface TopicOptions {
  readonly isFifo?: boolean;
  readonly filterPolicy?: object;
}

/** A topic with a queue behind it; answers the topic and what arrived as the subscriber parses it. */
function openTopic({ isFifo = false, filterPolicy }: TopicOptions = {}) {
  const name = `t${++queues}${isFifo ? '.fifo' : ''}`;
  const fifo = isFifo ? { attributes: { FifoTopic: 'true' } } : {};
  const { topicArn } = server.createTopic(name, { region: 'eu-central-1', ...fifo });
  const { queueUrl } = server.createQueue(name, {
    region: 'eu-central-1',
    ...(isFifo ? { attributes: { FifoQueue: 'true' } } : {}),
  });
  const filter = filterPolicy === undefined ? {} : { FilterPolicy: JSON.stringify(filterPolicy) };
  const attributes = { RawMessageDelivery: 'true', ...filter };
  server.subscribe({ topic: name, queue: name, region: 'eu-central-1', attributes });
  setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${server.port}` });
  return {
    topicArn,
    remove: () => server.deleteTopic(name, { region: 'eu-central-1' }),
    received: async () => (await receiveAll(queueUrl)).map((body) => JSON.parse(body) as Record<string, string>),
  };
}

async function receiveAll(queueUrl: string): Promise<string[]> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = awsEnvironment;
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new SQSClient({ region: 'eu-central-1', endpoint, credentials: { accessKeyId, secretAccessKey } });
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) break;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body!);
      // A FIFO queue holds back the rest of a group until then.
      await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
    }
  }
  client.destroy();
  return bodies;
}

for (const isFifo of [false, true]) {
  testSink({
    name: isFifo ? 'sns, FIFO' : 'sns',
    largest,
    open() {
      const { topicArn, received, remove } = openTopic({ isFifo });
      return {
        sink: openSink({ topicArn }),
        // fauxqs delivers the whole structure; the stub below fans out by protocol, as SNS does.
        received: async () => (await received()).map((parts) => JSON.parse(parts['default']!) as unknown),
        breakDown: remove,
      };
    },
  });
}

testSink({
  name: 'sns, strict',
  largest,
  async open() {
    const stub = await startSnsStub();
    setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
    return {
      sink: openSink(),
      received: async () => stub.delivered('sqs').map((body) => JSON.parse(body) as unknown),
      breakDown: stub.stop,
    };
  },
});

describe('a filter policy', () => {
  it('finds severities, detectors and accounts in the attributes', async () => {
    const { topicArn, received } = openTopic({
      filterPolicy: { severity_num: [{ numeric: ['>=', 4] }], account_id: ['111122223333'], state: ['open'] },
    });
    const own = { account_id: '111122223333', id: '1'.repeat(64) };
    await openSink({ topicArn }).send(
      [own, { ...own, severity: 'medium' }, { ...own, account_id: '444455556666' }].map((fields) =>
        sampleAlert(sampleFinding(fields as Partial<Finding>)),
      ),
    );
    const arrived = (await received()).map((parts) => (JSON.parse(parts['default']!) as Finding).severity);
    expect(arrived).toEqual(['high']);
  });
});

describe('a FIFO topic', () => {
  it('gets an alert that is sent again once', async () => {
    const { topicArn, received } = openTopic({ isFifo: true });
    const sink = openSink({ topicArn });
    await sink.send([sampleAlert()]);
    await sink.send([sampleAlert()]);
    expect(await received()).toHaveLength(1);
  });

  it('has messages that SNS takes', async () => {
    const stub = await startSnsStub({ isFifo: true });
    setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
    const sink = openSink({ topicArn: `${topicArn}.fifo` });
    expect(await sink.send([sampleAlert(), sampleAlert(digest, { reason: 'digest' })])).toEqual([]);
  });
});

const digest = digestOf({
  sink: 'sns',
  runId: 'run-1',
  createdAt: '2026-03-01T02:00:00.000Z',
  lines: [{ detector: 'log-bucket-object-deleted', severity: 'low', findings: 1200 }],
});

/** What one alert is to a subscriber of each protocol, and its request. */
async function sent(alert: Alert, format: 'json' | 'text' | 'chat' = 'json') {
  const stub = await startSnsStub();
  setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
  expect(await openSink({ format }).send([alert])).toEqual([]);
  const [email, sms, sqs] = (['email', 'sms', 'sqs'] as const).map((protocol) => stub.delivered(protocol)[0]!);
  return { email: email!, sms: sms!, sqs: sqs!, entry: stub.batches[0]![0]! };
}

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

describe('a message of the format json', () => {
  const finding = sampleFinding({ account_id: '111122223333', region: 'eu-central-1' });

  it('is the finding for programs, a card for mail and a line for phones', async () => {
    const { email, sms, sqs } = await sent(sampleAlert(finding));
    expect(findingSchema.parse(JSON.parse(sqs))).toEqual(finding);
    expect(email).toBe(renderText(finding));
    expect(sms).toBe('[HIGH] log objects deleted: acme-logs (111122223333), 2 events');
  });

  it('carries what filter policies ask for', async () => {
    const { MessageAttributes, Subject } = (await sent(sampleAlert(finding))).entry;
    expect(MessageAttributes).toEqual({
      severity: text('high'),
      severity_num: { DataType: 'Number', StringValue: '4' },
      detector: text('log-bucket-object-deleted'),
      account_id: text('111122223333'),
      region: text('eu-central-1'),
      source: text('bucketwatch'),
      schema: text('bucketwatch.finding/1'),
      dedupe_key: text('b'.repeat(64)),
      state: text('open'),
    });
    expect(Subject).toBe('[HIGH] log objects deleted: acme-logs (111122223333)');
  });

  it('of a digest tells people how many of what, and where they are', async () => {
    const { email, sms, entry } = await sent(sampleAlert(digest, { reason: 'digest' }));
    expect(email).toContain('1200 low: log-bucket-object-deleted');
    expect(email).toContain(digest.query);
    expect(sms).toBe('[LOW] 1,200 more findings');
    expect(entry.MessageAttributes).toMatchObject({ schema: { StringValue: 'bucketwatch.digest/1' } });
  });
});

describe('a message of the format text', () => {
  it('is the same readable text for everybody', async () => {
    const { email, sqs, entry } = await sent(sampleAlert(), 'text');
    expect([email, sqs]).toEqual([renderText(sampleFinding()), renderText(sampleFinding())]);
    expect(entry.MessageStructure).toBeUndefined();
  });
});

describe('a subject', () => {
  it.each([
    ['Zugriff für Müller & Søn – “neu”', 'Zugriff fur Muller & Son - "neu"'],
    ['a\r\nBcc: x\u0000\u202e漢', 'a Bcc: x ??'],
    ['x'.repeat(200), `${'x'.repeat(96)}...`],
  ])('is plain ASCII on one line: %j', (text, line) => {
    expect(asciiLine(text, 99)).toBe(line);
  });
});

describe('any finding', () => {
  it.each(['json', 'text', 'chat'] as const)('becomes a message of the format %s that SNS takes', (format) => {
    fc.assert(
      fc.property(hostileFinding, fc.boolean(), (finding, isFifo) => {
        const { message, bytes } = snsEntry(sampleAlert(finding), { format, isFifo, renderText });
        const entry = { Id: '0', ...message };
        expect(entryProblems(entry, { isFifo })).toEqual([]);
        expect(bytesOf(entry)).toBeLessThanOrEqual(maxMessageBytes);
        expect(bytes).toBeGreaterThanOrEqual(bytesOf(entry));
      }),
      { numRuns: 30 },
    );
  });

  it('is whole when it fits, and says where the rest is when it does not', () => {
    fc.assert(
      fc.property(hostileFinding, (finding) => {
        const { message } = snsEntry(sampleAlert(finding), { format: 'json', isFifo: false, renderText });
        const arrived = JSON.parse((JSON.parse(message.Message) as { default: string }).default) as Finding;
        expect(findingSchema.safeParse(arrived).error).toBeUndefined();
        if (JSON.stringify(arrived) === JSON.stringify(finding)) return;
        expect(arrived).toMatchObject({ id: finding.id, dedupe_key: finding.dedupe_key, severity: finding.severity });
        expect(arrived.description).toContain(`bucketwatch findings show ${finding.id.slice(0, 10)}`);
        expect(arrived.evidence.length).toBeLessThan(Math.max(1, finding.evidence.length));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a batch', () => {
  it('has ten entries at most', async () => {
    const stub = await startSnsStub();
    setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
    expect(await openSink().send(numbered(25))).toEqual([]);
    expect(stub.batches.map(({ length }) => length)).toEqual([10, 10, 5]);
    expect(stub.delivered('sqs')).toHaveLength(25);
  });

  it('has fewer when they are large, because the sum counts', async () => {
    const stub = await startSnsStub();
    setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
    // Twice 25 KB for programs and mail: fits a message, and five of them a batch.
    expect(await openSink().send(numbered(10, { description: 'x'.repeat(25_000) }))).toEqual([]);
    expect(stub.batches.map(({ length }) => length)).toEqual([5, 5]);
  });

  it('keeps to five messages a second after the first ten', async () => {
    const stub = await startSnsStub();
    setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
    const clock = fakeClock();
    await openSink({}, clock).send(numbered(50));
    expect(clock.now()).toBe(8000);
  });
});

/** A sink whose next requests are answered with faults. */
async function faulty(...faults: Awaited<ReturnType<typeof startSnsStub>>['faults']) {
  const stub = await startSnsStub();
  setAwsEnvironment({ AWS_ENDPOINT_URL_SNS: stub.url });
  stub.faults.push(...faults);
  return { stub, sink: openSink() };
}

const wrong = { code: 'InvalidParameter', isSenderFault: true };
const busy = { code: 'InternalError', isSenderFault: false };

describe('a failure', () => {
  it('of one entry leaves the others delivered, and is for good when the message is at fault', async () => {
    const { stub, sink } = await faulty({ entries: { 1: wrong } });
    const alerts = numbered(3);
    expect(await sink.send(alerts)).toEqual([
      { alert: alerts[1], error: 'InvalidParameter: InvalidParameter of the stub', isPermanent: true },
    ]);
    expect([stub.batches.length, stub.delivered('sqs').length]).toEqual([1, 2]);
  });

  it('of one entry that passes is tried again within the call', async () => {
    const { stub, sink } = await faulty({ entries: { 0: busy, 2: { code: 'Throttled', isSenderFault: true } } });
    expect(await sink.send(numbered(3))).toEqual([]);
    expect(stub.batches.map(({ length }) => length)).toEqual([3, 2]);
  });

  it('of one entry that does not pass is left to the outbox', async () => {
    const { sink } = await faulty({ entries: { 0: busy } }, { entries: { 0: busy } }, { entries: { 0: busy } });
    const [undelivered, ...more] = await sink.send(numbered(2));
    expect(undelivered).toMatchObject({ alert: { id: '0'.repeat(64) }, error: /InternalError/ });
    expect(undelivered!.isPermanent).toBeUndefined();
    expect(more).toEqual([]);
  });

  it('of a batch is narrowed down to the message that caused it', async () => {
    const refused = { status: 400, code: 'InvalidParameter' };
    const { stub, sink } = await faulty(refused, { entries: {} }, refused);
    const alerts = numbered(3);
    const undelivered = await sink.send(alerts);
    expect(undelivered.map(({ alert, isPermanent }) => [alert, isPermanent])).toEqual([[alerts[1], true]]);
    expect(stub.delivered('sqs')).toHaveLength(2);
  });

  it.each([
    [
      { status: 403, code: 'AuthorizationError', message: 'not authorized' },
      'sink-forbidden',
      `"sns:Publish","Resource":"${topicArn}"`,
    ],
    [{ status: 400, code: 'KMSAccessDenied', message: 'no' }, 'sink-forbidden', '"kms:GenerateDataKey","kms:Decrypt"'],
    [
      { status: 403, code: 'InvalidClientTokenId', message: 'no' },
      'credentials-missing',
      'expected valid AWS credentials',
    ],
    [{ status: 404, code: 'NotFound', message: 'no' }, 'sink-unreachable', 'exists in that account and Region'],
    [{ status: 400, code: 'InvalidParameter', message: 'Invalid parameter: TopicArn' }, 'sink-unreachable', 'Region'],
  ] as const)('of the topic ends the call: %j', async (fault, code, text) => {
    const { stub, sink } = await faulty(fault);
    const error: unknown = await sink.send(numbered(30)).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) as string });
    expect((error as Error).message).not.toContain(awsEnvironment.AWS_SECRET_ACCESS_KEY);
    expect(stub.batches).toHaveLength(1);
  });

  it('of every entry for want of a permission is one of the topic', async () => {
    const denied = { code: 'KMSAccessDenied', isSenderFault: true };
    const { sink } = await faulty({ entries: { 0: denied, 1: denied } });
    await expect(sink.send(numbered(2))).rejects.toMatchObject({ code: 'sink-forbidden' });
  });

  it('on the way gives back what did not arrive, and only that', async () => {
    const { stub, sink } = await faulty({ entries: {} }, { status: 403, code: 'AuthorizationError' });
    const alerts = numbered(25);
    const undelivered = await sink.send(alerts);
    expect(undelivered.map(({ alert }) => alert)).toEqual(alerts.slice(10));
    expect(undelivered.every(({ isPermanent }) => isPermanent === undefined)).toBe(true);
    expect(stub.delivered('sqs')).toHaveLength(10);
  });
});
