/**
 * The keys of a CloudTrail record (version 1.11, AWS "CloudTrail record contents") and of the envelopes it comes in,
 * and which column each one fills. Keys without a column are named because they are frequent: a named key costs less
 * to find, and its repetition is noticed.
 */
import { JsonFields, type FieldTree } from './json-fields.js';
import { cloudtrailTable, columnIndex } from './tables.js';

const identity: FieldTree = {
  type: null,
  principalId: null,
  arn: null,
  accountId: null,
  accessKeyId: null,
  userName: null,
  sessionContext: {
    sessionIssuer: { type: null, principalId: null, arn: null, accountId: null, userName: null },
    webIdFederationData: null,
    attributes: { creationDate: null, mfaAuthenticated: null },
    sourceIdentity: null,
    ec2RoleDelivery: null,
  },
  identityProvider: null,
  invokedBy: null,
  inScopeOf: null,
  onBehalfOf: null,
};

const requestParameters: FieldTree = {
  bucketName: null,
  key: null,
  Key: null,
  Host: null,
  host: null,
  prefix: null,
  delimiter: null,
  'list-type': null,
  'max-keys': null,
  'encoding-type': null,
  'x-amz-acl': null,
  'x-amz-storage-class': null,
  'x-amz-server-side-encryption': null,
  partNumber: null,
  uploadId: null,
};

const additionalEventData: FieldTree = {
  SignatureVersion: null,
  CipherSuite: null,
  cipherSuite: null,
  bytesTransferredIn: null,
  bytesTransferredOut: null,
  AuthenticationMethod: null,
  'x-amz-id-2': null,
  xAmzId2: null,
  SSEApplied: null,
  vpcEndpointId: null,
};

/** Keys of envelopes; in a record they are unknown fields like any other. */
const envelopeKeys = [
  'detail',
  'detail-type',
  'message',
  'messageType',
  'CloudTrailEvent',
  'timeWindow',
  'summary',
  'digestStartTime',
  'digestEndTime',
  'hashSignature',
  'publicKeyFingerprint',
];
/** Keys of envelopes whose arrays hold records, or objects that hold one. */
const containerKeys = ['Records', 'records', 'Events', 'events', 'logEvents'];

const recordTree: FieldTree = {
  eventVersion: null,
  userIdentity: identity,
  eventTime: null,
  eventSource: null,
  eventName: null,
  awsRegion: null,
  sourceIPAddress: null,
  userAgent: null,
  errorCode: null,
  errorMessage: null,
  requestParameters,
  responseElements: {
    'x-amz-server-side-encryption': null,
    'x-amz-server-side-encryption-aws-kms-key-id': null,
    'x-amz-version-id': null,
    'x-amz-expiration': null,
    ETag: null,
  },
  additionalEventData,
  requestID: null,
  eventID: null,
  readOnly: null,
  resources: { type: null, ARN: null, arn: null, ARNPrefix: null, accountId: null },
  eventType: null,
  managementEvent: null,
  apiVersion: null,
  recipientAccountId: null,
  sharedEventID: null,
  vpcEndpointId: null,
  vpcEndpointAccountId: null,
  eventCategory: null,
  serviceEventDetails: {},
  tlsDetails: { tlsVersion: null, cipherSuite: null, clientProvidedHostHeader: null, keyExchange: null },
  sessionCredentialFromConsole: null,
  edgeDeviceDetails: {},
  addendum: {},
};

/** The keys of a record, then those of envelopes. */
export const recordFields = new JsonFields({
  ...recordTree,
  ...Object.fromEntries([...envelopeKeys, ...containerKeys].map((key) => [key, null])),
});

/** The slot of a dotted path of `recordFields`. */
export function slotOf(path: string): number {
  return recordFields.slot(path);
}

/** Slots of the record's own keys are below this one, those of envelopes are not. */
export const firstEnvelopeSlot = slotOf(envelopeKeys[0]!);
export const containerSlots = slotSet(containerKeys);

function slotSet(keys: readonly string[]): Uint8Array {
  const set = new Uint8Array(recordFields.count);
  for (const key of keys) set[slotOf(key)] = 1;
  return set;
}

/** How the value of a text column is understood. */
export const textAsLogged = 0;
/** As logged, but '' and "null" mean that there is none: for ids and codes that are never those. */
export const textOrNothing = 1;
/** An object or an array of other than one value is null: the column of its parent keeps it. */
export const textFlattened = 2;
export const textFlattenedOrNothing = textOrNothing | textFlattened;

/** A column and the slots that fill it, by precedence. */
export interface ColumnSource {
  readonly column: number;
  readonly slots: readonly number[];
  readonly mode: number;
}

const from = (column: string, mode: number, ...paths: string[]): ColumnSource => ({
  column: columnIndex(cloudtrailTable, column),
  slots: paths.map((path) => slotOf(path)),
  mode,
});

const issuer = 'userIdentity.sessionContext.sessionIssuer';

/** Text columns; where there are several slots the first that holds something fills the column. */
export const textSources: readonly ColumnSource[] = [
  from('event_id', textAsLogged, 'eventID'),
  from('event_version', textAsLogged, 'eventVersion'),
  from('event_type', textAsLogged, 'eventType'),
  from('event_category', textAsLogged, 'eventCategory'),
  from('event_source', textAsLogged, 'eventSource'),
  from('event_name', textAsLogged, 'eventName'),
  from('aws_region', textAsLogged, 'awsRegion'),
  from('source_ip_address', textAsLogged, 'sourceIPAddress'),
  from('user_agent', textAsLogged, 'userAgent'),
  from('error_code', textOrNothing, 'errorCode'),
  from('error_message', textAsLogged, 'errorMessage'),
  from('request_id', textAsLogged, 'requestID'),
  from('recipient_account_id', textAsLogged, 'recipientAccountId'),
  from('shared_event_id', textOrNothing, 'sharedEventID'),
  from('vpc_endpoint_id', textOrNothing, 'vpcEndpointId', 'additionalEventData.vpcEndpointId'),
  from('vpc_endpoint_account_id', textOrNothing, 'vpcEndpointAccountId'),
  from('api_version', textOrNothing, 'apiVersion'),
  from('user_identity_type', textFlattened, 'userIdentity.type'),
  from('user_identity_principal_id', textFlattened, 'userIdentity.principalId'),
  from('user_identity_arn', textFlattened, 'userIdentity.arn'),
  from('user_identity_account_id', textFlattened, 'userIdentity.accountId'),
  from('user_identity_access_key_id', textFlattenedOrNothing, 'userIdentity.accessKeyId'),
  from('user_identity_user_name', textFlattened, 'userIdentity.userName'),
  from('user_identity_identity_provider', textFlattenedOrNothing, 'userIdentity.identityProvider'),
  from('user_identity_invoked_by', textFlattenedOrNothing, 'userIdentity.invokedBy'),
  from('session_issuer_type', textFlattened, `${issuer}.type`),
  from('session_issuer_arn', textFlattened, `${issuer}.arn`),
  from('session_issuer_account_id', textFlattened, `${issuer}.accountId`),
  from('session_issuer_user_name', textFlattened, `${issuer}.userName`),
  from('session_source_identity', textFlattened, 'userIdentity.sessionContext.sourceIdentity'),
  from('bucket', textFlattened, 'requestParameters.bucketName'),
  from('key', textFlattened, 'requestParameters.key', 'requestParameters.Key'),
  from('signature_version', textFlattened, 'additionalEventData.SignatureVersion'),
  from(
    'cipher_suite',
    textFlattened,
    'additionalEventData.CipherSuite',
    'additionalEventData.cipherSuite',
    'tlsDetails.cipherSuite',
  ),
  from('authentication_method', textFlattened, 'additionalEventData.AuthenticationMethod'),
  from('sse_applied', textFlattened, 'additionalEventData.SSEApplied'),
  from('host_id', textFlattened, 'additionalEventData.x-amz-id-2', 'additionalEventData.xAmzId2'),
  from('tls_version', textFlattened, 'tlsDetails.tlsVersion'),
  from(
    'host_header',
    textFlattened,
    'tlsDetails.clientProvidedHostHeader',
    'requestParameters.Host',
    'requestParameters.host',
  ),
];

/** Columns of JSON text; null and "null" are null. */
export const jsonSources: readonly ColumnSource[] = [
  from('user_identity', textAsLogged, 'userIdentity'),
  from('request_parameters', textAsLogged, 'requestParameters'),
  from('response_elements', textAsLogged, 'responseElements'),
  from('additional_event_data', textAsLogged, 'additionalEventData'),
  from('resources', textAsLogged, 'resources'),
  from('service_event_details', textAsLogged, 'serviceEventDetails'),
  from('tls_details', textAsLogged, 'tlsDetails'),
  from('edge_device_details', textAsLogged, 'edgeDeviceDetails'),
  from('addendum', textAsLogged, 'addendum'),
];

export const booleanSources: readonly ColumnSource[] = [
  from('read_only', textFlattened, 'readOnly'),
  from('management_event', textFlattened, 'managementEvent'),
  from('session_credential_from_console', textFlattened, 'sessionCredentialFromConsole'),
  from('session_mfa_authenticated', textFlattened, 'userIdentity.sessionContext.attributes.mfaAuthenticated'),
];

export const integerSources: readonly ColumnSource[] = [
  from('bytes_in', textFlattened, 'additionalEventData.bytesTransferredIn'),
  from('bytes_out', textFlattened, 'additionalEventData.bytesTransferredOut'),
];
