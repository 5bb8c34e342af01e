/**
 * Fills an emulator for docker-compose.yml: a bucket with the bundled logs, a topic, and a queue that hears the topic. Can
 * be run again. Names come from SEED_BUCKET, SEED_TOPIC and SEED_QUEUE, the rest from the variables of the SDK.
 */
import fs from 'node:fs';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings, customEndpoint } from '../aws/access.js';
import { packageRoot } from '../store/sql-files.js';

const { SEED_BUCKET = 'acme-logs', SEED_TOPIC = 'bucketwatch', SEED_QUEUE = 'bucketwatch-inbox' } = process.env;

/** Uploads that wait for an answer at once. */
const lanes = 8;

const logs = path.join(packageRoot, 'fixtures/demo/logs');
const settings = await clientSettings({
  region: process.env['AWS_REGION'] ?? 'us-east-1',
  roleArn: null,
  externalId: null,
});

// This writes: without an endpoint of its own it would be the account of whoever started it.
if (customEndpoint('s3') === null) {
  process.stderr.write(
    'AWS_ENDPOINT_URL: not set; expected the address of an emulator, such as http://127.0.0.1:4566\n',
  );
  process.exit(2);
}

const uploaded = await uploadLogs();
const topic = await announceTo();
process.stdout.write(`${uploaded} objects in s3://${SEED_BUCKET}; findings of ${topic} arrive in ${SEED_QUEUE}\n`);

/** Keys are the paths below the bundled logs, which are those that AWS delivers to. */
async function uploadLogs(): Promise<number> {
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: SEED_BUCKET })).catch((error: unknown) => {
    if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
  });
  const files = fs
    .readdirSync(logs, { recursive: true, encoding: 'utf8' })
    .filter((file) => fs.statSync(path.join(logs, file)).isFile());
  const waiting = files.values();
  const upload = async (): Promise<void> => {
    for (const file of waiting) {
      const Body = fs.readFileSync(path.join(logs, file));
      await s3.send(new PutObjectCommand({ Bucket: SEED_BUCKET, Key: file.replaceAll(path.sep, '/'), Body }));
    }
  };
  await Promise.all(Array.from({ length: lanes }, upload));
  s3.destroy();
  return files.length;
}

async function announceTo(): Promise<string> {
  const sns = new SNSClient(settings);
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: SEED_TOPIC }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: SEED_QUEUE }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.['QueueArn'],
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  sns.destroy();
  sqs.destroy();
  return TopicArn!;
}
