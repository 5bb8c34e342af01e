/** Checks the RSA signatures of digests with public keys of CloudTrail. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { signedText } from '../parsers/cloudtrail-digest.js';
import type { SignatureState, TrailKey, UnverifiedDigest } from '../store/log-integrity.js';

/** A key to check with; one without a fingerprint (a PEM file) is tried on every digest. */
export interface PublicKey {
  readonly fingerprint: string | null;
  readonly key: KeyObject;
}

/** A key as CloudTrail gives it; null when it is none. */
export function publicKeyOf({ fingerprint, der }: TrailKey): PublicKey | null {
  try {
    return { fingerprint, key: createPublicKey({ key: Buffer.from(der, 'base64'), format: 'der', type: 'pkcs1' }) };
  } catch {
    return null;
  }
}

/**
 * `verified` when any signature that the digest is said to have is right: the digest after it may have been forged, and
 * says nothing against it. Null, unchecked, without a key or without any signature.
 */
export function judgeSignature(digest: UnverifiedDigest, keys: readonly PublicKey[]): SignatureState | null {
  const matching = keys.filter(({ fingerprint }) => fingerprint === digest.keyFingerprint);
  const usable = matching.length > 0 ? matching : keys.filter(({ fingerprint }) => fingerprint === null);
  if (usable.length === 0 || digest.signatures.length === 0) return null;
  const text = Buffer.from(signedText(digest, digest.sha256, digest.previousSignature));
  const isRight = digest.signatures.some((signature) =>
    usable.some(({ key }) => verify('RSA-SHA256', text, key, Buffer.from(signature, 'hex'))),
  );
  return isRight ? 'verified' : 'wrong';
}
