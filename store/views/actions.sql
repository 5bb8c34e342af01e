-- What each operation of the access log is called in CloudTrail and IAM's world, and what class of action it is.
-- read, list, write and delete concern objects; permission and config are changes; everything else is other.
create or replace temp view access_log_operations as
select operation, action, action_class
from (values
  ('REST.GET.OBJECT', 'GetObject', 'read'),
  ('REST.HEAD.OBJECT', 'HeadObject', 'read'),
  ('REST.COPY.OBJECT_GET', 'GetObject', 'read'),
  ('REST.COPY.PART_GET', 'GetObject', 'read'),
  ('REST.GET.PART', 'GetObject', 'read'),
  ('REST.GET.PART_GET', 'GetObject', 'read'),
  ('REST.GET.OBJECT_ATTRIBUTES', 'GetObjectAttributes', 'read'),
  ('REST.GET.OBJECT_TAGGING', 'GetObjectTagging', 'other'),
  ('REST.POST.SELECT', 'SelectObjectContent', 'read'),
  ('WEBSITE.GET.OBJECT', 'GetObject', 'read'),
  ('WEBSITE.HEAD.OBJECT', 'HeadObject', 'read'),
  ('REST.GET.BUCKET', 'ListObjects', 'list'),
  ('REST.HEAD.BUCKET', 'HeadBucket', 'list'),
  ('REST.GET.BUCKETVERSIONS', 'ListObjectVersions', 'list'),
  ('REST.GET.UPLOADS', 'ListMultipartUploads', 'list'),
  ('REST.GET.UPLOAD', 'ListParts', 'list'),
  ('REST.GET.SERVICE', 'ListBuckets', 'list'),
  ('REST.PUT.OBJECT', 'PutObject', 'write'),
  ('REST.POST.OBJECT', 'PostObject', 'write'),
  ('REST.COPY.OBJECT', 'CopyObject', 'write'),
  ('REST.PUT.PART', 'UploadPart', 'write'),
  ('REST.COPY.PART', 'UploadPartCopy', 'write'),
  ('REST.POST.UPLOADS', 'CreateMultipartUpload', 'write'),
  ('REST.POST.UPLOAD', 'CompleteMultipartUpload', 'write'),
  ('REST.DELETE.UPLOAD', 'AbortMultipartUpload', 'write'),
  ('REST.POST.RESTORE', 'RestoreObject', 'write'),
  ('REST.PUT.OBJECT_TAGGING', 'PutObjectTagging', 'write'),
  ('REST.DELETE.OBJECT_TAGGING', 'DeleteObjectTagging', 'write'),
  ('REST.PUT.OBJECT_LOCK_RETENTION', 'PutObjectRetention', 'config'),
  ('REST.PUT.OBJECT_LOCK_LEGALHOLD', 'PutObjectLegalHold', 'config'),
  ('REST.DELETE.OBJECT', 'DeleteObject', 'delete'),
  ('BATCH.DELETE.OBJECT', 'DeleteObject', 'delete'),
  ('REST.POST.MULTI_OBJECT_DELETE', 'DeleteObjects', 'delete'),
  ('S3.EXPIRE.OBJECT', 'LifecycleExpiration', 'other'),
  ('S3.CREATE.DELETEMARKER', 'LifecycleDeleteMarker', 'other'),
  ('S3.DELETE.UPLOAD', 'LifecycleAbortUpload', 'other'),
  ('REST.PUT.BUCKET', 'CreateBucket', 'config'),
  ('REST.DELETE.BUCKET', 'DeleteBucket', 'config'),
  ('REST.PUT.BUCKETPOLICY', 'PutBucketPolicy', 'permission'),
  ('REST.DELETE.BUCKETPOLICY', 'DeleteBucketPolicy', 'permission'),
  ('REST.PUT.PUBLIC_ACCESS_BLOCK', 'PutBucketPublicAccessBlock', 'permission'),
  ('REST.DELETE.PUBLIC_ACCESS_BLOCK', 'DeleteBucketPublicAccessBlock', 'permission'),
  ('REST.PUT.OWNERSHIP_CONTROLS', 'PutBucketOwnershipControls', 'permission'),
  ('REST.DELETE.OWNERSHIP_CONTROLS', 'DeleteBucketOwnershipControls', 'permission'),
  ('REST.PUT.CORS', 'PutBucketCors', 'permission'),
  ('REST.DELETE.CORS', 'DeleteBucketCors', 'permission'),
  ('REST.PUT.LOGGING_STATUS', 'PutBucketLogging', 'config'),
  ('REST.PUT.VERSIONING', 'PutBucketVersioning', 'config'),
  ('REST.PUT.LIFECYCLE', 'PutBucketLifecycle', 'config'),
  ('REST.DELETE.LIFECYCLE', 'DeleteBucketLifecycle', 'config'),
  ('REST.PUT.ENCRYPTION', 'PutBucketEncryption', 'config'),
  ('REST.DELETE.ENCRYPTION', 'DeleteBucketEncryption', 'config'),
  ('REST.PUT.REPLICATION', 'PutBucketReplication', 'config'),
  ('REST.DELETE.REPLICATION', 'DeleteBucketReplication', 'config'),
  ('REST.PUT.NOTIFICATION', 'PutBucketNotification', 'config'),
  ('REST.PUT.WEBSITE', 'PutBucketWebsite', 'config'),
  ('REST.DELETE.WEBSITE', 'DeleteBucketWebsite', 'config'),
  ('REST.PUT.TAGGING', 'PutBucketTagging', 'config'),
  ('REST.DELETE.TAGGING', 'DeleteBucketTagging', 'config'),
  ('REST.PUT.OBJECT_LOCK_CONFIGURATION', 'PutBucketObjectLockConfiguration', 'config'),
  ('REST.PUT.INVENTORY', 'PutBucketInventoryConfiguration', 'config'),
  ('REST.PUT.METRICS', 'PutBucketMetricsConfiguration', 'config'),
  ('REST.PUT.ANALYTICS', 'PutBucketAnalyticsConfiguration', 'config'),
  ('REST.PUT.ACCELERATE', 'PutBucketAccelerateConfiguration', 'config'),
  ('REST.PUT.REQUEST_PAYMENT', 'PutBucketRequestPayment', 'config'),
  ('REST.OPTIONS.PREFLIGHT', 'PreflightRequest', 'other')
) as known(operation, action, action_class);

-- ACLs have one operation name for buckets and objects; the rest that is not listed keeps its own name.
create or replace temp macro action_of_operation(operation, known_action, key) as
  case
    when known_action is not null then known_action
    when operation = 'REST.PUT.ACL' and key is null then 'PutBucketAcl'
    when operation = 'REST.PUT.ACL' then 'PutObjectAcl'
    when operation = 'REST.GET.ACL' and key is null then 'GetBucketAcl'
    when operation = 'REST.GET.ACL' then 'GetObjectAcl'
    when starts_with(operation, 'S3.TRANSITION') then 'LifecycleTransition'
    else operation
  end;

create or replace temp macro class_of_operation(operation, known_class) as
  case
    when known_class is not null then known_class
    when operation = 'REST.PUT.ACL' then 'permission'
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
