/**
 * Reads CloudTrail's digest files: which log files a trail delivered in an hour, their hashes, and a link to the digest
 * before. Where something differs from the format, the digest as a whole is no evidence and says why.
 * Source: "CloudTrail digest file structure" in the CloudTrail User Guide, 2026.
 */
import { comparedName, digestFileName, trailFileName } from './trail-names.js';
import { parseIsoTime } from './time.js';

/** A log file that a digest names. */
export interface NamedFile {
  readonly bucket: string;
  readonly key: string;
  /** The last part of the key without `.gz`: what read objects are compared by. */
  readonly name: string;
  /** Of the inflated bytes, in lower-case hex. */
  readonly sha256: string;
  /** From its name; null when CloudTrail names no log file so. */
  readonly deliveredAtUs: number | null;
}

/** The digest that came before: all of it is part of what a signature covers. */
export interface PreviousDigest {
  readonly bucket: string;
  readonly key: string;
  readonly name: string;
  /** Of its inflated bytes, in lower-case hex. */
  readonly sha256: string;
  /** Its signature, in lower-case hex. */
  readonly signature: string;
}

/** One digest. Times are microseconds since 1970, UTC; bucket and key are those that it gives itself. */
export interface TrailDigest {
  readonly accountId: string;
  readonly region: string;
  readonly trail: string;
  readonly isBackfill: boolean;
  /** Of the hour in which the named files were delivered. */
  readonly startTimeUs: number;
  readonly endTimeUs: number;
  /** As it is written, which is how it is signed. */
  readonly endTimeText: string;
  readonly bucket: string;
  readonly key: string;
  /** The last part of its key without `.gz`. */
  readonly name: string;
  /** Names the public key of its signature. */
  readonly keyFingerprint: string;
  /** Null at the start of a chain. */
  readonly previous: PreviousDigest | null;
  readonly files: readonly NamedFile[];
}

/** What is wrong with a digest: where, what was expected. Never quotes the file. */
export interface DigestProblem {
  readonly problem: string;
}

/** A digest holds one hour of one account and Region; these are a hundred times the largest hours that were seen. */
export const maxDigestBytes = 16 << 20;
const maxNamedFiles = 10_000;
/** Digests are written every hour; whoever claims years would cover every gap. */
const maxSpanUs = 25 * 3_600_000_000;

/** True for what begins as a digest: log files have their records there. */
export function beginsAsDigest(bytes: Uint8Array): boolean {
  const head = Buffer.prototype.latin1Slice.call(bytes, 0, Math.min(bytes.length, 2048));
  return /"digestStartTime"\s*:/.test(head) && !/"Records"\s*:/.test(head);
}

/** Reads an inflated digest. Never throws. */
export function parseDigest(bytes: Uint8Array): TrailDigest | DigestProblem {
  if (bytes.length > maxDigestBytes) return { problem: `is larger than ${maxDigestBytes} bytes` };
  try {
    return digestOf(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')));
  } catch (error) {
    return { problem: error instanceof Unexpected ? error.message : 'is not JSON' };
  }
}

/** The text that the signature of a digest is over; `sha256` is that of its inflated bytes, in lower-case hex. */
export function signedText(
  { endTimeText, bucket, key }: Pick<TrailDigest, 'endTimeText' | 'bucket' | 'key'>,
  sha256: string,
  previousSignature: string | null,
): string {
  return [endTimeText, `${bucket}/${key}`, sha256, previousSignature ?? 'null'].join('\n');
}

/** A field that is not as the format says; caught where parsing begins. */
class Unexpected extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function digestOf(json: unknown): TrailDigest {
  const fields = fieldsOf(json, 'the file');
  const key = text(fields, 'digestS3Object', keyPattern);
  const name = digestFileName(key);
  if (name === null) throw new Unexpected('digestS3Object is not the name of a digest');
  text(fields, 'awsAccountId', /^\d{12}$/);
  text(fields, 'digestSignatureAlgorithm', /^SHA256withRSA$/);
  const startTimeUs = time(fields, 'digestStartTime');
  const endTimeUs = time(fields, 'digestEndTime');
  if (!(startTimeUs < endTimeUs && endTimeUs - startTimeUs <= maxSpanUs))
    throw new Unexpected('digestStartTime and digestEndTime are no hour');
  return {
    accountId: name.accountId,
    region: name.region,
    trail: name.trail,
    isBackfill: name.isBackfill,
    startTimeUs,
    endTimeUs,
    endTimeText: String(fields['digestEndTime']),
    bucket: text(fields, 'digestS3Bucket', bucketPattern),
    key,
    name: name.name,
    keyFingerprint: text(fields, 'digestPublicKeyFingerprint', /^[0-9A-Za-z:]{1,128}$/),
    previous: previousOf(fields),
    files: filesOf(fields['logFiles']),
  };
}

const previousFields = [
  'previousDigestS3Bucket',
  'previousDigestS3Object',
  'previousDigestHashValue',
  'previousDigestHashAlgorithm',
  'previousDigestSignature',
];

function previousOf(fields: Fields): PreviousDigest | null {
  if (previousFields.every((name) => (fields[name] ?? null) === null)) return null;
  const key = text(fields, 'previousDigestS3Object', keyPattern);
  text(fields, 'previousDigestHashAlgorithm', /^SHA-256$/);
  return {
    bucket: text(fields, 'previousDigestS3Bucket', bucketPattern),
    key,
    name: comparedName(key),
    sha256: text(fields, 'previousDigestHashValue', sha256Pattern).toLowerCase(),
    signature: text(fields, 'previousDigestSignature', signaturePattern).toLowerCase(),
  };
}

function filesOf(list: unknown): NamedFile[] {
  if (!Array.isArray(list)) throw new Unexpected('logFiles is not a list');
  if (list.length > maxNamedFiles) throw new Unexpected(`logFiles has more than ${maxNamedFiles} files`);
  return list.map((item) => {
    const fields = fieldsOf(item, 'an item of logFiles');
    text(fields, 'hashAlgorithm', /^SHA-256$/);
    const key = text(fields, 's3Object', keyPattern);
    return {
      bucket: text(fields, 's3Bucket', bucketPattern),
      key,
      name: comparedName(key),
      sha256: text(fields, 'hashValue', sha256Pattern).toLowerCase(),
      deliveredAtUs: trailFileName(key)?.deliveredAtUs ?? null,
    };
  });
}

const keyPattern = /^.{1,1024}$/s;
/** Old buckets of us-east-1 have upper-case letters, underscores and up to 255 characters. */
const bucketPattern = /^[A-Za-z0-9._-]{3,255}$/;
const sha256Pattern = /^[0-9a-fA-F]{64}$/;
/** Up to that of a key of 8,192 bits. */
const signaturePattern = /^(?:[0-9a-fA-F]{2}){64,1024}$/;

/** A signature as S3 keeps it in the metadata of a digest, in lower-case hex; null when it is none. */
export function signatureOf(metadata: string | undefined): string | null {
  return metadata !== undefined && signaturePattern.test(metadata) ? metadata.toLowerCase() : null;
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Unexpected(`${what} is not an object`);
}

function text(fields: Fields, name: string, pattern: RegExp): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (typeof value === 'string' && pattern.test(value)) return value;
  throw new Unexpected(`${name} is ${value === undefined ? 'missing' : 'malformed'}`);
}

function time(fields: Fields, name: string): number {
  const written = text(fields, name, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
  const timeUs = parseIsoTime(Buffer.from(written, 'latin1'), 0, written.length);
  if (Number.isNaN(timeUs)) throw new Unexpected(`${name} is no time`);
  return timeUs;
}
