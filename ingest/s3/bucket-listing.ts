/** Lists keys of a bucket page by page. */
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { retrying, type RetryOptions } from '../../aws/retry.js';
import { bucketRequest, type S3Access } from '../../aws/s3-access.js';
import { listingError } from '../../aws/s3-failure.js';
import { AppError } from '../../config/app-error.js';
import { bareEtag, type ListedObject } from './object-address.js';

export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** With a delimiter: the prefixes that end in it. */
  readonly folders: readonly string[];
  readonly isLast: boolean;
}

export interface ListOptions {
  /** Groups keys by what follows the prefix up to the next `/`. */
  readonly byFolder?: boolean;
  /** Begins behind this key. */
  readonly startAfter?: string;
}

export interface BucketListingOptions {
  readonly client: S3Client;
  readonly bucket: string;
  readonly access: S3Access;
  readonly retry: RetryOptions;
}

export class BucketListing {
  readonly bucket: string;
  readonly #options: BucketListingOptions;

  constructor(options: BucketListingOptions) {
    this.bucket = options.bucket;
    this.#options = options;
  }

  /** The pages of a prefix in the order of the bucket. Throws `source-forbidden`, `source-unreachable` or `credentials-missing`. */
  async *pages(prefix: string, { byFolder = false, startAfter }: ListOptions = {}): AsyncGenerator<ListedPage> {
    let token: string | undefined;
    for (;;) {
      const answer = await this.#page(prefix, {
        ...(byFolder ? { Delimiter: '/' } : {}),
        ...(token === undefined
          ? startAfter === undefined
            ? {}
            : { StartAfter: startAfter }
          : { ContinuationToken: token }),
      });
      const isLast = answer.IsTruncated !== true;
      yield pageOf(answer, isLast);
      if (isLast) return;
      const next = answer.NextContinuationToken;
      if (next === undefined || next === token) throw this.#endless(prefix);
      token = next;
    }
  }

  async #page(prefix: string, page: object): Promise<ListObjectsV2CommandOutput> {
    const { client, bucket, access, retry } = this.#options;
    const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const command = new ListObjectsV2Command({
      ...bucketRequest(bucket, access),
      Prefix: prefix,
      // XML cannot say every character that a key may have.
      EncodingType: 'url',
      ...page,
    });
    const { signal } = retry;
    try {
      return await retrying(() => client.send(command, signal === undefined ? {} : { abortSignal: signal }), retry);
    } catch (error) {
      throw listingError(error, { bucket, key: prefix, expectedBucketOwner: access.expectedBucketOwner });
    }
  }

  #endless(prefix: string): AppError {
    return new AppError(
      'source-unreachable',
      `s3://${this.bucket}/${prefix}: the server says that the list goes on and not where; expected a continuation token, as S3 gives`,
    );
  }
}

function pageOf(
  { Contents = [], CommonPrefixes = [], EncodingType }: ListObjectsV2CommandOutput,
  isLast: boolean,
): ListedPage {
  // Some servers do not know the parameter; they do not repeat it in the answer either.
  const decode = EncodingType === 'url' ? decodeKey : (key: string): string => key;
  return {
    objects: Contents.map(({ Key = '', ETag = '', Size = 0 }) => ({
      key: decode(Key),
      etag: bareEtag(ETag),
      size: Size,
    })),
    folders: CommonPrefixes.map(({ Prefix = '' }) => decode(Prefix)),
    isLast,
  };
}

/** As S3 encodes keys in lists and in notifications: a space is `+`. A key that is not encoded so stays as it is. */
export function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return encoded;
  }
}
