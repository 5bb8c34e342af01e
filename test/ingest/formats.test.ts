/** Whole folders of mixed, odd and hostile objects: everything is accounted for, nothing ends the run. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../store/duckdb.js';
import { packageRoot } from '../../store/sql-files.js';
import { askLake, ingestLogs, temporaryFolder } from '../lake.js';

const owner = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
const line = (id: string, key = 'k'): string =>
  `${owner} acme [19/Oct/2026:10:00:00 +0000] 192.0.2.7 arn:aws:iam::111122223333:user/ada ${id} REST.GET.OBJECT ${key} "GET /${key} HTTP/1.1" 200 - 10 10 5 4 "-" "aws-cli/2.1" - abc= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader acme.s3.amazonaws.com TLSv1.3 - - -`;
const record = (id: string): object => ({
  eventVersion: '1.11',
  eventTime: '2026-10-19T10:00:00Z',
  eventID: id,
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  recipientAccountId: '111122223333',
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ada' },
  requestParameters: { bucketName: 'acme', key: 'k' },
});

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder('formats');
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), content);
  return folder;
}

describe('ingest', () => {
  it('accounts for every kind of object in one folder', async () => {
    const trail = JSON.stringify({ Records: [record('e1'), record('e2')] });
    const logs = folderOf({
      'a-plain': `${line('AAAAAAAAAAAAAAAA')}\n${line('BBBBBBBBBBBBBBBB')}\nrubbish\n`,
      'b-no-last-newline': line('CCCCCCCCCCCCCCCC'),
      'c-compressed': zlib.gzipSync(`${line('DDDDDDDDDDDDDDDD')}\n`),
      'd-trail.json.gz': zlib.gzipSync(trail),
      'e-trail-cut.json.gz': zlib.gzipSync(JSON.stringify({ Records: [record('e3'), record('e4')] })).subarray(0, -9),
      'f-empty': '',
      'g-blank': '\n\n\r\n',
      'h-image.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0]),
      'i-error.xml': '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n',
      'j-repeated': `${line('AAAAAAAAAAAAAAAA')}\n`,
      'k-digest.json': JSON.stringify({
        awsAccountId: '111122223333',
        digestStartTime: '2026-10-19T10:00:00Z',
        digestEndTime: '2026-10-19T11:00:00Z',
        logFiles: [],
      }),
    });
    const dataDir = temporaryFolder('formats-lake');
    const totals = await ingestLogs(logs, dataDir);
    expect(totals.lines).toBe(totals.rows + totals.duplicates + totals.rejected);
    expect(totals).toMatchObject({ objects: 11, rows: 8, duplicates: 1, objectsFailed: 0, skipped: { digest: 1 } });
    expect(await askLake(dataDir, 'select request_id from s3_access_log order by all')).toHaveLength(4);
    expect(await askLake(dataDir, 'select event_id from cloudtrail order by all')).toEqual(
      ['e1', 'e2', 'e3', 'e4'].map((event_id) => ({ event_id })),
    );
    const rejects = await askLake<{ name: string; reason: string }>(
      dataDir,
      `select regexp_extract(log_uri, '[^/]+$') as name, reason from rejects order by all`,
    );
    expect(rejects).toEqual(
      expect.arrayContaining([
        { name: 'a-plain', reason: 'too-few-fields' },
        { name: 'e-trail-cut.json.gz', reason: 'truncated-gzip' },
        { name: 'h-image.png', reason: 'not-a-log' },
        { name: 'i-error.xml', reason: 'not-a-log' },
      ]),
    );
  });

  it('reads nothing the second time, and only what changed the third', async () => {
    const logs = folderOf({ one: `${line('AAAAAAAAAAAAAAAA')}\n`, two: `${line('BBBBBBBBBBBBBBBB')}\n` });
    const dataDir = temporaryFolder('again-lake');
    await ingestLogs(logs, dataDir);
    expect(await ingestLogs(logs, dataDir)).toMatchObject({ objects: 0, objectsSkipped: 2, rows: 0 });
    fs.appendFileSync(path.join(logs, 'one'), `${line('CCCCCCCCCCCCCCCC')}\n`);
    expect(await ingestLogs(logs, dataDir)).toMatchObject({
      objects: 1,
      objectsSkipped: 1,
      lines: 2,
      rows: 1,
      duplicates: 1,
    });
    expect(await askLake(dataDir, 'select count(*)::int as n from s3_access_log')).toEqual([{ n: 3 }]);
  });

  it('keeps a COPY pair and the keys of a batch delete, and drops a record delivered twice in another run', async () => {
    const pair = [
      line('AAAAAAAAAAAAAAAA').replace('REST.GET.OBJECT', 'REST.COPY.OBJECT'),
      line('AAAAAAAAAAAAAAAA').replace('REST.GET.OBJECT', 'REST.COPY.OBJECT_GET'),
    ];
    const batch = ['x', 'y', 'z'].map((key) =>
      line('BBBBBBBBBBBBBBBB', key).replace('REST.GET.OBJECT', 'BATCH.DELETE.OBJECT'),
    );
    const dataDir = temporaryFolder('pairs-lake');
    expect(await ingestLogs(folderOf({ first: `${[...pair, ...batch].join('\n')}\n` }), dataDir)).toMatchObject({
      rows: 5,
      duplicates: 0,
    });
    const again = folderOf({ second: `${[batch[1], line('CCCCCCCCCCCCCCCC'), pair[0]].join('\n')}\n` });
    expect(await ingestLogs(again, dataDir)).toMatchObject({ lines: 3, rows: 1, duplicates: 2 });
  });

  it('gives every line its number when one large file is read by all threads', async () => {
    const count = 140_000;
    const logs = folderOf({
      large: `${Array.from({ length: count }, (_, n) => line(n.toString(36).toUpperCase().padStart(16, '0'))).join('\n')}\n`,
    });
    const dataDir = temporaryFolder('large-lake');
    expect(await ingestLogs(logs, dataDir)).toMatchObject({ objects: 1, lines: count, rows: count });
    const [wrong] = await askLake<{ wrong: number; lines: number }>(
      dataDir,
      `select count(*) filter (where lpad(upper(to_base(log_line - 1, 36)), 16, '0') <> request_id)::int as wrong, count(distinct log_line)::int as lines from s3_access_log`,
    );
    expect(wrong).toEqual({ wrong: 0, lines: count });
  });

  it('bounds a log whose every line claims another day', async () => {
    const days = Array.from({ length: 400 }, (_, n) => {
      const day = new Date(Date.UTC(1990, 0, 1 + n));
      const month = day.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
      return line(n.toString(36).toUpperCase().padStart(16, '0')).replace(
        '19/Oct/2026',
        `${String(day.getUTCDate()).padStart(2, '0')}/${month}/${day.getUTCFullYear()}`,
      );
    });
    const dataDir = temporaryFolder('days-lake');
    expect(await ingestLogs(folderOf({ days: `${days.join('\n')}\n` }), dataDir)).toMatchObject({
      rows: 400,
      duplicates: 0,
    });
    expect(
      await askLake(dataDir, 'select count(distinct dt)::int as days, count(*)::int as n from s3_access_log'),
    ).toEqual([{ days: 400, n: 400 }]);
  });

  it('reads access logs that S3 delivers as Parquet, and a broken one is one reject', async () => {
    const logs = folderOf({ 'broken.parquet': Buffer.from('PAR1 and then nothing that Parquet would say PAR1') });
    const database = await openDatabase(':memory:', { threads: 1, memoryBytes: 128e6, tempDirectory: logs });
    await database.connection.run(
      `copy (select 'acme' as bucket_name, timestamp '2026-10-19 10:00:00.123' as request_time, 'AAAAAAAAAAAAAAAA' as request_id,
         'REST.GET.OBJECT' as operation, 'k' as key_name, 200 as http_status, 9007199254740993 as object_size, '192.0.2.7' as remote_ip) to $1 (format parquet)`,
      [path.join(logs, 'access.parquet')],
    );
    database.close();
    const dataDir = temporaryFolder('parquet-lake');
    expect(await ingestLogs(logs, dataDir)).toMatchObject({ objects: 2, rows: 1, rejected: 1 });
    expect(
      await askLake(
        dataDir,
        'select bucket, key, http_status, object_size, epoch_us(event_time) as time_us, log_line from s3_access_log',
      ),
    ).toEqual([
      {
        bucket: 'acme',
        key: 'k',
        http_status: 200,
        object_size: 9007199254740993n,
        time_us: BigInt(Date.UTC(2026, 9, 19, 10)) * 1000n + 123_000n,
        log_line: 1n,
      },
    ]);
  });

  it('reads standard input', () => {
    const dataDir = temporaryFolder('stdin-lake');
    const { stdout, status } = spawnSync(
      process.execPath,
      [path.join(packageRoot, 'dist/cli/bucketwatch.js'), 'ingest', '-', '--data-dir', dataDir, '--json', '--quiet'],
      { input: `${line('AAAAAAAAAAAAAAAA')}\n`, encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ objects: 1, lines: 1, rows: 1 });
  });
});
