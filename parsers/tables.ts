/**
 * The tables that parsers fill: every column of the lake, its type and its meaning. One source for the Arrow
 * schema, the Parquet files and docs/tables.md.
 */

/**
 * What a column holds. `text` and `blob` are 16-byte views; `timestamp` is UTC microseconds since 1970;
 * `boolean` is a bit.
 */
export type ColumnKind = 'text' | 'blob' | 'int16' | 'int64' | 'timestamp' | 'boolean';

/** One column; every column is nullable. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** One sentence for docs/tables.md: unit, range, the meaning of null. */
  readonly description: string;
}

export type TableName = 'access_log' | 'cloudtrail' | 'rejects';

/** A lake table: its columns in the order of the batches and of the Parquet files. */
export interface Table {
  readonly name: TableName;
  readonly columns: readonly Column[];
  /** The column that decides the day a row is filed under; null files it under the day of the run. */
  readonly timeColumn: string | null;
  /** The column that repeats for a repeated record, and only rarely otherwise; null means no deduplication. */
  readonly requestColumn: string | null;
}

const text = (name: string, description: string): Column => ({ name, kind: 'text', description });
const int64 = (name: string, description: string): Column => ({ name, kind: 'int64', description });
const boolean = (name: string, description: string): Column => ({ name, kind: 'boolean', description });
const timestamp = (name: string, description: string): Column => ({ name, kind: 'timestamp', description });

const flags = text(
  'flags',
  'Comma-separated oddities of the record, see docs/data-quality.md; null when there are none.',
);
const logUri = text('log_uri', 'The object that the row came from: a path or an s3:// URI.');

/** Worked out from the row once its batch is complete, see caller-columns.ts. */
const callerColumns = [
  text(
    'principal',
    'The caller under one name in both logs: a role without session and path, an IAM user, account:ID, service:NAME, canonical:ID, anonymous, or unauthenticated after a failed signature.',
  ),
  text('source_network', 'The /24 or /48 network of the address of the caller; null when it has no address.'),
];

/** S3 server access log, AWS "Log format" (27 fields in 2026), in AWS's order but for the time first. */
export const accessLogTable: Table = {
  name: 'access_log',
  timeColumn: 'event_time',
  requestColumn: 'request_id',
  columns: [
    timestamp('event_time', 'When S3 received the request, UTC; whole seconds in text logs.'),
    text('bucket_owner', 'Canonical user id of the owner of the bucket.'),
    text('bucket', 'The bucket that the request was made against.'),
    text('remote_ip', 'Apparent IPv4 or IPv6 address of the requester; null for requests that S3 makes itself.'),
    text('requester', 'Canonical id, ARN or service of the requester; null for unauthenticated requests.'),
    text('request_id', 'Request id; the rows of a COPY pair and of a batch delete share one.'),
    text('operation', 'For example REST.GET.OBJECT, BATCH.DELETE.OBJECT or S3.EXPIRE.OBJECT.'),
    text(
      'key',
      'Object key, decoded as its operation asks; as logged when that cannot be done, null when there is none.',
    ),
    text('key_logged', 'Object key as logged, percent-encoded, where that differs from key; null otherwise.'),
    text('request_uri', 'Request line with secrets blanked; null when the request has none.'),
    { name: 'http_status', kind: 'int16', description: 'HTTP status; null for lifecycle and checksum records.' },
    text('error_code', 'S3 error code; null when there is none.'),
    int64('bytes_sent', 'Bytes of the response without protocol overhead; null when zero or unknown.'),
    int64('object_size', 'Bytes of the object; null when not applicable.'),
    int64('total_time_ms', 'Milliseconds from the arrival of the request to the last byte of the response.'),
    int64('turn_around_time_ms', 'Milliseconds that S3 spent on the request; null when not measured.'),
    text('referer', 'HTTP Referer; the empty string was sent as one, null was not sent.'),
    text('user_agent', 'HTTP User-Agent; the empty string was sent as one, null was not sent.'),
    text('version_id', 'Object version of the request; null when none was named.'),
    text('host_id', 'The x-amz-id-2 of the response.'),
    text('signature_version', 'SigV2, SigV4 or SigV4A; null when unauthenticated.'),
    text('cipher_suite', 'TLS cipher; null over plain HTTP.'),
    text('authentication_type', 'AuthHeader, QueryString (presigned) or HtmlForm; null when unauthenticated.'),
    text('host_header', 'Host header of the request; chosen by the client.'),
    text('tls_version', 'For example TLSv1.2; null over plain HTTP.'),
    text('access_point_arn', 'Access point of the request; null when none was used.'),
    boolean('acl_required', 'True when the request needed an ACL to be allowed; null in logs older than 2023.'),
    text(
      'source_region',
      'AWS Region that the request came from; null when it did not come from a public AWS address.',
    ),
    text('extra_fields', 'Fields after the 27th, as logged, separated by one space; null when there are none.'),
    boolean('has_key', 'True when the request named a key; asking key would read all keys.'),
    ...callerColumns,
    flags,
    logUri,
    int64('log_line', 'Line of the object, from 1.'),
  ],
};

/** CloudTrail records, version 1.11; identity, S3 and TLS fields flattened, nested objects kept as JSON text. */
export const cloudtrailTable: Table = {
  name: 'cloudtrail',
  timeColumn: 'event_time',
  requestColumn: 'event_id',
  columns: [
    timestamp('event_time', 'When the request completed, UTC.'),
    text('event_id', 'GUID of the record; with recipient_account_id the identity of a row.'),
    text('event_version', 'Version of the record format, for example 1.11; compare as two integers.'),
    text('event_type', 'AwsApiCall, AwsServiceEvent, AwsConsoleAction, AwsConsoleSignIn or AwsVpceEvent.'),
    text('event_category', 'Management, Data or NetworkActivity; null in old records.'),
    text('event_source', 'Service, for example s3.amazonaws.com.'),
    text('event_name', 'API name, for example GetObject; ListObjectsV2 is logged as ListObjects.'),
    text('aws_region', 'Region of the request.'),
    text('source_ip_address', 'An address, a service DNS name or AWS Internal.'),
    text('user_agent', 'User agent; S3 wraps it in brackets.'),
    text('error_code', 'Error code; null when the request succeeded.'),
    text('error_message', 'Error message; null when the request succeeded.'),
    text('request_id', 'Request id; the same as in the access log for S3 data events.'),
    boolean('read_only', 'True for a read-only API; null when not stated.'),
    boolean('management_event', 'True for a management event; null when not stated.'),
    text('recipient_account_id', 'Account whose trail delivered the record.'),
    text('shared_event_id', 'Joins the two records of a cross-account call; null otherwise.'),
    text('vpc_endpoint_id', 'VPC endpoint of the request; null when none.'),
    text('vpc_endpoint_account_id', 'Owner of the VPC endpoint; null when unknown.'),
    text('api_version', 'API version; null for most services.'),
    boolean(
      'session_credential_from_console',
      'True when the credentials came from a console session; null when not stated.',
    ),
    text('user_identity_type', 'Root, IAMUser, AssumedRole, AWSAccount, AWSService and others; null when absent.'),
    text('user_identity_principal_id', 'Unique id of the caller.'),
    text('user_identity_arn', 'ARN of the caller; null for services and for callers of other accounts.'),
    text('user_identity_account_id', 'Account of the caller; ANONYMOUS_PRINCIPAL or anonymous for unsigned requests.'),
    text('user_identity_access_key_id', 'Access key id that signed the request; null when none.'),
    text('user_identity_user_name', 'Friendly name of the caller.'),
    text('user_identity_identity_provider', 'External identity provider of the caller; null when none.'),
    text('user_identity_invoked_by', 'Service that made the request on behalf of the caller; null when none.'),
    text('session_issuer_type', 'Role, User or Root that issued the session; null when no session.'),
    text('session_issuer_arn', 'ARN of the role or user that issued the session.'),
    text('session_issuer_account_id', 'Account of the issuer of the session.'),
    text('session_issuer_user_name', 'Name of the issuer of the session.'),
    boolean('session_mfa_authenticated', 'True when the session was opened with MFA; null when not stated.'),
    timestamp('session_creation_date', 'When the session was created, UTC; null when not stated.'),
    text('session_source_identity', 'Source identity of the session; null when not set.'),
    text(
      'bucket',
      'requestParameters.bucketName, else the resource of type AWS::S3::Bucket; null when the event has none.',
    ),
    text('key', 'Object key of the request; null when the event has none.'),
    text('bucket_account_id', 'Owner of the bucket by the resources of the record; null when not stated.'),
    int64('bytes_in', 'additionalEventData.bytesTransferredIn; null when not stated.'),
    int64('bytes_out', 'additionalEventData.bytesTransferredOut; null when not stated.'),
    text('signature_version', 'additionalEventData.SignatureVersion.'),
    text('cipher_suite', 'additionalEventData.CipherSuite, else tlsDetails.cipherSuite; null over plain HTTP.'),
    text('authentication_method', 'additionalEventData.AuthenticationMethod: AuthHeader or QueryString.'),
    text('sse_applied', 'additionalEventData.SSEApplied, for example Default_SSE_S3.'),
    text('host_id', 'additionalEventData.x-amz-id-2.'),
    text('tls_version', 'tlsDetails.tlsVersion; null when not stated.'),
    text('host_header', 'tlsDetails.clientProvidedHostHeader, else requestParameters.Host.'),
    text('user_identity', 'JSON of userIdentity as logged.'),
    text('request_parameters', 'JSON of requestParameters as logged; null when null.'),
    text('response_elements', 'JSON of responseElements with secrets blanked; null when null.'),
    text('additional_event_data', 'JSON of additionalEventData as logged; null when absent.'),
    text('resources', 'JSON of resources as logged; null when absent.'),
    text('service_event_details', 'JSON of serviceEventDetails; null when absent.'),
    text('tls_details', 'JSON of tlsDetails; null when absent.'),
    text('edge_device_details', 'JSON of edgeDeviceDetails; null when absent.'),
    text('addendum', 'JSON of addendum; null when absent.'),
    text(
      'extra_fields',
      'JSON object of the top-level fields that have no column of their own; null when there are none.',
    ),
    ...callerColumns,
    flags,
    logUri,
    int64('log_index', 'Record of the object, from 0.'),
  ],
};

/** What could not be parsed: a line or a record, where it was, why, and its bytes. */
export const rejectsTable: Table = {
  name: 'rejects',
  timeColumn: null,
  requestColumn: null,
  columns: [
    logUri,
    text('log_type', 'access_log or cloudtrail; null when the object was recognised as neither.'),
    int64(
      'log_line',
      'Line from 1 (access log) or record from 0 (CloudTrail); null when the whole object was rejected.',
    ),
    int64('log_offset', 'Byte offset of the record in the (inflated) object.'),
    text('reason', 'Reason code, see docs/data-quality.md.'),
    text('detail', 'What was found and what was expected, in one line; log text in it is escaped.'),
    int64('raw_length', 'Bytes of the rejected record; may exceed the length of raw.'),
    { name: 'raw', kind: 'blob', description: 'The first 64 KiB of the rejected record with secrets blanked.' },
  ],
};

export const tables: Readonly<Record<TableName, Table>> = {
  access_log: accessLogTable,
  cloudtrail: cloudtrailTable,
  rejects: rejectsTable,
};

/** Index of a column by name; throws on a name that the table does not have, which is a mistake of ours. */
export function columnIndex(table: Table, name: string): number {
  const index = table.columns.findIndex((column) => column.name === name);
  if (index < 0) throw new Error(`table ${table.name} has no column ${name}`);
  return index;
}
