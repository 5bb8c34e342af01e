/**
 * Which permissions a request needs. CloudTrail's and the access log's names are not those of IAM: "Required permissions
 * for Amazon S3 API operations" (S3 User Guide) and "Actions, resources, and condition keys for Amazon S3".
 */

/** What a request carried that needs more than its name says. */
export interface RequestFlags {
  readonly hasVersion: boolean;
  readonly setsAcl: boolean;
  readonly setsTags: boolean;
  readonly setsRetention: boolean;
  readonly setsLegalHold: boolean;
  readonly bypassesRetention: boolean;
}

/** `object`: the permission is for keys. `list`: for the bucket, and may be narrowed to prefixes. `bucket`: for the bucket. */
export type Level = 'object' | 'list' | 'bucket';

export interface Permission {
  readonly action: string;
  readonly level: Level;
}

/** A permission, and what it is called when the request names a version. */
type ObjectPermission = readonly [plain: string, withVersion: string];

const objectRequests: Readonly<Record<string, readonly ObjectPermission[]>> = {
  GetObject: [['GetObject', 'GetObjectVersion']],
  HeadObject: [['GetObject', 'GetObjectVersion']],
  SelectObjectContent: [['GetObject', 'GetObjectVersion']],
  GetObjectTorrent: [['GetObjectTorrent', 'GetObjectVersionTorrent']],
  GetObjectAttributes: [
    ['GetObject', 'GetObjectVersion'],
    ['GetObjectAttributes', 'GetObjectVersionAttributes'],
  ],
  GetObjectTagging: [['GetObjectTagging', 'GetObjectVersionTagging']],
  PutObjectTagging: [['PutObjectTagging', 'PutObjectVersionTagging']],
  DeleteObjectTagging: [['DeleteObjectTagging', 'DeleteObjectVersionTagging']],
  GetObjectAcl: [['GetObjectAcl', 'GetObjectVersionAcl']],
  PutObjectAcl: [['PutObjectAcl', 'PutObjectVersionAcl']],
  DeleteObject: [['DeleteObject', 'DeleteObjectVersion']],
  DeleteObjectVersion: [['DeleteObjectVersion', 'DeleteObjectVersion']],
  ...alike(['PutObject', 'PostObject', 'CopyObject', 'UploadPart', 'UploadPartCopy'], 'PutObject'),
  ...alike(['CreateMultipartUpload', 'CompleteMultipartUpload'], 'PutObject'),
  ...alike(['AbortMultipartUpload'], 'AbortMultipartUpload'),
  ...alike(['ListParts'], 'ListMultipartUploadParts'),
  ...alike(['RestoreObject'], 'RestoreObject'),
  ...alike(['PutObjectRetention'], 'PutObjectRetention'),
  ...alike(['PutObjectLegalHold'], 'PutObjectLegalHold'),
  ...alike(['GetObjectRetention', 'REST.GET.OBJECT_LOCK_RETENTION'], 'GetObjectRetention'),
  ...alike(['GetObjectLegalHold', 'REST.GET.OBJECT_LOCK_LEGALHOLD'], 'GetObjectLegalHold'),
  ...alike(['UpdateObjectEncryption'], 'UpdateObjectEncryption'),
};

function alike(names: readonly string[], permission: string): Record<string, readonly ObjectPermission[]> {
  return Object.fromEntries(names.map((name) => [name, [[permission, permission]] as const]));
}

const listRequests: Readonly<Record<string, string>> = {
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  HeadBucket: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListMultipartUploads: 'ListBucketMultipartUploads',
};

/** Subresources of a bucket: its name in CloudTrail, in the access log, and the permissions to read and to change it. */
const subresources: readonly (readonly [trail: string, log: string, read: string, change: string])[] = [
  ['BucketAcl', 'ACL', 'GetBucketAcl', 'PutBucketAcl'],
  ['BucketPolicy', 'BUCKETPOLICY', 'GetBucketPolicy', 'PutBucketPolicy'],
  ['BucketPolicyStatus', 'POLICY_STATUS', 'GetBucketPolicyStatus', 'PutBucketPolicy'],
  ['BucketLocation', 'LOCATION', 'GetBucketLocation', 'CreateBucket'],
  ['BucketVersioning', 'VERSIONING', 'GetBucketVersioning', 'PutBucketVersioning'],
  ['BucketLogging', 'LOGGING_STATUS', 'GetBucketLogging', 'PutBucketLogging'],
  ['BucketTagging', 'TAGGING', 'GetBucketTagging', 'PutBucketTagging'],
  ['BucketCors', 'CORS', 'GetBucketCORS', 'PutBucketCORS'],
  ['BucketEncryption', 'ENCRYPTION', 'GetEncryptionConfiguration', 'PutEncryptionConfiguration'],
  ['BucketLifecycle', 'LIFECYCLE', 'GetLifecycleConfiguration', 'PutLifecycleConfiguration'],
  ['BucketReplication', 'REPLICATION', 'GetReplicationConfiguration', 'PutReplicationConfiguration'],
  ['BucketNotification', 'NOTIFICATION', 'GetBucketNotification', 'PutBucketNotification'],
  ['BucketWebsite', 'WEBSITE', 'GetBucketWebsite', 'PutBucketWebsite'],
  ['BucketPublicAccessBlock', 'PUBLIC_ACCESS_BLOCK', 'GetBucketPublicAccessBlock', 'PutBucketPublicAccessBlock'],
  ['BucketOwnershipControls', 'OWNERSHIP_CONTROLS', 'GetBucketOwnershipControls', 'PutBucketOwnershipControls'],
  ['BucketRequestPayment', 'REQUEST_PAYMENT', 'GetBucketRequestPayment', 'PutBucketRequestPayment'],
  ['BucketInventoryConfiguration', 'INVENTORY', 'GetInventoryConfiguration', 'PutInventoryConfiguration'],
  ['BucketMetricsConfiguration', 'METRICS', 'GetMetricsConfiguration', 'PutMetricsConfiguration'],
  ['BucketAnalyticsConfiguration', 'ANALYTICS', 'GetAnalyticsConfiguration', 'PutAnalyticsConfiguration'],
  [
    'BucketIntelligentTieringConfiguration',
    'INTELLIGENT_TIERING',
    'GetIntelligentTieringConfiguration',
    'PutIntelligentTieringConfiguration',
  ],
  ['BucketAccelerateConfiguration', 'ACCELERATE', 'GetAccelerateConfiguration', 'PutAccelerateConfiguration'],
  [
    'BucketObjectLockConfiguration',
    'OBJECT_LOCK_CONFIGURATION',
    'GetBucketObjectLockConfiguration',
    'PutBucketObjectLockConfiguration',
  ],
];

/** Deletions with a permission of their own; the others are a change like any other. */
const deletions: Readonly<Record<string, string>> = {
  BucketPolicy: 'DeleteBucketPolicy',
  BucketWebsite: 'DeleteBucketWebsite',
};

const bucketRequests: ReadonlyMap<string, string> = new Map([
  ['CreateBucket', 'CreateBucket'],
  ['DeleteBucket', 'DeleteBucket'],
  ...subresources.flatMap(([trail, log, read, change]): [string, string][] => [
    [`Get${trail}`, read],
    [`Get${trail}Configuration`, read],
    [`List${trail}s`, read],
    [`REST.GET.${log}`, read],
    [`REST.HEAD.${log}`, read],
    [`Put${trail}`, change],
    [`Put${trail}Configuration`, change],
    [`REST.PUT.${log}`, change],
    [`Delete${trail}`, deletions[trail] ?? change],
    [`Delete${trail}Configuration`, deletions[trail] ?? change],
    [`REST.DELETE.${log}`, deletions[trail] ?? change],
  ]),
]);

/** Extra permissions of requests that write. */
const extras: readonly (readonly [keyof RequestFlags, string])[] = [
  ['setsAcl', 'PutObjectAcl'],
  ['setsTags', 'PutObjectTagging'],
  ['setsRetention', 'PutObjectRetention'],
  ['setsLegalHold', 'PutObjectLegalHold'],
];

const writing = new Set(['PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload']);
const retained = new Set(['DeleteObject', 'DeleteObjectVersion', 'PutObjectRetention']);

/**
 * The permissions of a request by its API name, or by its access-log operation where it has no other. Empty when it needs
 * none of its own: a batch delete is permitted key by key. Null when the request is not known.
 */
export function requiredPermissions(name: string, flags: RequestFlags): readonly Permission[] | null {
  if (name === 'DeleteObjects') return [];
  const list = listRequests[name];
  if (list !== undefined) return [{ action: `s3:${list}`, level: 'list' }];
  const bucket = bucketRequests.get(name);
  if (bucket !== undefined) return [{ action: `s3:${bucket}`, level: 'bucket' }];
  const object = objectRequests[name];
  if (object === undefined) return null;
  const actions = object.map(([plain, withVersion]) => (flags.hasVersion ? withVersion : plain));
  if (writing.has(name)) actions.push(...extras.filter(([flag]) => flags[flag]).map(([, action]) => action));
  if (retained.has(name) && flags.bypassesRetention) actions.push('BypassGovernanceRetention');
  return actions.map((action) => ({ action: `s3:${action}`, level: 'object' }));
}
