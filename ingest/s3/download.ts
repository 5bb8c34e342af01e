/** One object on its way from S3: small ones are held whole, large ones are read as they come and resumed when cut. */
import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { awsFailure, isTransient, type AwsFailure } from '../../aws/failure.js';
import { retrying, type RetryOptions } from '../../aws/retry.js';
import { bucketRequest } from '../../aws/s3-access.js';
import { readingProblem } from '../../aws/s3-failure.js';
import { ReadError } from '../read-error.js';
import type { ObjectBody, SourceObject } from '../source.js';
import { objectAddress } from './object-address.js';

/** Objects up to this size are fetched before they are needed; it is also the most that one of them holds in memory. */
export const wholeObjectBytes = 4 << 20;
/** A connection that says nothing for so long is given up. */
const silenceMs = 30_000;

export interface DownloadOptions {
  readonly client: S3Client;
  readonly retry: RetryOptions;
}

/** Opens an object at an offset. Throws a `ReadError`. */
export async function download(object: SourceObject, offset: number, options: DownloadOptions): Promise<ObjectBody> {
  try {
    return await retrying(async () => {
      const response = await request(object, offset, options);
      if (response.length > wholeObjectBytes) return new ResumedBody(object, response, offset, options);
      return wholeBody(await response.readAll(), response.metadata);
    }, options.retry);
  } catch (error) {
    throw readError(error, object, options.retry.signal);
  }
}

function wholeBody(bytes: Buffer, metadata: Metadata): ObjectBody {
  let position = 0;
  const read = (into: Uint8Array): number => {
    const part = bytes.subarray(position, position + into.length);
    into.set(part);
    position += part.length;
    return part.length;
  };
  return { metadata, read, close: () => undefined };
}

type Metadata = Readonly<Record<string, string>>;

/** The answer to one GET. It must be read to its end or closed, or its connection stays taken. */
class Response {
  readonly length: number;
  readonly metadata: Metadata;
  readonly #body: AsyncIterable<Buffer>;
  readonly #abort: () => void;
  readonly #silence: NodeJS.Timeout;
  #received = 0;
  /** False while the one who reads is busy with what has come: that silence is not the server's. */
  #isWaiting = true;
  #isSilent = false;

  constructor(body: Readable, { length, metadata, abort }: { length: number; metadata: Metadata; abort: () => void }) {
    this.length = length;
    this.metadata = metadata;
    this.#body = body as AsyncIterable<Buffer>;
    this.#abort = abort;
    // A stream that nobody reads must not end the process when it fails.
    body.on('error', () => undefined);
    this.#silence = setTimeout(() => {
      this.#isSilent = this.#isWaiting;
      if (this.#isSilent) abort();
      else this.#silence.refresh();
    }, silenceMs);
  }

  async *chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#body) {
        this.#received += chunk.length;
        this.#isWaiting = false;
        yield chunk;
        this.#isWaiting = true;
        this.#silence.refresh();
      }
    } catch (error) {
      throw this.#isSilent ? timeout() : error;
    } finally {
      this.close();
    }
    if (this.#received !== this.length)
      throw unreachable(`the connection ended after ${this.#received} of ${this.length} bytes`);
  }

  async readAll(): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunks()) chunks.push(chunk);
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#abort();
  }
}

async function request(object: SourceObject, offset: number, { client, retry }: DownloadOptions): Promise<Response> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { bucket, key } = objectAddress(object.uri);
  const own = new AbortController();
  const abort = (): void => own.abort();
  if (retry.signal?.aborted === true) abort();
  retry.signal?.addEventListener('abort', abort);
  const end = (): void => {
    retry.signal?.removeEventListener('abort', abort);
    abort();
  };
  try {
    const { Body, ContentLength, Metadata } = await client.send(
      new GetObjectCommand({
        ...bucketRequest(bucket, object.access!),
        Key: key,
        // What was listed is what is read: the ledger will say so.
        ...(object.etag === '' ? {} : { IfMatch: `"${object.etag}"` }),
        ...(offset > 0 ? { Range: `bytes=${offset}-` } : {}),
      }),
      { abortSignal: own.signal },
    );
    return new Response(Body as Readable, { length: ContentLength ?? 0, metadata: Metadata ?? {}, abort: end });
  } catch (error) {
    end();
    throw error;
  }
}

/** A body too large to hold. When its connection is cut, the next one begins where it ended. */
class ResumedBody implements ObjectBody {
  readonly metadata: Metadata;
  readonly #object: SourceObject;
  readonly #options: DownloadOptions;
  #response: Response;
  #chunks: AsyncGenerator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  #position: number;

  constructor(object: SourceObject, response: Response, offset: number, options: DownloadOptions) {
    this.metadata = response.metadata;
    this.#object = object;
    this.#options = options;
    this.#response = response;
    this.#chunks = response.chunks();
    this.#position = offset;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#chunk.length === 0) {
      const next = await this.#next();
      if (next === null) return 0;
      this.#chunk = next;
    }
    const part = this.#chunk.subarray(0, into.length);
    into.set(part);
    this.#chunk = this.#chunk.subarray(part.length);
    return part.length;
  }

  close(): void {
    this.#response.close();
  }

  async #next(): Promise<Buffer | null> {
    const { retry } = this.#options;
    try {
      return await retrying(
        async (attempt) => {
          if (attempt > 1) {
            this.#response = await request(this.#object, this.#position, this.#options);
            this.#chunks = this.#response.chunks();
          }
          const { value, done } = await this.#chunks.next();
          if (done === true) return null;
          this.#position += value.length;
          return value;
        },
        { ...retry, isWorthIt: (error) => !isChecksumMismatch(error) },
      );
    } catch (error) {
      throw readError(error, this.#object, retry.signal);
    }
  }
}

/** The last bytes of a stream may have arrived wrong, and its first ones are in use: only the whole can be read again. */
function isChecksumMismatch(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Checksum mismatch');
}

function readError(error: unknown, { uri, access }: SourceObject, signal: AbortSignal | undefined): ReadError {
  if (error instanceof ReadError) return error;
  const failure = awsFailure(error);
  const options = { cause: error };
  if (signal?.aborted === true)
    return new ReadError({ kind: 'cancelled', message: 'cancelled', cause: 'object' }, options);
  if (failure.status === 412)
    return new ReadError({ kind: 'gone', message: 'changed after it was listed', cause: 'object' }, options);
  if (failure.status === 404 && failure.name !== 'NoSuchBucket')
    return new ReadError({ kind: 'gone', message: 'deleted after it was listed', cause: 'object' }, options);
  const { bucket, key } = objectAddress(uri);
  const message = readingProblem(failure, { bucket, key, expectedBucketOwner: access!.expectedBucketOwner });
  return new ReadError({ kind: 'failed', message, cause: causeOf(failure) }, options);
}

function causeOf(failure: AwsFailure): 'forbidden' | 'credentials' | 'later' | 'object' {
  if (failure.kind === 'forbidden' || failure.kind === 'credentials') return failure.kind;
  return isTransient(failure) ? 'later' : 'object';
}

function timeout(): Error {
  return Object.assign(new Error(`no byte for ${silenceMs / 1000} s`), { name: 'TimeoutError' });
}

function unreachable(message: string): Error {
  return Object.assign(new Error(message), { name: 'TimeoutError' });
}
