/** Which column of the lake each field of an access log fills. */
import { Field, FlagBit } from './access-log-fields.js';
import { accessLogTable, columnIndex } from './tables.js';
import type { RowFlag } from './reject.js';
import type { PlaceColumns } from './row-place.js';

/** Columns of `accessLogTable` by field; null for the fields that are kept otherwise. */
const columnNames: readonly (readonly [field: number, column: string])[] = [
  [Field.bucketOwner, 'bucket_owner'],
  [Field.bucket, 'bucket'],
  [Field.remoteIp, 'remote_ip'],
  [Field.requester, 'requester'],
  [Field.requestId, 'request_id'],
  [Field.operation, 'operation'],
  [Field.key, 'key'],
  [Field.requestUri, 'request_uri'],
  [Field.errorCode, 'error_code'],
  [Field.referer, 'referer'],
  [Field.userAgent, 'user_agent'],
  [Field.versionId, 'version_id'],
  [Field.hostId, 'host_id'],
  [Field.signatureVersion, 'signature_version'],
  [Field.cipherSuite, 'cipher_suite'],
  [Field.authenticationType, 'authentication_type'],
  [Field.hostHeader, 'host_header'],
  [Field.tlsVersion, 'tls_version'],
  [Field.accessPointArn, 'access_point_arn'],
  [Field.sourceRegion, 'source_region'],
  [Field.extra, 'extra_fields'],
];

const index = (name: string): number => columnIndex(accessLogTable, name);

/** The fields that are text, and beside them their columns. */
export const textFields = Uint8Array.from(columnNames, ([field]) => field);
export const textColumns = Uint8Array.from(columnNames, ([, name]) => index(name));

/** The int64 fields but for the status, and beside them their columns. */
export const int64Fields = [Field.bytesSent, Field.objectSize, Field.totalTimeMs, Field.turnAroundTimeMs] as const;
export const int64Columns = ['bytes_sent', 'object_size', 'total_time_ms', 'turn_around_time_ms'].map(index);

/** The columns that are not simply a field. */
export const column = {
  eventTime: index('event_time'),
  httpStatus: index('http_status'),
  key: index('key'),
  keyLogged: index('key_logged'),
  aclRequired: index('acl_required'),
  extraFields: index('extra_fields'),
  principal: index('principal'),
  sourceNetwork: index('source_network'),
  flags: index('flags'),
  logUri: index('log_uri'),
  logLine: index('log_line'),
} as const;

/** Value of the column `flags` by bits of `FlagBit`; filled as combinations occur. */
const flagTexts: (Buffer | undefined)[] = [];

/** The names of the flags in `bits`, separated by commas. */
export function flagText(bits: number): Buffer {
  return (flagTexts[bits] ??= Buffer.from(
    (Object.keys(FlagBit) as RowFlag[]).filter((flag) => bits & FlagBit[flag]).join(','),
  ));
}

/** Where a line was. */
export const placeColumns: PlaceColumns = { uri: column.logUri, number: column.logLine, first: 1 };
