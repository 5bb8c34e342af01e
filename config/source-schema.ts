/**
 * Where logs come from: one schema a source type, with the key names of the file on the left and of the program on the
 * right.
 */
import { z } from 'zod';
import { fault, listOf, mapping, nullable, oneOf, optional, text } from './mapping.js';
import { accountId, bucketPattern, durationOrAuto, filePath, flag, region, roleArn, words } from './scalars.js';

const endpoint = text(/^https?:\/\/[^\s/]+\/?$/, 'is not the address of a server', 'https://<host>, without a path');

/** How a source reaches its objects. */
const access = {
  region: nullable(region, 'Region of the bucket or queue; null asks AWS or the environment.'),
  role_arn: nullable(roleArn, 'Role to assume for reading; null uses the credentials of the environment.'),
  external_id: nullable(words, 'External id that the trust policy of the role asks for.'),
  endpoint: nullable(
    endpoint,
    'Server of S3 that is not AWS, with the bucket in the path; null is AWS, or AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL.',
  ),
  expected_bucket_owner: nullable(
    accountId,
    'Account that must own the bucket, or nothing is read from it; null does not ask.',
  ),
  requester_pays: optional(flag, false, 'true accepts the cost of requests to a bucket whose requesters pay.'),
};

/** The same under the names of the program. */
function accessOf(given: {
  readonly region: string | null;
  readonly role_arn: string | null;
  readonly external_id: string | null;
  readonly endpoint: string | null;
  readonly expected_bucket_owner: string | null;
  readonly requester_pays: boolean;
}) {
  return {
    region: given.region,
    roleArn: given.role_arn,
    externalId: given.external_id,
    endpoint: given.endpoint,
    expectedBucketOwner: given.expected_bucket_owner,
    requesterPays: given.requester_pays,
  };
}

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
  ...access,
  lookback: optional(
    durationOrAuto,
    'auto',
    'How far back each run lists for objects that it has not read yet: before now, and before the last run that read all there was. auto is 3d for partitioned keys, 26h for flat ones and 24h for CloudTrail.',
  ),
}).transform(({ type, uri, layout, lookback, ...given }) => ({
  type,
  uri,
  layout,
  ...bucketAndPrefix(uri),
  ...accessOf(given),
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
  ...access,
  buckets: optional(
    listOf(bucketPattern),
    [],
    'Buckets that messages may speak of; those about others stay in the queue. Empty reads from every bucket that a message names.',
  ),
}).transform(({ type, queue_url, buckets, ...given }) => ({
  type,
  queueUrl: queue_url,
  buckets,
  ...accessOf(given),
}));

/** One entry of `sources`. */
export const sourceSchema = z.discriminatedUnion(
  'type',
  [s3Source, localSource, sqsSource],
  fault('is not a known source', 'type: s3, local or sqs'),
);

/** A source, normalised. `lookbackMs` null means auto; null Region, role or external id means none given. */
export type Source = z.output<typeof sourceSchema>;
