/**
 * The names that JSON and Parquet delivery give to the fields of an access log (S3 User Guide, `sal-cw-log-format`,
 * 2026), and the columns they fill. Four of them are unverified, so the text form's names are accepted beside them.
 */

/** Column of `accessLogTable` by field name in lower case without underscores. */
export const accessLogAliases: Readonly<Record<string, string>> = {
  requesttime: 'event_time',
  eventtime: 'event_time',
  time: 'event_time',
  bucketowner: 'bucket_owner',
  bucketownerid: 'bucket_owner',
  bucket: 'bucket',
  bucketname: 'bucket',
  remoteip: 'remote_ip',
  remoteipaddress: 'remote_ip',
  requester: 'requester',
  requestid: 'request_id',
  operation: 'operation',
  key: 'key',
  keyname: 'key',
  objectkey: 'key',
  requesturi: 'request_uri',
  httpstatus: 'http_status',
  httpstatuscode: 'http_status',
  errorcode: 'error_code',
  bytessent: 'bytes_sent',
  bytessentsize: 'bytes_sent',
  objectsize: 'object_size',
  totaltime: 'total_time_ms',
  totaltimems: 'total_time_ms',
  totalduration: 'total_time_ms',
  turnaroundtime: 'turn_around_time_ms',
  turnaroundtimems: 'turn_around_time_ms',
  turnaroundduration: 'turn_around_time_ms',
  referer: 'referer',
  referrer: 'referer',
  useragent: 'user_agent',
  versionid: 'version_id',
  objectversionid: 'version_id',
  hostid: 'host_id',
  signatureversion: 'signature_version',
  ciphersuite: 'cipher_suite',
  authenticationtype: 'authentication_type',
  authtype: 'authentication_type',
  hostheader: 'host_header',
  tlsversion: 'tls_version',
  accesspointarn: 'access_point_arn',
  aclrequired: 'acl_required',
  sourceregion: 'source_region',
};

/** Names that say nothing about the request: they are read over, unlike other unknown names, which are kept. */
export const accessLogIgnoredNames: readonly string[] = ['schemaversionid', 'bucketarn'];

/** A field name as `accessLogAliases` spells it. */
export function normaliseFieldName(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}
