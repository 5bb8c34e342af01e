/**
 * Where logs come from: one schema a source type, with the key names of the file on the left and of the program on the
 * right.
 */
import { z } from 'zod';
import { fault, mapping, nullable, oneOf, optional, text } from './mapping.js';
import { durationOrAuto, filePath, region, roleArn, words } from './scalars.js';

const role = {
  region: nullable(region, 'Region of the bucket or queue; null asks AWS or the environment.'),
  role_arn: nullable(roleArn, 'Role to assume for reading; null uses the credentials of the environment.'),
  external_id: nullable(words, 'External id that the trust policy of the role asks for.'),
};

const bucketUri = text(
  /^s3:\/\/[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9](\/.*)?$/,
  'is not an S3 address',
  's3://<bucket>/<prefix>',
).describe('Bucket and prefix that log objects are delivered to. The prefix may end in the middle of a name.');

const s3Source = mapping({
  type: z.literal('s3'),
  uri: bucketUri,
  layout: optional(
    oneOf(['auto', 'flat', 'partitioned', 'cloudtrail']),
    'auto',
    'How keys are built: flat (prefix and date), partitioned (account/region/bucket/YYYY/MM/DD/), cloudtrail (AWSLogs/…), or auto to look.',
  ),
  ...role,
  lookback: optional(
    durationOrAuto,
    'auto',
    'How far back each run lists for objects that it has not read yet; auto follows the layout and the date source.',
  ),
}).transform(({ role_arn, external_id, lookback, ...source }) => ({
  ...source,
  ...bucketAndPrefix(source.uri),
  roleArn: role_arn,
  externalId: external_id,
  lookbackMs: lookback,
}));

function bucketAndPrefix(uri: string): { bucket: string; prefix: string } {
  const [, bucket, prefix] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri)!;
  return { bucket: bucket!, prefix: prefix! };
}

const localSource = mapping({
  type: z.literal('local'),
  path: filePath.describe('A file, a folder (read with its subfolders) or a glob.'),
});

const sqsSource = mapping({
  type: z.literal('sqs'),
  queue_url: text(
    /^https?:\/\/\S+\/\S+$/,
    'is not the URL of a queue',
    'https://sqs.<region>.amazonaws.com/<account>/<name>',
  ).describe(
    'Queue that receives the bucket’s ObjectCreated notifications, direct, through SNS or through EventBridge.',
  ),
  ...role,
}).transform(({ queue_url, role_arn, external_id, ...source }) => ({
  ...source,
  queueUrl: queue_url,
  roleArn: role_arn,
  externalId: external_id,
}));

/** One entry of `sources`. */
export const sourceSchema = z.discriminatedUnion(
  'type',
  [s3Source, localSource, sqsSource],
  fault('is not a known source', 'type: s3, local or sqs'),
);

/** A source, normalised. `lookbackMs` null means auto; null Region, role or external id means none given. */
export type Source = z.output<typeof sourceSchema>;
