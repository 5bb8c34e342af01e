/**
 * What actions of a policy let somebody do. Names: "Actions, resources, and condition keys" of Amazon S3, S3 Express, S3
 * Object Lambda, S3 Outposts and AWS KMS, Service Authorization Reference.
 */
import { coversPattern, matchesPattern } from './policy-pattern.js';

/** A name that starts like this changes something, in every service that this product looks at; also names that are not listed yet. */
const writeVerbs = [
  'put',
  'delete',
  'create',
  'replicate',
  'abort',
  'restore',
  'bypass',
  'update',
  'initiate',
  'submit',
  'objectowner',
  'pause',
  'tag',
  'untag',
  'associate',
  'dissociate',
  'upload',
  'copy',
  'rename',
  'schedule',
  'disable',
  'enable',
  'revoke',
  'retire',
  'import',
];

/** Writing actions, so that wildcards in the middle (`s3:*Object`) are read right. */
const writeActionNames = [
  'AbortMultipartUpload',
  'AssociateAccessGrantsIdentityCenter',
  'BypassGovernanceRetention',
  'CreateAccessGrant',
  'CreateAccessPoint',
  'CreateAccessPointForObjectLambda',
  'CreateBucket',
  'CreateJob',
  'CreateMultiRegionAccessPoint',
  'CreateSession',
  'DeleteAccessPoint',
  'DeleteAccessPointPolicy',
  'DeleteBucket',
  'DeleteBucketPolicy',
  'DeleteBucketWebsite',
  'DeleteJobTagging',
  'DeleteObject',
  'DeleteObjectTagging',
  'DeleteObjectVersion',
  'DeleteObjectVersionTagging',
  'InitiateReplication',
  'ObjectOwnerOverrideToBucketOwner',
  'PutAccelerateConfiguration',
  'PutAccessPointPolicy',
  'PutAccessPointPublicAccessBlock',
  'PutAccountPublicAccessBlock',
  'PutAnalyticsConfiguration',
  'PutBucketAcl',
  'PutBucketCORS',
  'PutBucketLogging',
  'PutBucketNotification',
  'PutBucketObjectLockConfiguration',
  'PutBucketOwnershipControls',
  'PutBucketPolicy',
  'PutBucketPublicAccessBlock',
  'PutBucketTagging',
  'PutBucketVersioning',
  'PutBucketWebsite',
  'PutEncryptionConfiguration',
  'PutInventoryConfiguration',
  'PutLifecycleConfiguration',
  'PutMetricsConfiguration',
  'PutMultiRegionAccessPointPolicy',
  'PutObject',
  'PutObjectAcl',
  'PutObjectLegalHold',
  'PutObjectRetention',
  'PutObjectTagging',
  'PutObjectVersionAcl',
  'PutObjectVersionTagging',
  'PutReplicationConfiguration',
  'ReplicateDelete',
  'ReplicateObject',
  'ReplicateTags',
  'RestoreObject',
  'UpdateObjectEncryption',
  'CreateGrant',
  'DisableKey',
  'PutKeyPolicy',
  'ScheduleKeyDeletion',
];

/** Actions that change who may do what: with one of these a grant can be widened by whoever has it. */
const policyActionNames = [
  'PutBucketPolicy',
  'DeleteBucketPolicy',
  'PutBucketAcl',
  'PutObjectAcl',
  'PutObjectVersionAcl',
  'PutBucketOwnershipControls',
  'PutBucketPublicAccessBlock',
  'PutAccountPublicAccessBlock',
  'PutAccessPointPublicAccessBlock',
  'PutAccessPointPolicy',
  'DeleteAccessPointPolicy',
  'PutAccessPointPolicyForObjectLambda',
  'PutMultiRegionAccessPointPolicy',
  'CreateAccessGrant',
  'PutAccessGrantsInstanceResourcePolicy',
  'PutKeyPolicy',
  'CreateGrant',
];

const kmsActions = new Set(['CreateGrant', 'DisableKey', 'PutKeyPolicy', 'ScheduleKeyDeletion']);
const writeActions = writeActionNames.map((name) => fullAction(name));
const policyActions = policyActionNames.map((name) => fullAction(name));

function fullAction(name: string): string {
  return `${kmsActions.has(name) ? 'kms' : 's3'}:${name}`.toLowerCase();
}

/** Whether the actions, without the excepted ones (of NotAction), write, delete or configure anything. */
export function areWriting(actions: readonly string[], except: readonly string[]): boolean {
  return actions.some((action) => isWriting(normalised(action), except.map(normalised)));
}

/** Whether the actions, without the excepted ones, can change a policy, an ACL, a grant or Block Public Access. */
export function arePolicyChanging(actions: readonly string[], except: readonly string[]): boolean {
  return actions.some((action) => reachesAny(normalised(action), except.map(normalised), policyActions));
}

function isWriting(action: string, except: readonly string[]): boolean {
  const name = action.slice(action.indexOf(':') + 1);
  const fixed = /^[^*?]*/.exec(name)![0];
  const isVerb =
    writeVerbs.some((verb) => fixed.startsWith(verb)) && !except.some((other) => coversPattern(other, action));
  return isVerb || reachesAny(action, except, writeActions);
}

/** S3's other services (`s3-object-lambda:`, `s3express:` …) have the same names behind their own prefix. */
function reachesAny(action: string, except: readonly string[], known: readonly string[]): boolean {
  const service = /^(s3[a-z0-9-]*):/.exec(action)?.[1] ?? 's3';
  return known
    .map((one) => one.replace(/^s3:/, `${service}:`))
    .some((one) => matchesPattern(action, one) && !except.some((other) => matchesPattern(other, one)));
}

/** AWS compares actions without case. */
function normalised(action: string): string {
  return action.trim().toLowerCase();
}
