/** `s3://bucket/key` and back; the key stands there as it is, with whatever characters it has. */
import type { S3Access } from '../../aws/s3-access.js';
import type { SourceObject } from '../source.js';

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** Throws on anything but `s3://bucket/key`. */
export function objectAddress(uri: string): ObjectAddress {
  const slash = uri.indexOf('/', 's3://'.length);
  if (!uri.startsWith('s3://') || slash < 0) throw new Error(`${uri} is no address of an object`);
  return { bucket: uri.slice('s3://'.length, slash), key: uri.slice(slash + 1) };
}

export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

export function s3Object(bucket: string, { key, etag, size }: ListedObject, access: S3Access): SourceObject {
  return { kind: 's3', uri: `s3://${bucket}/${key}`, etag, size, access };
}

/** ETags come in quotes over HTTP and without them in notifications. */
export function bareEtag(etag: string): string {
  return etag.replaceAll('"', '');
}

/** Consoles make folders of empty objects. */
export function isFolderMarker(key: string, size: number): boolean {
  return key.endsWith('/') && size === 0;
}
