import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryRows, type Database } from '../../store/duckdb.js';
import { packageRoot } from '../../store/sql-files.js';
import { ingestLogs, openLake, temporaryFolder } from '../lake.js';
import { accessLogColumns, cloudtrailColumns } from './tailpipe-columns.js';

const goldenLogs = [
  'access-log/operations.log',
  'access-log/requesters.log',
  'cloudtrail/s3-events.json',
  'cloudtrail/identity-forms.json',
  'cloudtrail/odd-strings.json',
  'cloudtrail/duplicate-keys.json',
];
let lake: Database;

beforeAll(async () => {
  const logs = temporaryFolder('tailpipe-logs');
  for (const log of goldenLogs) {
    const text = fs.readFileSync(path.join(packageRoot, 'fixtures/logs', log), 'utf8');
    fs.writeFileSync(path.join(logs, path.basename(log)), withOwnRequestIds(text, path.basename(log)));
  }
  const dataDir = temporaryFolder('tailpipe-lake');
  await ingestLogs(logs, dataDir);
  lake = await openLake(dataDir);
});
afterAll(() => lake.close());

/** Golden lines share one request id; as they are, most of them would be repeats of the first. */
function withOwnRequestIds(text: string, file: string): string {
  let line = 0;
  return text.replaceAll(
    ' 3E57427F3EXAMPLE ',
    () => ` ${file.slice(0, 4).toUpperCase()}${String(++line).padStart(12, '0')} `,
  );
}

const ask = async <Row>(sql: string): Promise<Row[]> => queryRows<Row>(lake.connection, sql);

async function columnsOf(view: string): Promise<Record<string, string>> {
  const rows = await ask<{ column_name: string; column_type: string }>(`describe ${view}`);
  return Object.fromEntries(rows.map((row) => [row.column_name, row.column_type]));
}

describe('the view aws_s3_server_access_log', () => {
  it('has the columns and types of Tailpipe', async () => {
    expect(await columnsOf('aws_s3_server_access_log')).toEqual(accessLogColumns);
  });

  it('answers which operations each requester used, with the empty text for nobody', async () => {
    const rows = await ask<{ requester: string; events: bigint }>(`
      select requester, count(*) as events
      from aws_s3_server_access_log
      where operation = 'REST.GET.OBJECT' and tp_date = date '2026-02-06' and requester in ('', 'AmazonS3')
      group by requester
      order by requester`);
    expect(rows).toEqual([
      { requester: '', events: 1n },
      { requester: 'AmazonS3', events: 1n },
    ]);
  });

  it('answers the most requests a minute by address and bucket', async () => {
    const rows = await ask(`
      select remote_ip, bucket, strftime(date_trunc('minute', "timestamp"), '%H:%M') as minute, count(*) > 5 as many
      from aws_s3_server_access_log
      where remote_ip is not null and http_status between 200 and 299
      group by remote_ip, bucket, date_trunc('minute', "timestamp")
      order by count(*) desc
      limit 1`);
    expect(rows).toEqual([{ remote_ip: '192.0.2.3', bucket: 'amzn-s3-demo-bucket1', minute: '00:00', many: true }]);
  });

  it('says where each row came from', async () => {
    const [row] = await ask<Record<string, unknown>>(`
      select tp_table, tp_source_type, tp_index, tp_akas, tp_ips, ends_with(tp_source_location, 'operations.log') as is_located
      from aws_s3_server_access_log
      where tp_id like '%operations.log#1'`);
    expect(row).toEqual({
      tp_table: 'aws_s3_server_access_log',
      tp_source_type: 'file',
      tp_index: 'amzn-s3-demo-bucket1',
      tp_akas: ['arn:aws:s3:::amzn-s3-demo-bucket1'],
      tp_ips: ['192.0.2.3'],
      is_located: true,
    });
  });
});

describe('the view aws_cloudtrail_log', () => {
  it('has the columns and types of Tailpipe', async () => {
    expect(await columnsOf('aws_cloudtrail_log')).toEqual(cloudtrailColumns);
  });

  it('answers what root did', async () => {
    const rows = await ask(`
      select event_name, user_identity.arn as actor, user_identity.session_context.attributes.mfa_authenticated as mfa
      from aws_cloudtrail_log
      where user_identity.type = 'Root'
      order by event_id
      limit 1`);
    expect(rows).toEqual([{ event_name: 'AssumeRole', actor: 'arn:aws:iam::111122223333:root', mfa: 'true' }]);
  });

  it('answers with the parts of nested fields', async () => {
    const rows = await ask(`
      select
        request_parameters ->> 'bucketName' as bucket,
        (additional_event_data ->> 'bytesTransferredOut')::bigint as bytes_out,
        user_identity.session_context.session_issuer.principal_id as issuer,
        user_identity.session_context.ec2_role_delivery as delivery,
        tls_details.tls_version as tls,
        tp_akas
      from aws_cloudtrail_log
      where event_id = '11111111-0000-4000-8000-000000000001'`);
    expect(rows).toEqual([
      {
        bucket: 'acme-finance-reports',
        bytes_out: 2436n,
        issuer: 'AROAEXAMPLEROLEID0001',
        delivery: '2.0',
        tls: 'TLSv1.3',
        tp_akas: expect.arrayContaining(['arn:aws:s3:::acme-finance-reports/exports/2026/07/report-é.csv']) as unknown,
      },
    ]);
  });

  it('loses no JSON of an odd record', async () => {
    const documents = [
      'request_parameters',
      'response_elements',
      'additional_event_data',
      'resources',
      'user_identity',
    ];
    const counts = documents.map((name) => `count(${name}) as ${name}`).join(', ');
    const [texts] = await ask(`select ${counts} from cloudtrail`);
    expect(await ask(`select ${counts} from aws_cloudtrail_log`)).toEqual([texts]);
  });

  it('keeps an address apart from the name of a service', async () => {
    const rows = await ask<{ source_ip_address: string; tp_source_ip: string | null; tp_domains: string[] | null }>(`
      select distinct source_ip_address, tp_source_ip, tp_domains
      from aws_cloudtrail_log
      where source_ip_address in ('198.51.100.7', 'ec2.amazonaws.com')
      order by source_ip_address`);
    expect(rows).toEqual([
      { source_ip_address: '198.51.100.7', tp_source_ip: '198.51.100.7', tp_domains: null },
      { source_ip_address: 'ec2.amazonaws.com', tp_source_ip: null, tp_domains: ['ec2.amazonaws.com'] },
    ]);
  });
});
