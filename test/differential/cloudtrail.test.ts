/** A million CloudTrail records, read by us and by DuckDB's JSON reader: every column that both can have must be the same. */
import { describe, expect, it } from 'vitest';
import { writeBenchCloudTrail } from '../../fixtures/generator/bench-cloudtrail.js';
import { openDatabase, queryRows } from '../../store/duckdb.js';
import { askLake, ingestLogs } from '../lake.js';
import { temporaryFolder } from '../temporary-folder.js';

interface Members {
  readonly [key: string]: string | Members;
}

/** The members of a record and our columns of their values. Numbers, times and booleans are compared after a cast. */
const members: Members = {
  eventID: 'event_id',
  eventVersion: 'event_version',
  eventType: 'event_type',
  eventCategory: 'event_category',
  eventSource: 'event_source',
  eventName: 'event_name',
  eventTime: 'event_time',
  awsRegion: 'aws_region',
  sourceIPAddress: 'source_ip_address',
  userAgent: 'user_agent',
  errorCode: 'error_code',
  errorMessage: 'error_message',
  requestID: 'request_id',
  recipientAccountId: 'recipient_account_id',
  sharedEventID: 'shared_event_id',
  vpcEndpointId: 'vpc_endpoint_id',
  vpcEndpointAccountId: 'vpc_endpoint_account_id',
  readOnly: 'read_only',
  managementEvent: 'management_event',
  resources: 'resources',
  responseElements: 'response_elements',
  userIdentity: {
    type: 'user_identity_type',
    principalId: 'user_identity_principal_id',
    arn: 'user_identity_arn',
    accountId: 'user_identity_account_id',
    accessKeyId: 'user_identity_access_key_id',
    userName: 'user_identity_user_name',
    invokedBy: 'user_identity_invoked_by',
    sessionContext: {
      sessionIssuer: {
        type: 'session_issuer_type',
        arn: 'session_issuer_arn',
        accountId: 'session_issuer_account_id',
        userName: 'session_issuer_user_name',
      },
      attributes: { creationDate: 'session_creation_date', mfaAuthenticated: 'session_mfa_authenticated' },
    },
  },
  requestParameters: { bucketName: 'bucket', key: 'key' },
  additionalEventData: {
    SignatureVersion: 'signature_version',
    AuthenticationMethod: 'authentication_method',
    SSEApplied: 'sse_applied',
    'x-amz-id-2': 'host_id',
    bytesTransferredIn: 'bytes_in',
    bytesTransferredOut: 'bytes_out',
  },
  tlsDetails: { tlsVersion: 'tls_version' },
};
/** By column, the type it is compared as; the others are text. The log writes the bytes as floats. */
const types: Readonly<Record<string, string>> = {
  event_time: 'timestamp',
  session_creation_date: 'timestamp',
  read_only: 'boolean',
  management_event: 'boolean',
  session_mfa_authenticated: 'boolean',
  bytes_in: 'double',
  bytes_out: 'double',
};

function columnsOf(of: Members, path = 'record'): [column: string, value: string][] {
  return Object.entries(of).flatMap(([key, member]) =>
    typeof member === 'string' ? [[member, `${path}."${key}"`]] : columnsOf(member, `${path}."${key}"`),
  );
}

function structOf(of: Members): string {
  const fields = Object.entries(of).map(
    ([key, member]) => `"${key}" ${typeof member === 'string' ? 'varchar' : structOf(member)}`,
  );
  return `struct(${fields.join(', ')})`;
}

const columns = columnsOf(members);
const casts = columns
  .map(([column, value]) => `cast(${value} as ${types[column] ?? 'varchar'}) as ${column}`)
  .join(', ');
const ourCasts = columns.map(([column]) => `cast(${column} as ${types[column] ?? 'varchar'}) as ${column}`).join(', ');
/** Equal only when the multisets of values are, but for a chance of one in 2^64 a column. */
const digest = columns
  .map(([column]) => `sum(hash(${column}))::varchar as ${column}, count(${column}) as ${column}_count`)
  .join(', ');

async function readByDuckDB(logs: string): Promise<unknown> {
  const database = await openDatabase(':memory:', {
    threads: 2,
    memoryBytes: 3e9,
    tempDirectory: temporaryFolder('json'),
  });
  try {
    const [row] = await queryRows(
      database.connection,
      `select count(*) as records, ${digest}
       from (
         select ${casts}
         from (
           select unnest("Records") as record
           from read_json($1, format = 'unstructured', maximum_object_size = 100000000,
             columns = {Records: '${structOf(members)}[]'})
         )
       )`,
      [`${logs}/**`],
    );
    return row;
  } finally {
    database.close();
  }
}

describe('CloudTrail beside DuckDB', () => {
  it('gives the same values in every field of a million records', { timeout: 240_000 }, async () => {
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
      `select count(*) as records, ${digest} from (select ${ourCasts} from cloudtrail)`,
    );
    expect(ours).toEqual(await readByDuckDB(logs));
  });
});
