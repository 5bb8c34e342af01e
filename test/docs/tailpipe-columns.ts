/**
 * Columns and types of Tailpipe's two tables, as its documentation lists them (tailpipe-plugin-aws, mid-2026). Written
 * down by hand: a change of our views that its public queries would notice must fail here.
 */

type Columns = Readonly<Record<string, string>>;

const texts = (names: string): Columns => Object.fromEntries(names.split(/[\s,]+/).map((name) => [name, 'VARCHAR']));

const struct = (fields: Columns): string =>
  `STRUCT(${Object.entries(fields)
    .map(([name, type]) => `${name === 'type' ? '"type"' : name} ${type}`)
    .join(', ')})`;

/** What every table of Tailpipe has. */
const shared: Columns = {
  ...texts('tp_id, tp_source_type, tp_table, tp_partition, tp_index, tp_source_ip, tp_destination_ip'),
  ...texts('tp_source_name, tp_source_location'),
  tp_ingest_timestamp: 'TIMESTAMP',
  tp_timestamp: 'TIMESTAMP',
  tp_date: 'DATE',
  ...Object.fromEntries(
    ['akas', 'ips', 'tags', 'domains', 'emails', 'usernames'].map((list) => [`tp_${list}`, 'VARCHAR[]']),
  ),
};

export const accessLogColumns: Columns = {
  ...texts(
    'access_point_arn, authentication_type, bucket, bucket_owner, cipher_suite, error_code, host_header, host_id',
  ),
  ...texts('key, operation, referer, remote_ip, request_id, request_uri, requester, signature_version, tls_version'),
  ...texts('user_agent, version_id'),
  acl_required: 'BOOLEAN',
  bytes_sent: 'BIGINT',
  http_status: 'BIGINT',
  object_size: 'BIGINT',
  timestamp: 'TIMESTAMP',
  total_time: 'BIGINT',
  turn_around_time: 'BIGINT',
  ...shared,
};

const sessionContext = struct({
  attributes: struct(texts('creation_date, mfa_authenticated')),
  ec2_role_delivery: 'VARCHAR',
  session_issuer: struct(texts('account_id, arn, principal_id, type, user_name')),
  web_id_federation_data: struct({ attributes: 'JSON', federated_provider: 'VARCHAR' }),
});

export const cloudtrailColumns: Columns = {
  ...texts('api_version, aws_region, error_code, error_message, event_category, event_id, event_name, event_source'),
  ...texts('event_type, event_version, recipient_account_id, request_id, session_credential_from_console'),
  ...texts('shared_event_id, source_ip_address, user_agent, vpc_endpoint_id'),
  additional_event_data: 'JSON',
  edge_device_details: 'JSON',
  request_parameters: 'JSON',
  resources: 'JSON',
  response_elements: 'JSON',
  service_event_details: 'JSON',
  event_time: 'TIMESTAMP',
  management_event: 'BOOLEAN',
  read_only: 'BOOLEAN',
  tls_details: struct(texts('cipher_suite, client_provided_host_header, tls_version')),
  user_identity: struct({
    ...texts('access_key_id, account_id, arn, identity_provider, invoked_by, principal_id'),
    session_context: sessionContext,
    ...texts('type, user_name'),
  }),
  ...shared,
};
