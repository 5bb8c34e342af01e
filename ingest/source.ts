/** What every source of logs is: a list of objects, and their bytes. One file a kind in sources/. */

/** Kinds of source; each is a file of sources/. */
export type SourceKind = 'local' | 'stdin';

/** One object that a source offers. The ledger knows it by `uri` and `etag`. */
export interface SourceObject {
  readonly kind: SourceKind;
  /** Absolute path, or a URI. */
  readonly uri: string;
  /** Changes whenever the content may have changed. */
  readonly etag: string;
  /** Bytes as stored; 0 when unknown. */
  readonly size: number;
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

/** Finds objects. Throws `source-unreachable` or `source-forbidden`; a single object never fails a listing. */
export interface Source {
  readonly kind: SourceKind;
  list(): AsyncIterable<SourceObject> | Iterable<SourceObject>;
}

/** Opens an object of a kind at an offset; throws the error of the operating system or of the service. */
export type OpenObject = (object: SourceObject, offset: number) => ObjectBody | Promise<ObjectBody>;
