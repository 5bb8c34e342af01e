/** A source in S3: may the job list it, read an object and decrypt it. Reads one page of names and one byte. */
import type { S3Client, _Object } from '@aws-sdk/client-s3';
import type { AwsFailure } from '../../aws/failure.js';
import {
  assumeRole,
  decryptLogs,
  findLogs,
  partitionOf,
  readLogs,
  refusedAction,
  type LogPlace,
} from '../../aws/permissions.js';
import { bucketRequest, createS3Client } from '../../aws/s3-access.js';
import type { Config } from '../../config/load.js';
import { answerOf, failedCheck, s3Host, watchClock, type AwsProbe } from './aws-answer.js';
import { checksOf, type Check, type Checks } from './check.js';

type S3Source = Extract<Config['sources'][number], { type: 's3' }>;

export async function s3SourceChecks(source: S3Source, probe: AwsProbe): Promise<Check[]> {
  const checks = checksOf(`source ${source.uri}`);
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const client = watchClock(await createS3Client(source), probe);
  try {
    const { bucket, prefix } = source;
    const place = { partition: partitionOf(source.region), bucket, prefix };
    const listing = await answerOf(() =>
      client.send(new ListObjectsV2Command({ ...bucketRequest(bucket, source), Prefix: prefix })),
    );
    if ('failure' in listing) return [listFailure(checks, listing.failure, { source, place })];
    const objects = listing.output.Contents ?? [];
    const newest = newestReadable(objects);
    if (newest === null) return [nothingToRead(checks, objects.length)];
    const more = listing.output.IsTruncated === true ? ' or more' : '';
    return [
      checks.ok('list', `${objects.length}${more} objects, one of ${newest.LastModified?.toISOString() ?? 'no date'}`),
      await readCheck(checks, client, { key: newest.Key!, source, place }),
    ];
  } finally {
    client.destroy();
  }
}

interface Looked {
  readonly source: S3Source;
  readonly place: LogPlace;
}

function listFailure(checks: Checks, failure: AwsFailure, { source, place }: Looked): Check {
  const { roleArn, bucket } = source;
  const refused = refusedAction(failure.message)?.action ?? '';
  // Assuming the role comes before the request itself, and is refused in its own words.
  if (roleArn !== null && (refused === 'sts:AssumeRole' || (failure.message.includes(roleArn) && refused === '')))
    return failedCheck(checks, failure, { check: 'assume role', thing: roleArn, statement: assumeRole(roleArn) });
  return failedCheck(checks, failure, { check: 'list', thing: `the bucket ${bucket}`, statement: findLogs(place) });
}

/** Classes whose objects must be restored before they can be read. */
const archived = new Set(['GLACIER', 'DEEP_ARCHIVE']);

const timeOf = ({ LastModified }: _Object): number => LastModified?.getTime() ?? 0;

/** Of the page that was listed: pages go by name, so a newer object may lie on a later one. */
function newestReadable(objects: readonly _Object[]): _Object | null {
  return objects
    .filter(({ StorageClass = 'STANDARD' }) => !archived.has(StorageClass))
    .reduce<_Object | null>(
      (newest, object) => (newest === null || timeOf(object) > timeOf(newest) ? object : newest),
      null,
    );
}

function nothingToRead({ warn }: Checks, archivedObjects: number): Check {
  if (archivedObjects > 0)
    return warn('list', `the first ${archivedObjects} objects are archived`, 'reading was not tried; nothing to do');
  return warn(
    'list',
    'may be listed, and holds nothing under the prefix',
    'compare the prefix with that of the logging',
  );
}

interface Reading extends Looked {
  readonly key: string;
}

async function readCheck(checks: Checks, client: S3Client, { key, source, place }: Reading): Promise<Check> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const answer = await answerOf(async () => {
    const { Body, ServerSideEncryption } = await client.send(
      new GetObjectCommand({ ...bucketRequest(source.bucket, source), Key: key, Range: 'bytes=0-0' }),
    );
    await Body?.transformToByteArray();
    return ServerSideEncryption ?? 'none named';
  });
  if ('output' in answer) return checks.ok('read', `one byte; encryption: ${answer.output}`);
  const refused = refusedAction(answer.failure.message);
  const isKey = refused?.action === 'kms:Decrypt' || answer.failure.name.startsWith('KMS');
  const statement = isKey
    ? decryptLogs(refused?.resource ?? 'THE_KEY_ARN', s3Host(source.region ?? 'THE_REGION'))
    : readLogs(place);
  const check = isKey ? 'decrypt' : 'read';
  const failed = failedCheck(checks, answer.failure, { check, thing: 'the object', statement });
  return failed.statement === null ? failed : { ...failed, statement };
}
