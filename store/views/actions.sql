-- What each operation of the access log is in CloudTrail and IAM's world: the class of the action and its name. A map is worked out once
-- for each value of a dictionary, and conditions on it reach the files; a table would be a join for every row. In a variable, because
-- written out it takes milliseconds of every statement that names a view.
-- read, list, write and delete concern objects; permission and config are changes; everything else is other.
set variable known_operations = map_from_entries(array[
  row('REST.GET.OBJECT', 'read GetObject'),
  row('REST.HEAD.OBJECT', 'read HeadObject'),
  row('REST.COPY.OBJECT_GET', 'read GetObject'),
  row('REST.COPY.PART_GET', 'read GetObject'),
  row('REST.GET.PART', 'read GetObject'),
  row('REST.GET.PART_GET', 'read GetObject'),
  row('REST.GET.OBJECT_ATTRIBUTES', 'read GetObjectAttributes'),
  row('REST.GET.OBJECT_TAGGING', 'other GetObjectTagging'),
  row('REST.POST.SELECT', 'read SelectObjectContent'),
  row('WEBSITE.GET.OBJECT', 'read GetObject'),
  row('WEBSITE.HEAD.OBJECT', 'read HeadObject'),
  row('REST.GET.BUCKET', 'list ListObjects'),
  row('REST.HEAD.BUCKET', 'list HeadBucket'),
  row('REST.GET.BUCKETVERSIONS', 'list ListObjectVersions'),
  row('REST.GET.UPLOADS', 'list ListMultipartUploads'),
  row('REST.GET.UPLOAD', 'list ListParts'),
  row('REST.GET.SERVICE', 'list ListBuckets'),
  row('REST.PUT.OBJECT', 'write PutObject'),
  row('REST.POST.OBJECT', 'write PostObject'),
  row('REST.COPY.OBJECT', 'write CopyObject'),
  row('REST.PUT.PART', 'write UploadPart'),
  row('REST.COPY.PART', 'write UploadPartCopy'),
  row('REST.POST.UPLOADS', 'write CreateMultipartUpload'),
  row('REST.POST.UPLOAD', 'write CompleteMultipartUpload'),
  row('REST.DELETE.UPLOAD', 'write AbortMultipartUpload'),
  row('REST.POST.RESTORE', 'write RestoreObject'),
  row('REST.PUT.OBJECT_TAGGING', 'write PutObjectTagging'),
  row('REST.DELETE.OBJECT_TAGGING', 'write DeleteObjectTagging'),
  row('REST.PUT.OBJECT_LOCK_RETENTION', 'config PutObjectRetention'),
  row('REST.PUT.OBJECT_LOCK_LEGALHOLD', 'config PutObjectLegalHold'),
  row('REST.DELETE.OBJECT', 'delete DeleteObject'),
  row('BATCH.DELETE.OBJECT', 'delete DeleteObject'),
  row('REST.POST.MULTI_OBJECT_DELETE', 'delete DeleteObjects'),
  row('S3.EXPIRE.OBJECT', 'other LifecycleExpiration'),
  row('S3.CREATE.DELETEMARKER', 'other LifecycleDeleteMarker'),
  row('S3.DELETE.UPLOAD', 'other LifecycleAbortUpload'),
  row('REST.PUT.BUCKET', 'config CreateBucket'),
  row('REST.DELETE.BUCKET', 'config DeleteBucket'),
  row('REST.PUT.BUCKETPOLICY', 'permission PutBucketPolicy'),
  row('REST.DELETE.BUCKETPOLICY', 'permission DeleteBucketPolicy'),
  row('REST.PUT.PUBLIC_ACCESS_BLOCK', 'permission PutBucketPublicAccessBlock'),
  row('REST.DELETE.PUBLIC_ACCESS_BLOCK', 'permission DeleteBucketPublicAccessBlock'),
  row('REST.PUT.OWNERSHIP_CONTROLS', 'permission PutBucketOwnershipControls'),
  row('REST.DELETE.OWNERSHIP_CONTROLS', 'permission DeleteBucketOwnershipControls'),
  row('REST.PUT.CORS', 'permission PutBucketCors'),
  row('REST.DELETE.CORS', 'permission DeleteBucketCors'),
  row('REST.PUT.LOGGING_STATUS', 'config PutBucketLogging'),
  row('REST.PUT.VERSIONING', 'config PutBucketVersioning'),
  row('REST.PUT.LIFECYCLE', 'config PutBucketLifecycle'),
  row('REST.DELETE.LIFECYCLE', 'config DeleteBucketLifecycle'),
  row('REST.PUT.ENCRYPTION', 'config PutBucketEncryption'),
  row('REST.DELETE.ENCRYPTION', 'config DeleteBucketEncryption'),
  row('REST.PUT.REPLICATION', 'config PutBucketReplication'),
  row('REST.DELETE.REPLICATION', 'config DeleteBucketReplication'),
  row('REST.PUT.NOTIFICATION', 'config PutBucketNotification'),
  row('REST.PUT.WEBSITE', 'config PutBucketWebsite'),
  row('REST.DELETE.WEBSITE', 'config DeleteBucketWebsite'),
  row('REST.PUT.TAGGING', 'config PutBucketTagging'),
  row('REST.DELETE.TAGGING', 'config DeleteBucketTagging'),
  row('REST.PUT.OBJECT_LOCK_CONFIGURATION', 'config PutBucketObjectLockConfiguration'),
  row('REST.PUT.INVENTORY', 'config PutBucketInventoryConfiguration'),
  row('REST.PUT.METRICS', 'config PutBucketMetricsConfiguration'),
  row('REST.PUT.ANALYTICS', 'config PutBucketAnalyticsConfiguration'),
  row('REST.PUT.ACCELERATE', 'config PutBucketAccelerateConfiguration'),
  row('REST.PUT.REQUEST_PAYMENT', 'config PutBucketRequestPayment'),
  row('REST.OPTIONS.PREFLIGHT', 'other PreflightRequest')
]);

create or replace temp macro known_operation(operation) as element_at(getvariable('known_operations'), operation);

-- ACLs have one operation name for buckets and objects, which the key tells apart; the rest that is not listed keeps its own name.
create or replace temp macro action_of_operation(operation, has_key) as
  coalesce(split_part(known_operation(operation), ' ', 2), case
    when operation = 'REST.PUT.ACL' and not has_key then 'PutBucketAcl'
    when operation = 'REST.PUT.ACL' then 'PutObjectAcl'
    when operation = 'REST.GET.ACL' and not has_key then 'GetBucketAcl'
    when operation = 'REST.GET.ACL' then 'GetObjectAcl'
    when starts_with(operation, 'S3.TRANSITION') then 'LifecycleTransition'
    else operation
  end);

create or replace temp macro class_of_operation(operation) as
  coalesce(split_part(known_operation(operation), ' ', 1), case when operation = 'REST.PUT.ACL' then 'permission' else 'other' end);

-- CloudTrail's event names of S3, by class. A name that is not here is judged by its verb: changes are config.
set variable known_classes = map_from_entries(array[
  row('GetObject', 'read'), row('HeadObject', 'read'), row('GetObjectAttributes', 'read'), row('GetObjectTorrent', 'read'),
  row('SelectObjectContent', 'read'),
  row('ListObjects', 'list'), row('ListObjectsV2', 'list'), row('ListObjectVersions', 'list'),
  row('ListMultipartUploads', 'list'), row('ListParts', 'list'), row('ListBuckets', 'list'), row('HeadBucket', 'list'),
  row('PutObject', 'write'), row('PostObject', 'write'), row('CopyObject', 'write'), row('UploadPart', 'write'),
  row('UploadPartCopy', 'write'), row('CreateMultipartUpload', 'write'), row('CompleteMultipartUpload', 'write'),
  row('AbortMultipartUpload', 'write'), row('RestoreObject', 'write'), row('PutObjectTagging', 'write'),
  row('DeleteObjectTagging', 'write'), row('UpdateObjectEncryption', 'write'), row('RenameObject', 'write'),
  row('DeleteObject', 'delete'), row('DeleteObjects', 'delete'), row('DeleteObjectVersion', 'delete')
]);

create or replace temp macro known_class(event_name) as element_at(getvariable('known_classes'), event_name);

create or replace temp macro class_of_event(event_name) as
  coalesce(known_class(event_name), case
    when regexp_like(event_name, '^(Put|Delete).*(Acl|Policy|PublicAccessBlock|OwnershipControls|Cors)') then 'permission'
    when regexp_like(event_name, '^(Create|Put|Delete|Update|Submit|Associate|Dissociate)') then 'config'
    else 'other'
  end);
