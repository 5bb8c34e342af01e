/** A million CloudTrail records, read by us and by DuckDB's JSON reader: every column that both can have must be the same. */
import { describe, expect, it } from 'vitest';
import { writeBenchCloudTrail } from '../../fixtures/generator/bench-cloudtrail.js';
import { openDatabase, queryRows } from '../../store/duckdb.js';
import { askLake, ingestLogs, temporaryFolder } from '../lake.js';

/** Our column and where it is in the record. */
const fields: readonly (readonly [column: string, path: string])[] = [
  ['event_id', 'eventID'],
  ['event_version', 'eventVersion'],
  ['event_type', 'eventType'],
  ['event_category', 'eventCategory'],
  ['event_source', 'eventSource'],
  ['event_name', 'eventName'],
  ['aws_region', 'awsRegion'],
  ['source_ip_address', 'sourceIPAddress'],
  ['user_agent', 'userAgent'],
  ['error_code', 'errorCode'],
  ['error_message', 'errorMessage'],
  ['request_id', 'requestID'],
  ['recipient_account_id', 'recipientAccountId'],
  ['shared_event_id', 'sharedEventID'],
  ['user_identity_type', 'userIdentity.type'],
  ['user_identity_principal_id', 'userIdentity.principalId'],
  ['user_identity_arn', 'userIdentity.arn'],
  ['user_identity_account_id', 'userIdentity.accountId'],
  ['user_identity_access_key_id', 'userIdentity.accessKeyId'],
  ['user_identity_invoked_by', 'userIdentity.invokedBy'],
  ['session_issuer_arn', 'userIdentity.sessionContext.sessionIssuer.arn'],
  ['bucket', 'requestParameters.bucketName'],
  ['key', 'requestParameters.key'],
  ['signature_version', 'additionalEventData.SignatureVersion'],
  ['tls_version', 'tlsDetails.tlsVersion'],
];
const digestOf = (name: (column: string, path: string) => string): string =>
  fields
    .map(
      ([column, path]) =>
        `sum(hash(${name(column, path)}))::varchar as ${column}, count(${name(column, path)}) as ${column}_count`,
    )
    .join(', ');

const sums =
  'epoch_us(min(event_time)) as first, epoch_us(max(event_time)) as last, sum(bytes_in)::bigint as bytes_in, sum(bytes_out)::bigint as bytes_out';

async function readByDuckDB(logs: string): Promise<unknown> {
  const database = await openDatabase(':memory:', {
    threads: 2,
    memoryBytes: 3e9,
    tempDirectory: temporaryFolder('json'),
  });
  try {
    const [row] = await queryRows(
      database.connection,
      `select count(*) as records, ${digestOf((_, path) => `json_extract_string(record, '$.${path}')`)}, ${sums}
       from (
         select record, cast(record->>'$.eventTime' as timestamp) as event_time,
           cast(cast(record->>'$.additionalEventData.bytesTransferredIn' as double) as bigint) as bytes_in,
           cast(cast(record->>'$.additionalEventData.bytesTransferredOut' as double) as bigint) as bytes_out
         from (
           select unnest(from_json(json->'$.Records', '["json"]')) as record
           from read_json_objects($1, format = 'unstructured', maximum_object_size = 100000000)
         )
         where true
       )`,
      [`${logs}/**`],
    );
    return row;
  } finally {
    database.close();
  }
}

describe('CloudTrail beside DuckDB', () => {
  it('gives the same values in every field of a million records', async () => {
    const logs = temporaryFolder('records');
    const written = writeBenchCloudTrail({
      seed: 12,
      out: logs,
      files: 600,
      bytes: 1_920_000_000,
      fromMs: Date.UTC(2026, 9, 19),
    });
    expect(written.lines).toBeGreaterThan(1_000_000);
    const lake = temporaryFolder('records-lake');
    const totals = await ingestLogs(logs, lake);
    expect(totals).toMatchObject({ lines: written.lines, rejected: 0, duplicates: 0, failures: [] });
    const [ours] = await askLake(
      lake,
      `select count(*) as records, ${digestOf((column) => column)}, ${sums} from cloudtrail`,
    );
    expect(ours).toEqual(await readByDuckDB(logs));
  });
});
