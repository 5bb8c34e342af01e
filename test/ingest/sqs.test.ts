/** A queue of notifications: what messages say, and that none is deleted before its objects are in the ledger. */
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../ingest/source.js';
import { s3Source } from '../../ingest/sources/s3.js';
import { sqsSource } from '../../ingest/sources/sqs.js';
import { readNotification } from '../../ingest/sqs/notification.js';
import { temporaryFolder } from '../lake.js';
import { accessOf, ingestSources, logText, testEnvironment } from '../s3-logs.js';
import { etagOf } from '../s3-stub.js';

interface Named {
  readonly bucket: string;
  readonly key: string;
  readonly body: string;
}

/** A record as S3 sends it: the key encoded like a form. */
function s3Record({ bucket, key, body }: Named, eventName = 'ObjectCreated:Put'): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: '2026-11-21T10:00:00.000Z',
    eventName,
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket, ownerIdentity: { principalId: 'A1' }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: new URLSearchParams({ k: key }).toString().slice(2).replaceAll('%2F', '/'),
        size: body.length,
        eTag: etagOf(body),
        sequencer: '0055AED6DCD90281E5',
      },
    },
  };
}

const direct = (...records: object[]): string => JSON.stringify({ Records: records });
const testEvent = JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'acme-logs' });
const eventBridge = ({ bucket, key, body }: Named, type = 'Object Created'): string =>
  JSON.stringify({
    version: '0',
    'detail-type': type,
    source: 'aws.s3',
    account: '111122223333',
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: { key, size: body.length, etag: etagOf(body) },
      reason: 'PutObject',
    },
  });
const throughSns = (message: string): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'm',
    TopicArn: 'arn:aws:sns:us-east-1:111122223333:t',
    Message: message,
  });

const odd: Named = { bucket: 'acme-logs', key: 'logs/a b/ä+%2F&=?.gz', body: 'x' };
const oddObject = { bucket: odd.bucket, key: odd.key, size: 1, etag: etagOf('x') };

describe('a message', () => {
  it.each([
    ['from S3', direct(s3Record(odd))],
    ['from S3 through SNS', throughSns(direct(s3Record(odd)))],
    ['from EventBridge', eventBridge(odd)],
    ['from EventBridge through SNS', throughSns(eventBridge(odd))],
  ])('%s names the object', (_, body) => {
    expect(readNotification(body)).toEqual([oddObject]);
  });

  it('names several objects, and nothing that was not created', () => {
    const other = { ...odd, key: 'b' };
    expect(
      readNotification(
        direct(s3Record(odd), s3Record(other, 'ObjectRemoved:Delete'), s3Record(other, 'ObjectCreated:Copy')),
      ),
    ).toEqual([oddObject, { ...oddObject, key: 'b' }]);
    expect(readNotification(testEvent)).toEqual([]);
    expect(readNotification(throughSns(testEvent))).toEqual([]);
    expect(readNotification(eventBridge(odd, 'Object Deleted'))).toEqual([]);
  });

  it.each([
    ['hello'],
    [''],
    ['[]'],
    ['null'],
    ['7'],
    ['{"Records":[{}]}'],
    ['{"Records":[null]}'],
    [direct(s3Record({ ...odd, bucket: 'a/b' }))],
    ['{"Records":[{"eventSource":"aws:ses","eventName":"x"}]}'],
    ['{"source":"aws.s3","detail-type":"Object Created"}'],
    [throughSns(throughSns(throughSns(throughSns(throughSns(testEvent)))))],
  ])('that is no notification is left alone: %s', (body) => {
    expect(readNotification(body)).toBeNull();
  });
});

describe('a source of type sqs', () => {
  let server: FauxqsServer;
  let s3: S3Client;
  let sqs: SQSClient;
  let endpoint = '';
  let number = 0;
  let queue = '';
  let queueUrl = '';
  let bucket = '';
  let dataDir = '';

  beforeAll(async () => {
    Object.assign(process.env, testEnvironment);
    server = await startFauxqs({ port: 0, logger: false });
    endpoint = `http://127.0.0.1:${server.port}`;
    process.env['AWS_ENDPOINT_URL_SQS'] = endpoint;
    s3 = new S3Client({ endpoint, forcePathStyle: true });
    sqs = new SQSClient({ endpoint, useQueueUrlAsEndpoint: false });
  });
  afterAll(async () => {
    delete process.env['AWS_ENDPOINT_URL_SQS'];
    await server.stop();
  });
  beforeEach(() => {
    queue = `logs-${number}`;
    bucket = `acme-logs-${number++}`;
    server.createBucket(bucket);
    // Its name is not known outside the server, so that the endpoint of the environment is asked instead.
    ({ queueUrl } = server.createQueue(queue));
    dataDir = temporaryFolder('sqs-lake');
  });

  const source = (options: Partial<Parameters<typeof sqsSource>[0]> = {}): Source =>
    sqsSource({ queueUrl, access: accessOf(endpoint), buckets: [], nowMs: Date.now() + 60_000, ...options });
  const put = async (key: string, body = logText(key, 3)): Promise<Named> => {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    return { bucket, key, body };
  };
  const send = async (...bodies: string[]): Promise<void> => {
    for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
  };
  const messages = (): { ready: number; hidden: number } => {
    const { ready, inflight } = server.inspectQueue(queue)!.messages;
    return { ready: ready.length, hidden: inflight.length };
  };

  it('reads what messages of all forms name, and deletes them', async () => {
    const a = await put('a b/ä+%2F&', logText('odd', 3));
    const b = await put('b');
    const c = await put('c');
    await send(direct(s3Record(a), s3Record(b)), throughSns(direct(s3Record(b))), eventBridge(c), testEvent);
    await send(direct(s3Record({ ...b, key: 'folder/', body: '' }), s3Record({ ...b, key: 'x/CloudTrail-Digest/y' })));
    expect(await ingestSources([source()], dataDir)).toMatchObject({ objects: 3, rows: 9, duplicates: 0, errors: [] });
    expect(messages()).toEqual({ ready: 0, hidden: 0 });
  });

  it('gets them from a topic, raw and wrapped', async () => {
    const topics = ['raw', 'wrapped'].map((kind) => ({ kind, name: `${queue}-${kind}` }));
    const sns = new SNSClient({ endpoint });
    for (const { kind, name } of topics) {
      const { topicArn } = server.createTopic(name);
      server.subscribe({ topic: name, queue, attributes: { RawMessageDelivery: String(kind === 'raw') } });
      await sns.send(new PublishCommand({ TopicArn: topicArn, Message: direct(s3Record(await put(kind))) }));
    }
    expect(messages().ready).toBe(2);
    expect(await ingestSources([source()], dataDir)).toMatchObject({ objects: 2, rows: 6 });
    expect(messages()).toEqual({ ready: 0, hidden: 0 });
  });

  it('leaves messages that are no notifications, or of other buckets, and says how many', async () => {
    const a = await put('a');
    await send('hello', direct(s3Record({ ...a, bucket: 'attacker-bucket' })), direct(s3Record(a)));
    const warnings: string[] = [];
    const options = { onWarning: (message: string): unknown => warnings.push(message) };
    expect(await ingestSources([source({ buckets: ['acme-*'] })], dataDir, options)).toMatchObject({
      objects: 1,
      errors: [],
    });
    expect(messages()).toEqual({ ready: 0, hidden: 2 });
    expect(warnings).toEqual([expect.stringContaining('2 messages are no notifications')]);
  });

  it('deletes a message only when its objects are committed', async () => {
    const a = await put('a');
    await send(direct(s3Record(a)));
    const inner = source();
    const order: string[] = [];
    const watched: Source = {
      ...inner,
      acknowledge: async (objects) => {
        if (objects.length > 0) order.push(`told, ${messages().hidden} in the queue`);
        await inner.acknowledge!(objects);
      },
      close: async () => {
        order.push(`closed, ${messages().hidden} in the queue`);
        await inner.close!();
      },
    };
    await ingestSources([watched], dataDir);
    expect(order).toEqual(['told, 1 in the queue', 'closed, 0 in the queue']);
  });

  it('shows a message again when an object of it could not be read, and deletes it when it could', async () => {
    const a = await put('a');
    const broken = { ...a, bucket: 'acme-missing' };
    await send(direct(s3Record(a), s3Record(broken)));
    const first = await ingestSources([source()], dataDir);
    expect(first.failures.map(({ uri }) => uri)).toEqual(['s3://acme-missing/a']);
    expect(messages()).toEqual({ ready: 1, hidden: 0 });
    server.createBucket('acme-missing');
    await s3.send(new PutObjectCommand({ Bucket: 'acme-missing', Key: 'a', Body: a.body }));
    expect(await ingestSources([source()], dataDir)).toMatchObject({ objects: 1, objectsSkipped: 1, failures: [] });
    expect(messages()).toEqual({ ready: 0, hidden: 0 });
  });

  it('deletes messages about objects that are known, that are gone, and that were replaced', async () => {
    const known = await put('known');
    await send(direct(s3Record(known)));
    await ingestSources([source()], dataDir);
    const old = await put('changing');
    const current = await put('changing', logText('new', 4));
    await send(direct(s3Record(known)), direct(s3Record({ ...known, key: 'deleted' })), direct(s3Record(old)));
    await ingestSources([source()], dataDir);
    expect(messages()).toEqual({ ready: 0, hidden: 0 });
    await send(direct(s3Record(current)));
    expect(await ingestSources([source()], dataDir)).toMatchObject({ objects: 1, rows: 4 });
  });

  it('does no harm beside a listing of the same bucket, which finds what no message named', async () => {
    const named = await put('a');
    await put('b');
    await send(direct(s3Record(named)));
    const listing = s3Source({ bucket, prefix: '', layout: 'auto', period: null, access: accessOf(endpoint) });
    expect(await ingestSources([source(), listing], dataDir)).toMatchObject({ objects: 2, rows: 6, duplicates: 0 });
    await send(direct(s3Record(named)));
    expect(await ingestSources([listing, source()], dataDir)).toMatchObject({ objects: 0, rows: 0 });
    await send(direct(s3Record(await put('c'))));
    expect(await ingestSources([listing, source()], dataDir)).toMatchObject({ objects: 1, rows: 3 });
    expect(messages()).toEqual({ ready: 0, hidden: 0 });
  });

  it('empties a queue of many messages', async () => {
    const named = await Promise.all(Array.from({ length: 230 }, (_, i) => put(`many/${i}`, logText(`many/${i}`, 1))));
    for (let start = 0; start < named.length; start += 10) {
      const Entries = named
        .slice(start, start + 10)
        .map((object, index) => ({ Id: String(index), MessageBody: direct(s3Record(object)) }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
    expect(await ingestSources([source()], dataDir)).toMatchObject({ objects: 230, rows: 230 });
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('ends though messages keep coming: what was sent after the run began is for the next one', async () => {
    const a = await put('a');
    await send(direct(s3Record(a)));
    let rounds = 0;
    const inner = source({ nowMs: Date.now() - 60_000 });
    const endless: Source = {
      ...inner,
      async *list(listing) {
        for await (const object of inner.list(listing)) {
          rounds++;
          await send(direct(s3Record(a)));
          yield object;
        }
      },
    };
    await ingestSources([endless], dataDir);
    expect(rounds).toBeLessThan(5);
    expect(messages().ready).toBeGreaterThan(0);
  });

  it('keeps messages hidden while the run goes on', async () => {
    const a = await put('a');
    await send(direct(s3Record(a)));
    const inner = source({ visibilitySeconds: 1 });
    let shown = 0;
    const slow: Source = {
      ...inner,
      async *list(listing) {
        for await (const object of inner.list(listing)) {
          const until = performance.now() + 2500;
          while (performance.now() < until) {
            shown += messages().ready;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          yield object;
        }
      },
    };
    await ingestSources([slow], dataDir);
    expect(shown).toBe(0);
    expect(messages()).toEqual({ ready: 0, hidden: 0 });
  });

  it('that does not exist is an error of the source', async () => {
    const result = await ingestSources([source({ queueUrl: `${endpoint}/000000000000/nowhere` })], dataDir);
    expect(result.errors.map(({ code }) => code)).toEqual(['source-unreachable']);
  });
});
