/** More than a million well-formed lines, read by us and by DuckDB's CSV reader: every column must be the same. */
import { describe, expect, it } from 'vitest';
import { writeBenchAccess } from '../../fixtures/generator/bench-access.js';
import { openDatabase, queryRows } from '../../store/duckdb.js';
import { askLake, ingestLogs } from '../lake.js';
import { temporaryFolder } from '../temporary-folder.js';

const columns: readonly (readonly [name: string, type: string])[] = [
  ['bucket_owner', 'VARCHAR'],
  ['bucket', 'VARCHAR'],
  ['event_time', 'TIMESTAMP'],
  ['offset_of_time', 'VARCHAR'],
  ['remote_ip', 'VARCHAR'],
  ['requester', 'VARCHAR'],
  ['request_id', 'VARCHAR'],
  ['operation', 'VARCHAR'],
  ['key_raw', 'VARCHAR'],
  ['request_uri', 'VARCHAR'],
  ['http_status', 'SMALLINT'],
  ['error_code', 'VARCHAR'],
  ['bytes_sent', 'BIGINT'],
  ['object_size', 'BIGINT'],
  ['total_time_ms', 'BIGINT'],
  ['turn_around_time_ms', 'BIGINT'],
  ['referer', 'VARCHAR'],
  ['user_agent', 'VARCHAR'],
  ['version_id', 'VARCHAR'],
  ['host_id', 'VARCHAR'],
  ['signature_version', 'VARCHAR'],
  ['cipher_suite', 'VARCHAR'],
  ['authentication_type', 'VARCHAR'],
  ['host_header', 'VARCHAR'],
  ['tls_version', 'VARCHAR'],
  ['access_point_arn', 'VARCHAR'],
  ['acl_required', 'VARCHAR'],
  ['source_region', 'VARCHAR'],
];
const compared = columns.map(([name]) => name).filter((name) => name !== 'offset_of_time' && name !== 'acl_required');
/** Equal only when the multisets of values are, but for a chance of one in 2^64 a column. */
const digest = compared
  .map((name) => `sum(hash(${comparable(name)}))::varchar as ${name}, count(${name}) as ${name}_count`)
  .join(', ');

/** We blank the secrets of presigned requests and DuckDB does not, so both are compared without them. */
function comparable(name: string): string {
  if (name !== 'request_uri') return name;
  return String.raw`regexp_replace(request_uri, '(X-Amz-(?:Signature|Credential|Security-Token)=)[^& ]*', '\1', 'g')`;
}

async function readByDuckDB(logs: string): Promise<unknown> {
  const database = await openDatabase(':memory:', {
    threads: 2,
    memoryBytes: 2e9,
    tempDirectory: temporaryFolder('csv'),
  });
  const types = columns.map(([name, type]) => `'${name}': '${type}'`).join(', ');
  try {
    const [row] = await queryRows(
      database.connection,
      `select count(*) as lines, ${digest}
       from (select distinct * from read_csv($1, delim = ' ', quote = '"', escape = '"', header = false, auto_detect = false,
         nullstr = '-', timestampformat = '[%d/%b/%Y:%H:%M:%S', columns = {${types}}))`,
      [`${logs}/**`],
    );
    return row;
  } finally {
    database.close();
  }
}

describe('access logs beside DuckDB', () => {
  it('gives the same values in every column of a million lines in many files', async () => {
    const logs = temporaryFolder('million');
    const written = writeBenchAccess({
      seed: 11,
      out: logs,
      files: 4000,
      bytesPerFile: 210_000,
      fromMs: Date.UTC(2026, 9, 19),
      hostile: false,
    });
    expect(written.lines).toBeGreaterThan(1_000_000);
    const lake = temporaryFolder('million-lake');
    const totals = await ingestLogs(logs, lake);
    expect(totals).toMatchObject({ lines: written.lines, rejected: 0, objects: 4000, failures: [] });
    const [ours] = await askLake(lake, `select count(*) as lines, ${digest} from s3_access_log`);
    expect(ours).toEqual(await readByDuckDB(logs));
  });
});
