/** What PutBucketPublicAccessBlock, PutAccountPublicAccessBlock and PutBucketLogging set. */
import { firstText, flag, loggedObject } from './logged-shapes.js';

/** The four switches of Block Public Access under AWS's names. */
export interface PublicAccessBlock {
  readonly BlockPublicAcls: boolean;
  readonly IgnorePublicAcls: boolean;
  readonly BlockPublicPolicy: boolean;
  readonly RestrictPublicBuckets: boolean;
}

/**
 * The switches of requestParameters (object or JSON text), booleans or their text; one that the request leaves out is off,
 * as S3 takes it. Null when the configuration is not in the record, so that nothing can be said.
 */
export function publicAccessBlock(requestParameters: unknown): PublicAccessBlock | null {
  const settings = loggedObject(loggedObject(requestParameters)?.['PublicAccessBlockConfiguration']);
  if (settings === null) return null;
  return {
    BlockPublicAcls: flag(settings['BlockPublicAcls']) === true,
    IgnorePublicAcls: flag(settings['IgnorePublicAcls']) === true,
    BlockPublicPolicy: flag(settings['BlockPublicPolicy']) === true,
    RestrictPublicBuckets: flag(settings['RestrictPublicBuckets']) === true,
  };
}

/** Where the access logs of a bucket go. Detectors show it as JSON, hence the names. */
export interface AccessLogging {
  readonly enabled: boolean;
  /** Null when logging is off. */
  readonly target_bucket: string | null;
  /** Null when logging is off or no prefix was given. */
  readonly target_prefix: string | null;
}

/**
 * Server access logging as PutBucketLogging sets it; null when the request says nothing about it. Off is
 * BucketLoggingStatus without LoggingEnabled; the subresource marker `logging: ""` stands in every such record, also of
 * those that turn it on, and says nothing.
 */
export function accessLogging(requestParameters: unknown): AccessLogging | null {
  const status = loggedObject(requestParameters)?.['BucketLoggingStatus'];
  if (status === undefined || status === null) return null;
  const target = loggedObject(loggedObject(status)?.['LoggingEnabled']);
  return {
    enabled: target !== null,
    target_bucket: firstText(target?.['TargetBucket']),
    target_prefix: firstText(target?.['TargetPrefix']),
  };
}
