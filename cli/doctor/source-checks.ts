/** The sources of the config, one after the other. */
import fs from 'node:fs';
import { clientSettings } from '../../aws/access.js';
import { receiveNotifications } from '../../aws/permissions.js';
import type { Config } from '../../config/load.js';
import { localSource } from '../../ingest/sources/local.js';
import { answerOf, failedCheck, watchClock, type AwsProbe } from './aws-answer.js';
import { checksOf, type Check } from './check.js';
import { s3SourceChecks } from './s3-source-checks.js';

type Source = Config['sources'][number];

export async function sourceChecks({ sources }: Config, probe: AwsProbe): Promise<Check[]> {
  if (sources.length === 0)
    return [checksOf('sources').warn('config', 'none', 'add sources, or name paths on the command line')];
  const checks: Check[] = [];
  for (const source of sources) checks.push(...(await checksOfSource(source, probe)));
  return checks;
}

async function checksOfSource(source: Source, probe: AwsProbe): Promise<Check[]> {
  switch (source.type) {
    case 'local':
      return [await localCheck(source.path)];
    case 's3':
      return s3SourceChecks(source, probe);
    case 'sqs':
      return sqsChecks(source, probe);
  }
}

async function localCheck(path: string): Promise<Check> {
  const { ok, warn, fail } = checksOf(`source ${path}`);
  const todo = 'correct the path, or let the user of the job read it';
  try {
    for await (const { uri } of localSource(path).list({ warn: () => undefined })) {
      fs.accessSync(uri, fs.constants.R_OK);
      return ok('read', 'there are files, and the first can be read');
    }
  } catch (error) {
    return fail('read', error instanceof Error ? error.message : String(error), { todo, kind: 'access' });
  }
  return warn('read', 'there are no files', 'compare the path with where the logs are put');
}

type SqsSource = Extract<Source, { type: 'sqs' }>;

/**
 * Receives at most one message and gives it back at once; changing and deleting are tried with a handle that no message
 * has, which a queue refuses only after it has asked for the permission.
 */
async function sqsChecks(source: SqsSource, probe: AwsProbe): Promise<Check[]> {
  const checks = checksOf(`source ${source.queueUrl}`);
  const { SQSClient, ReceiveMessageCommand, ChangeMessageVisibilityCommand, DeleteMessageCommand } =
    await import('@aws-sdk/client-sqs');
  const client = watchClock(new SQSClient(await clientSettings(source)), probe);
  const QueueUrl = source.queueUrl;
  const statement = receiveNotifications(queueArn(source));
  try {
    const received = await answerOf(() =>
      client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 0 })),
    );
    if ('failure' in received)
      return [failedCheck(checks, received.failure, { check: 'receive', thing: 'the queue', statement })];
    const ReceiptHandle = 'bucketwatch-doctor';
    const changed = await answerOf(() =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
    );
    const deleted = await answerOf(() => client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })));
    return [
      checks.ok('receive', 'messages can be received'),
      ...Object.entries({ 'change visibility': changed, delete: deleted }).map(([check, answer]) =>
        'output' in answer || answer.failure.kind === 'rejected' || answer.failure.kind === 'missing'
          ? checks.ok(check, 'allowed')
          : failedCheck(checks, answer.failure, { check, thing: 'the queue', statement }),
      ),
    ];
  } finally {
    client.destroy();
  }
}

/** `https://sqs.eu-central-1.amazonaws.com/111122223333/logs` → its ARN; a queue of an emulator gets stand-ins. */
function queueArn({ queueUrl, region }: SqsSource): string {
  const [, account = 'THE_ACCOUNT', name = 'THE_QUEUE'] = new URL(queueUrl).pathname.split('/');
  const inHost = /^sqs\.([a-z0-9-]+)\./.exec(new URL(queueUrl).host)?.[1];
  return `arn:aws:sqs:${region ?? inHost ?? 'THE_REGION'}:${account}:${name}`;
}
