/** What PutBucketVersioning, PutBucketEncryption, PutBucketObjectLockConfiguration and PutBucketReplication set. */
import { first, firstText, loggedObject, loggedObjects, type LoggedObject } from './logged-shapes.js';

/** One call sets both; what it leaves out stays as it is. Texts as S3 takes them: `Enabled`, `Suspended`, `Disabled`. */
export interface VersioningRequest {
  readonly status: string | null;
  readonly mfaDelete: string | null;
}

/** Versioning of requestParameters (object or JSON text); null when they hold no configuration. */
export function versioningRequest(requestParameters: unknown): VersioningRequest | null {
  const configuration = loggedObject(loggedObject(requestParameters)?.['VersioningConfiguration']);
  if (configuration === null) return null;
  return { status: firstText(configuration['Status']), mfaDelete: firstText(configuration['MfaDelete']) };
}

/** Encryption of a bucket by default. Detectors show it as JSON, hence the names. */
export interface DefaultEncryption {
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly algorithm: string;
  /** ARN, id or alias as it was written; null is the key that S3 keeps for the account. */
  readonly kms_key: string | null;
}

/** What S3 does when a bucket has no configuration, since January 2023. */
export const usualEncryption: DefaultEncryption = { algorithm: 'AES256', kms_key: null };

/**
 * The default of requestParameters; null when they hold no rule that names an algorithm. S3 takes one rule; of several, as
 * nobody but a forger would write, the first with a key counts.
 */
export function defaultEncryption(requestParameters: unknown): DefaultEncryption | null {
  const configuration = loggedObject(loggedObject(requestParameters)?.['ServerSideEncryptionConfiguration']);
  const defaults = loggedObjects(configuration?.['Rule']).flatMap((rule) => {
    const given = loggedObject(rule['ApplyServerSideEncryptionByDefault']);
    const algorithm = firstText(given?.['SSEAlgorithm']);
    if (algorithm === null) return [];
    const key = firstText(given?.['KMSMasterKeyID'])?.trim() ?? '';
    return [{ algorithm, kms_key: key === '' ? null : key }];
  });
  return defaults.find((one) => one.kms_key !== null) ?? defaults[0] ?? null;
}

/** Retention that new objects of a bucket get. */
export interface ObjectLock {
  /** `COMPLIANCE` or `GOVERNANCE`; null without a default retention. */
  readonly mode: string | null;
  /** Years count 365 days; 0 without a default retention. */
  readonly days: number;
}

/** The default retention of requestParameters; null when they hold no configuration. */
export function objectLock(requestParameters: unknown): ObjectLock | null {
  const configuration = loggedObject(loggedObject(requestParameters)?.['ObjectLockConfiguration']);
  if (configuration === null) return null;
  const retention = loggedObject(loggedObject(configuration['Rule'])?.['DefaultRetention']);
  const days = wholeNumber(retention?.['Days']) ?? (wholeNumber(retention?.['Years']) ?? 0) * 365;
  return { mode: firstText(retention?.['Mode']), days };
}

/** Where the enabled rules copy to. */
export interface Replication {
  /** ARNs of the buckets, sorted, each once; empty without an enabled rule. */
  readonly destinations: readonly string[];
}

/** Replication of requestParameters; null when they hold no configuration. */
export function replication(requestParameters: unknown): Replication | null {
  const configuration = loggedObject(loggedObject(requestParameters)?.['ReplicationConfiguration']);
  if (configuration === null) return null;
  const enabled = loggedObjects(configuration['Rule']).filter((rule) => firstText(rule['Status']) === 'Enabled');
  const destinations = enabled.flatMap((rule) => destinationOf(rule) ?? []);
  return { destinations: [...new Set(destinations)].sort() };
}

function destinationOf(rule: LoggedObject): string | null {
  return firstText(loggedObject(rule['Destination'])?.['Bucket']);
}

/** A whole number, also as text or in a list of one; null for everything else. */
export function wholeNumber(value: unknown): number | null {
  const only = first(value);
  const number = typeof only === 'string' && /^\s*-?\d+\s*$/.test(only) ? Number(only) : only;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}
