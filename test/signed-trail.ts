/**
 * A trail with log file validation, as AWS documents it ("CloudTrail log file integrity validation", User Guide): log files
 * of every hour and a signed digest of each. Written from the documentation and sharing no code with the product.
 */
import { createHash, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

export const account = '111122223333';
export const bucket = 'acme-cloudtrail';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const trailKey = { privateKey, publicKey };
export const fingerprint = '8eba5db5bea9b640d1c96a77256fe7f2';

/** The answer of `aws cloudtrail list-public-keys` for the key of these trails. */
export function keyList(key: KeyObject = publicKey): object {
  return {
    PublicKeyList: [
      {
        Value: key.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
        ValidityStartTime: '2026-01-01T00:00:00+00:00',
        ValidityEndTime: '2027-01-01T00:00:00+00:00',
        Fingerprint: fingerprint,
      },
    ],
  };
}

export interface Delivered {
  readonly key: string;
  readonly bytes: Buffer;
}

export interface Hour {
  readonly logs: Delivered[];
  digest: Delivered;
  /** Hex, as S3 keeps it in the metadata of the digest. */
  signature: string;
}

export interface TrailOptions {
  readonly hours?: number;
  readonly filesPerHour?: number;
  readonly region?: string;
  readonly trail?: string;
  readonly start?: string;
  readonly keys?: { readonly privateKey: KeyObject };
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');
const stamp = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '');
const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const folder = (ms: number): string => seconds(ms).slice(0, 10).replaceAll('-', '/');

/** A log file delivered at a time, with one record of its own. */
export function logFile(ms: number, unique: string, region = 'eu-central-1', eventId = `event-${unique}`): Delivered {
  const record = {
    eventVersion: '1.11',
    eventTime: seconds(ms - 180_000),
    eventID: eventId,
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    awsRegion: region,
    recipientAccountId: account,
    userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${account}:user/ada` },
    requestParameters: { bucketName: 'acme-docs', key: 'k' },
  };
  const minute = stamp(ms).replace(/\d\dZ$/, 'Z');
  return {
    key: `AWSLogs/${account}/CloudTrail/${region}/${folder(ms)}/${account}_CloudTrail_${region}_${minute}_${unique.padStart(16, '0')}.json.gz`,
    bytes: zlib.gzipSync(JSON.stringify({ Records: [record] })),
  };
}

interface Chained {
  readonly key: string;
  readonly inflated: Buffer;
  readonly signature: string;
}

/** A digest of log files, signed. `previous` null begins a chain. */
export function digestFile({
  startMs,
  endMs,
  logs,
  previous,
  region = 'eu-central-1',
  trail = 'main',
  keys = trailKey,
  suffix = '',
}: {
  readonly startMs: number;
  readonly endMs: number;
  readonly logs: readonly Delivered[];
  readonly previous: Chained | null;
  readonly region?: string;
  readonly trail?: string;
  readonly keys?: { readonly privateKey: KeyObject };
  readonly suffix?: string;
}): Chained & Delivered {
  const key = `AWSLogs/${account}/CloudTrail-Digest/${region}/${folder(endMs)}/${account}_CloudTrail-Digest_${region}_${trail}_${region}_${stamp(endMs)}${suffix}.json.gz`;
  const content = {
    awsAccountId: account,
    digestStartTime: seconds(startMs),
    digestEndTime: seconds(endMs),
    digestS3Bucket: bucket,
    digestS3Object: key,
    digestPublicKeyFingerprint: fingerprint,
    digestSignatureAlgorithm: 'SHA256withRSA',
    newestEventTime: null,
    oldestEventTime: null,
    previousDigestS3Bucket: previous === null ? null : bucket,
    previousDigestS3Object: previous?.key ?? null,
    previousDigestHashValue: previous === null ? null : sha256(previous.inflated),
    previousDigestHashAlgorithm: previous === null ? null : 'SHA-256',
    previousDigestSignature: previous?.signature ?? null,
    logFiles: logs.map((log) => ({
      s3Bucket: bucket,
      s3Object: log.key,
      hashValue: sha256(zlib.gunzipSync(log.bytes)),
      hashAlgorithm: 'SHA-256',
      newestEventTime: seconds(startMs),
      oldestEventTime: seconds(startMs),
    })),
  };
  const inflated = Buffer.from(JSON.stringify(content));
  const signed = `${seconds(endMs)}\n${bucket}/${key}\n${sha256(inflated)}\n${previous?.signature ?? 'null'}`;
  const signature = createSign('RSA-SHA256').update(signed).sign(keys.privateKey, 'hex');
  return { key, inflated, signature, bytes: zlib.gzipSync(inflated) };
}

/** Hours of a trail, each with its log files and its digest. */
export function signedTrail({
  hours = 4,
  filesPerHour = 2,
  region = 'eu-central-1',
  trail = 'main',
  start = '2026-10-19T10:05:00Z',
  keys = trailKey,
}: TrailOptions = {}): Hour[] {
  const result: Hour[] = [];
  let previous: Chained | null = null;
  for (let hour = 0; hour < hours; hour++) {
    const startMs = Date.parse(start) + hour * 3_600_000;
    const logs = Array.from({ length: filesPerHour }, (_, index) =>
      logFile(
        startMs + (index + 1) * 900_000,
        `${trail.replaceAll('_', '')}H${hour}F${index}D${new Date(startMs).getUTCDate()}`,
        region,
      ),
    );
    const digest = digestFile({ startMs, endMs: startMs + 3_600_000, logs, previous, region, trail, keys });
    result.push({ logs, digest: { key: digest.key, bytes: digest.bytes }, signature: digest.signature });
    previous = digest;
  }
  return result;
}

/** Everything that was delivered. */
export function delivered(hours: readonly Hour[]): Delivered[] {
  return hours.flatMap(({ logs, digest }) => [...logs, digest]);
}

/** Writes objects below a folder, as `aws s3 sync` would. */
export function writeObjects(root: string, objects: readonly Delivered[]): void {
  for (const { key, bytes } of objects) {
    const file = path.join(root, key);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
  }
}

/** The same gzip object with one byte of its content changed. */
export function tampered({ key, bytes }: Delivered, from = 'ada', to = 'eve'): Delivered {
  const text = zlib.gunzipSync(bytes).toString();
  if (!text.includes(from)) throw new Error(`${key} does not hold ${from}`);
  return { key, bytes: zlib.gzipSync(text.replace(from, to)) };
}
