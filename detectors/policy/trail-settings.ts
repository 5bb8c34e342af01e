/**
 * What CreateTrail and UpdateTrail set. UpdateTrail names only what it changes, so what it leaves out is null here, while
 * CreateTrail has defaults. Source: AWS "CreateTrail" and "UpdateTrail", CloudTrail API Reference.
 */
import { flag, firstText, loggedObject } from './logged-shapes.js';
import { field } from './trail-selector.js';

/** What a trail records beyond its own region, and how its files are protected; null is not known. */
export interface TrailScope {
  readonly all_regions: boolean | null;
  readonly global_services: boolean | null;
  readonly organization: boolean | null;
  /** Digest files with which changed or deleted log files can be told. */
  readonly validates_files: boolean | null;
  /** With a KMS key of the user's, beside the encryption that S3 always does. */
  readonly kms_encrypted: boolean | null;
}

/** The defaults of CreateTrail. */
export const usualTrailScope: TrailScope = {
  all_regions: false,
  global_services: true,
  organization: false,
  validates_files: false,
  kms_encrypted: false,
};

/** The scope in the requestParameters (object or JSON text). */
export function trailScope(requestParameters: unknown): TrailScope {
  const request = loggedObject(requestParameters);
  const key = firstText(field(request, 'kmsKeyId'));
  return {
    all_regions: flag(field(request, 'isMultiRegionTrail')),
    global_services: flag(field(request, 'includeGlobalServiceEvents')),
    organization: flag(field(request, 'isOrganizationTrail')),
    validates_files: flag(field(request, 'enableLogFileValidation')),
    kms_encrypted: key === null ? null : key.trim() !== '',
  };
}

/** Where a trail writes to; null is not known, and an empty text is nothing. */
export interface TrailDestination {
  readonly bucket: string | null;
  readonly kms_key: string | null;
  readonly sns_topic: string | null;
}

/** The destination in the requestParameters (object or JSON text). */
export function trailDestination(requestParameters: unknown): TrailDestination {
  const request = loggedObject(requestParameters);
  return {
    bucket: firstText(field(request, 's3BucketName')),
    kms_key: firstText(field(request, 'kmsKeyId')),
    sns_topic: firstText(field(request, 'snsTopicName')),
  };
}
