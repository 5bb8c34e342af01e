/** A bucket that logs are delivered to. Objects are found by listing, and what is new among them by the ledger. */
import { setMaxListeners } from 'node:events';
import type { S3Client } from '@aws-sdk/client-s3';
import type { RetryOptions } from '../../aws/retry.js';
import { createS3Client, type S3Access } from '../../aws/s3-access.js';
import { BucketListing } from '../s3/bucket-listing.js';
import type { Layout } from '../s3/dated-keys.js';
import { download } from '../s3/download.js';
import { listByDate, listWhole, type Period } from '../s3/list-source.js';
import { s3Object } from '../s3/object-address.js';
import type { Listing, ObjectBody, OpenObject, Source, SourceObject } from '../source.js';

export interface S3SourceOptions {
  readonly bucket: string;
  readonly prefix: string;
  readonly access: S3Access;
  readonly layout: Layout;
  /** The days to look at; null is everything under the prefix. */
  readonly period: Omit<Period, 'listedAtMs'> | null;
  /** Remembers when the source was last listed and read to the end, so that a pause of the job loses nothing. */
  readonly history?: ListingHistory;
  readonly retry?: RetryOptions;
}

export interface ListingHistory {
  /** Milliseconds since 1970; null when never. */
  read(): Promise<number | null>;
  write(listedAtMs: number): Promise<void>;
}

export function s3Source(options: S3SourceOptions): Source {
  const { history, period } = options;
  const source: Source = { kind: 's3', list: (listing) => listBucket(options, listing) };
  // A back-fill of some days says nothing about the others.
  if (history === undefined || period?.fromMs !== null || period.toMs !== null) return source;
  return { ...source, finished: () => history.write(period.nowMs) };
}

async function* listBucket(options: S3SourceOptions, { signal, warn }: Listing): AsyncGenerator<SourceObject> {
  const { bucket, prefix, access, layout, period, history, retry } = options;
  const client = await createS3Client(access);
  if (signal !== undefined) setMaxListeners(0, signal);
  try {
    const listing = new BucketListing({ client, bucket, access, retry: { ...retry, signal } });
    const onEmpty = (): void =>
      warn(
        `s3://${bucket}/${prefix}: no logs found (layout ${layout}); expected keys as AWS delivers them under this prefix, or nothing was delivered yet`,
      );
    const pages =
      period === null
        ? listWhole(listing, prefix)
        : listByDate(listing, {
            prefix,
            layout,
            period: { ...period, listedAtMs: (await history?.read()) ?? null },
            onEmpty,
          });
    for await (const page of pages) for (const object of page) yield s3Object(bucket, object, access);
  } finally {
    client.destroy();
  }
}

export interface S3OpenerOptions {
  /** Objects that may be on their way at once. */
  readonly sockets: number;
  readonly signal?: AbortSignal;
  readonly retry?: RetryOptions;
}

/** Objects in a row that could not be opened, from which on none is asked for more than once. */
const downInARow = 20;

/** Opens objects of any source; clients are made once for each access. */
export function createS3Opener({ sockets, signal, retry }: S3OpenerOptions): OpenObject {
  const clients = new Map<string, Promise<S3Client>>();
  if (signal !== undefined) setMaxListeners(0, signal);
  const clientOf = (access: S3Access): Promise<S3Client> => {
    const name = JSON.stringify(access);
    const known = clients.get(name) ?? createS3Client(access, { sockets });
    clients.set(name, known);
    return known;
  };
  let failedInARow = 0;
  return async (object, offset): Promise<ObjectBody> => {
    const client = await clientOf(object.access!);
    // A server that answers nobody would have every object wait for all its repetitions.
    const attempts = failedInARow < downInARow ? {} : { attempts: 1 };
    try {
      const body = await download(object, offset, { client, retry: { ...retry, signal, ...attempts } });
      failedInARow = 0;
      return body;
    } catch (error) {
      failedInARow++;
      throw error;
    }
  };
}
