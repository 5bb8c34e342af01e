-- What each operation of the access log is called in CloudTrail and IAM's world, and what class of action it is. Both are expressions
-- of the operation alone: DuckDB works them out once for each value of a dictionary, and conditions on the class reach the files.
create or replace temp macro known_action(operation) as element_at(
  map_from_entries(array[
    row('REST.GET.OBJECT', 'GetObject'),
    row('REST.HEAD.OBJECT', 'HeadObject'),
    row('REST.COPY.OBJECT_GET', 'GetObject'),
    row('REST.COPY.PART_GET', 'GetObject'),
    row('REST.GET.PART', 'GetObject'),
    row('REST.GET.PART_GET', 'GetObject'),
    row('REST.GET.OBJECT_ATTRIBUTES', 'GetObjectAttributes'),
    row('REST.GET.OBJECT_TAGGING', 'GetObjectTagging'),
    row('REST.POST.SELECT', 'SelectObjectContent'),
    row('WEBSITE.GET.OBJECT', 'GetObject'),
    row('WEBSITE.HEAD.OBJECT', 'HeadObject'),
    row('REST.GET.BUCKET', 'ListObjects'),
    row('REST.HEAD.BUCKET', 'HeadBucket'),
    row('REST.GET.BUCKETVERSIONS', 'ListObjectVersions'),
    row('REST.GET.UPLOADS', 'ListMultipartUploads'),
    row('REST.GET.UPLOAD', 'ListParts'),
    row('REST.GET.SERVICE', 'ListBuckets'),
    row('REST.PUT.OBJECT', 'PutObject'),
    row('REST.POST.OBJECT', 'PostObject'),
    row('REST.COPY.OBJECT', 'CopyObject'),
    row('REST.PUT.PART', 'UploadPart'),
    row('REST.COPY.PART', 'UploadPartCopy'),
    row('REST.POST.UPLOADS', 'CreateMultipartUpload'),
    row('REST.POST.UPLOAD', 'CompleteMultipartUpload'),
    row('REST.DELETE.UPLOAD', 'AbortMultipartUpload'),
    row('REST.POST.RESTORE', 'RestoreObject'),
    row('REST.PUT.OBJECT_TAGGING', 'PutObjectTagging'),
    row('REST.DELETE.OBJECT_TAGGING', 'DeleteObjectTagging'),
    row('REST.PUT.OBJECT_LOCK_RETENTION', 'PutObjectRetention'),
    row('REST.PUT.OBJECT_LOCK_LEGALHOLD', 'PutObjectLegalHold'),
    row('REST.DELETE.OBJECT', 'DeleteObject'),
    row('BATCH.DELETE.OBJECT', 'DeleteObject'),
    row('REST.POST.MULTI_OBJECT_DELETE', 'DeleteObjects'),
    row('S3.EXPIRE.OBJECT', 'LifecycleExpiration'),
    row('S3.CREATE.DELETEMARKER', 'LifecycleDeleteMarker'),
    row('S3.DELETE.UPLOAD', 'LifecycleAbortUpload'),
    row('REST.PUT.BUCKET', 'CreateBucket'),
    row('REST.DELETE.BUCKET', 'DeleteBucket'),
    row('REST.PUT.BUCKETPOLICY', 'PutBucketPolicy'),
    row('REST.DELETE.BUCKETPOLICY', 'DeleteBucketPolicy'),
    row('REST.PUT.PUBLIC_ACCESS_BLOCK', 'PutBucketPublicAccessBlock'),
    row('REST.DELETE.PUBLIC_ACCESS_BLOCK', 'DeleteBucketPublicAccessBlock'),
    row('REST.PUT.OWNERSHIP_CONTROLS', 'PutBucketOwnershipControls'),
    row('REST.DELETE.OWNERSHIP_CONTROLS', 'DeleteBucketOwnershipControls'),
    row('REST.PUT.CORS', 'PutBucketCors'),
    row('REST.DELETE.CORS', 'DeleteBucketCors'),
    row('REST.PUT.LOGGING_STATUS', 'PutBucketLogging'),
    row('REST.PUT.VERSIONING', 'PutBucketVersioning'),
    row('REST.PUT.LIFECYCLE', 'PutBucketLifecycle'),
    row('REST.DELETE.LIFECYCLE', 'DeleteBucketLifecycle'),
    row('REST.PUT.ENCRYPTION', 'PutBucketEncryption'),
    row('REST.DELETE.ENCRYPTION', 'DeleteBucketEncryption'),
    row('REST.PUT.REPLICATION', 'PutBucketReplication'),
    row('REST.DELETE.REPLICATION', 'DeleteBucketReplication'),
    row('REST.PUT.NOTIFICATION', 'PutBucketNotification'),
    row('REST.PUT.WEBSITE', 'PutBucketWebsite'),
    row('REST.DELETE.WEBSITE', 'DeleteBucketWebsite'),
    row('REST.PUT.TAGGING', 'PutBucketTagging'),
    row('REST.DELETE.TAGGING', 'DeleteBucketTagging'),
    row('REST.PUT.OBJECT_LOCK_CONFIGURATION', 'PutBucketObjectLockConfiguration'),
    row('REST.PUT.INVENTORY', 'PutBucketInventoryConfiguration'),
    row('REST.PUT.METRICS', 'PutBucketMetricsConfiguration'),
    row('REST.PUT.ANALYTICS', 'PutBucketAnalyticsConfiguration'),
    row('REST.PUT.ACCELERATE', 'PutBucketAccelerateConfiguration'),
    row('REST.PUT.REQUEST_PAYMENT', 'PutBucketRequestPayment'),
    row('REST.OPTIONS.PREFLIGHT', 'PreflightRequest')
  ]),
  operation
);

-- ACLs have one operation name for buckets and objects; the rest that is not listed keeps its own name.
create or replace temp macro action_of_operation(operation, key) as
  coalesce(known_action(operation), case
    when operation = 'REST.PUT.ACL' and key is null then 'PutBucketAcl'
    when operation = 'REST.PUT.ACL' then 'PutObjectAcl'
    when operation = 'REST.GET.ACL' and key is null then 'GetBucketAcl'
    when operation = 'REST.GET.ACL' then 'GetObjectAcl'
    when starts_with(operation, 'S3.TRANSITION') then 'LifecycleTransition'
    else operation
  end);

-- read, list, write and delete concern objects; permission and config are changes; everything else is other.
create or replace temp macro class_of_operation(operation) as
  case
    when operation in (
      'REST.GET.OBJECT', 'REST.HEAD.OBJECT', 'REST.COPY.OBJECT_GET', 'REST.COPY.PART_GET', 'REST.GET.PART',
      'REST.GET.PART_GET', 'REST.GET.OBJECT_ATTRIBUTES', 'REST.POST.SELECT', 'WEBSITE.GET.OBJECT', 'WEBSITE.HEAD.OBJECT'
    ) then 'read'
    when operation in (
      'REST.GET.BUCKET', 'REST.HEAD.BUCKET', 'REST.GET.BUCKETVERSIONS', 'REST.GET.UPLOADS', 'REST.GET.UPLOAD',
      'REST.GET.SERVICE'
    ) then 'list'
    when operation in (
      'REST.PUT.OBJECT', 'REST.POST.OBJECT', 'REST.COPY.OBJECT', 'REST.PUT.PART', 'REST.COPY.PART', 'REST.POST.UPLOADS',
      'REST.POST.UPLOAD', 'REST.DELETE.UPLOAD', 'REST.POST.RESTORE', 'REST.PUT.OBJECT_TAGGING', 'REST.DELETE.OBJECT_TAGGING'
    ) then 'write'
    when operation in (
      'REST.DELETE.OBJECT', 'BATCH.DELETE.OBJECT', 'REST.POST.MULTI_OBJECT_DELETE'
    ) then 'delete'
    when operation in (
      'REST.PUT.BUCKETPOLICY', 'REST.DELETE.BUCKETPOLICY', 'REST.PUT.PUBLIC_ACCESS_BLOCK', 'REST.DELETE.PUBLIC_ACCESS_BLOCK',
      'REST.PUT.OWNERSHIP_CONTROLS', 'REST.DELETE.OWNERSHIP_CONTROLS', 'REST.PUT.CORS', 'REST.DELETE.CORS', 'REST.PUT.ACL'
    ) then 'permission'
    when operation in (
      'REST.PUT.OBJECT_LOCK_RETENTION', 'REST.PUT.OBJECT_LOCK_LEGALHOLD', 'REST.PUT.BUCKET', 'REST.DELETE.BUCKET',
      'REST.PUT.LOGGING_STATUS', 'REST.PUT.VERSIONING', 'REST.PUT.LIFECYCLE', 'REST.DELETE.LIFECYCLE', 'REST.PUT.ENCRYPTION',
      'REST.DELETE.ENCRYPTION', 'REST.PUT.REPLICATION', 'REST.DELETE.REPLICATION', 'REST.PUT.NOTIFICATION',
      'REST.PUT.WEBSITE', 'REST.DELETE.WEBSITE', 'REST.PUT.TAGGING', 'REST.DELETE.TAGGING',
      'REST.PUT.OBJECT_LOCK_CONFIGURATION', 'REST.PUT.INVENTORY', 'REST.PUT.METRICS', 'REST.PUT.ANALYTICS',
      'REST.PUT.ACCELERATE', 'REST.PUT.REQUEST_PAYMENT'
    ) then 'config'
    else 'other'
  end;

-- CloudTrail's event names of S3, by class. A name that is not here is judged by its verb: changes are config.
create or replace temp macro class_of_event(event_name) as
  case
    when event_name in ('GetObject', 'HeadObject', 'GetObjectAttributes', 'GetObjectTorrent', 'SelectObjectContent') then 'read'
    when event_name in ('ListObjects', 'ListObjectsV2', 'ListObjectVersions', 'ListMultipartUploads', 'ListParts', 'ListBuckets', 'HeadBucket')
      then 'list'
    when event_name in ('PutObject', 'PostObject', 'CopyObject', 'UploadPart', 'UploadPartCopy', 'CreateMultipartUpload',
      'CompleteMultipartUpload', 'AbortMultipartUpload', 'RestoreObject', 'PutObjectTagging', 'DeleteObjectTagging',
      'UpdateObjectEncryption', 'RenameObject') then 'write'
    when event_name in ('DeleteObject', 'DeleteObjects', 'DeleteObjectVersion') then 'delete'
    when regexp_like(event_name, '^(Put|Delete).*(Acl|Policy|PublicAccessBlock|OwnershipControls|Cors)') then 'permission'
    when regexp_like(event_name, '^(Create|Put|Delete|Update|Submit|Associate|Dissociate)') then 'config'
    else 'other'
  end;
