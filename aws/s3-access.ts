/** Clients of S3: what a source says about its bucket, as arguments of the SDK. */
import type { S3Client } from '@aws-sdk/client-s3';
import { clientSettings, customEndpoint, type AwsAccess } from './access.js';

/** How the objects of a source are reached. Plain data, so that it can be sent to a thread. */
export interface S3Access extends AwsAccess {
  /** Null is AWS, or what the environment says (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`). */
  readonly endpoint: string | null;
  /** 12 digits; requests fail when the bucket belongs to another account. Null asks no question. */
  readonly expectedBucketOwner: string | null;
  readonly requesterPays: boolean;
}

/** Members that every request to the bucket carries. */
export interface BucketRequest {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
  readonly RequestPayer?: 'requester';
}

export function bucketRequest(bucket: string, { expectedBucketOwner, requesterPays }: S3Access): BucketRequest {
  return {
    Bucket: bucket,
    ...(expectedBucketOwner === null ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
    ...(requesterPays ? { RequestPayer: 'requester' } : {}),
  };
}

/**
 * A client that asks once: one budget of repetitions is shared by all requests of a client, and a few bad objects would use
 * up that of the others, so whoever asks repeats by `retrying`. Behind a custom endpoint the bucket is part of the path: a
 * name of its own for every bucket is rare there.
 */
export async function createS3Client(
  access: S3Access,
  { sockets }: { readonly sockets?: number } = {},
): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3');
  const settings = await clientSettings(access, { maxAttempts: 1, ...(sockets === undefined ? {} : { sockets }) });
  const endpoint = access.endpoint ?? customEndpoint('s3');
  return new S3Client({
    ...settings,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    followRegionRedirects: true,
  });
}
