/** Hashes CloudTrail's log files and reads its digests, while the objects are read and before a parser blanks anything. */
import { createHash, type Hash } from 'node:crypto';
import { beginsAsDigest, maxDigestBytes, parseDigest, signatureOf } from '../parsers/cloudtrail-digest.js';
import { digestFileName, trailFileName } from '../parsers/trail-names.js';
import type { TrailObject } from '../store/trail-objects.js';
import type { ByteFault } from './inflate.js';
import type { ObjectBody, SourceObject } from './source.js';

/** What digests need of an inflated object; null when it is neither a log file of CloudTrail, by its name, nor a digest. */
export function trailObject({ uri }: SourceObject, bytes: Uint8Array, body: ObjectBody): TrailObject | null {
  const isDigest = digestFileName(uri) !== null || (bytes.length <= maxDigestBytes && beginsAsDigest(bytes));
  if (!isDigest && trailFileName(uri) === null) return null;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (!isDigest) return { sha256, digest: null, signature: null };
  return { sha256, digest: parseDigest(bytes), signature: signatureOf(body.metadata?.['signature']) };
}

/** A hash for a log file that goes through piece by piece; null when the object is named otherwise. */
export function trailHash({ uri }: SourceObject): Hash | null {
  return trailFileName(uri) === null ? null : createHash('sha256');
}

/** The same as `trailObject` for such a file, at its end. One that was cut off at our own limit was not all seen. */
export function hashedTrailObject(hash: Hash | null, fault: ByteFault | null): TrailObject | null {
  if (hash === null) return null;
  return { sha256: fault?.reason === 'too-large' ? null : hash.digest('hex'), digest: null, signature: null };
}
