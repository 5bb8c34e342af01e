/** What every source of logs is: a list of objects, and their bytes. One file a kind in sources/. */
import type { S3Access } from '../aws/s3-access.js';

/** Kinds of object; each is opened by a file of its own (sources/open-object.ts). */
export type SourceKind = 'local' | 'stdin' | 's3';

/** One object that a source offers. The ledger knows it by `uri` and `etag`. */
export interface SourceObject {
  readonly kind: SourceKind;
  /** Absolute path, or a URI; `s3://bucket/key` with the key as it is, not encoded. */
  readonly uri: string;
  /** Changes whenever the content may have changed. Of S3 without its quotes; '' when unknown. */
  readonly etag: string;
  /** Bytes as stored; 0 when unknown. */
  readonly size: number;
  /** How an object of S3 is reached; shared by all objects of a source. */
  readonly access?: S3Access;
}

/**
 * The bytes of an open object, from `offset` on. `read` fills the start of `into` and answers how many bytes it put
 * there, 0 at the end; it answers without a promise where it can, because a promise a small file costs more than
 * parsing it.
 */
export interface ObjectBody {
  /** User metadata of an object in S3, by names without `x-amz-meta-`: digests of CloudTrail have their signature there. */
  readonly metadata?: Readonly<Record<string, string>>;
  read(into: Uint8Array): number | Promise<number>;
  close(): void;
}

/** What a listing gets from its run. */
export interface Listing {
  /** Ends the listing early; what was listed is still read. */
  readonly signal?: AbortSignal | undefined;
  /** Something that a person should know, and that is no error. */
  readonly warn: (message: string) => void;
}

/** Finds objects. Throws `source-unreachable` or `source-forbidden`; a single object never fails a listing. */
export interface Source {
  readonly kind: SourceKind | 'sqs';
  list(listing: Listing): AsyncIterable<SourceObject> | Iterable<SourceObject>;
  /** Objects of this source that the ledger has by now, whoever listed them first, or that exist no more. */
  acknowledge?(objects: readonly SourceObject[]): Promise<void>;
  /** Called when everything that the source listed has been read and committed, but for objects that failed. */
  finished?(): Promise<void>;
  /** Called at the end of the run in any case. */
  close?(): Promise<void>;
}

/** Opens an object of a kind at an offset; throws a `ReadError`, or the error of the operating system. */
export type OpenObject = (object: SourceObject, offset: number) => ObjectBody | Promise<ObjectBody>;
