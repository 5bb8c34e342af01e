/** Merging small files changes how many files hold the lake, and nothing that anybody can ask of it. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { queryRows } from '../../store/duckdb.js';
import { Store } from '../../store/store.js';
import { askLake, ingestLogs, openLake, temporaryFolder } from '../lake.js';

const days = ['17', '18', '19'];
const rounds = 4;
const memoryBytes = 512e6;

function line(day: string, round: number, number: number): string {
  const time = `${day}/Oct/2026:${String(number % 24).padStart(2, '0')}:00:${String(round).padStart(2, '0')} +0000`;
  const id = `${day}${round}${String(number).padStart(4, '0')}`.padStart(16, 'A');
  return `- acme-logs [${time}] 192.0.2.${number % 9} arn:aws:iam::111122223333:user/ada ${id} REST.GET.OBJECT k/${number} "GET /k HTTP/1.1" 200 - 10 10 5 4 "-" "aws-cli/2.1" - abc= SigV4 - AuthHeader acme-logs.s3.amazonaws.com - - - -`;
}

/** One ingest for each round: files of three days each time, and a line that cannot be read. */
async function smallFiles(logs: string, dataDir: string): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const lines = days.flatMap((day) => Array.from({ length: 50 }, (_, number) => line(day, round, number)));
    fs.writeFileSync(path.join(logs, `2026-10-19-00-00-0${round}-AAAAAAAAAAAAAAAA`), `${lines.join('\n')}\nnothing\n`);
    await ingestLogs(logs, dataDir);
  }
}

async function compact(dataDir: string, mergeAfter: number, signal?: AbortSignal) {
  const store = await Store.open({ dataDir, threads: 2, memoryBytes, command: 'compact', now: Date.now });
  try {
    const compacted = await store.compact(mergeAfter, signal);
    await store.finish('done');
    return compacted;
  } finally {
    store.close();
  }
}

/** Count and digest of all rows of what analysts ask. */
const contents = `
select 's3_access_log' as name, count(*)::integer as n, sum(hash(event_time, bucket, key, request_id, has_key, log_uri, log_line, dt))::varchar as digest
from s3_access_log
union all
select 's3_events', count(*)::integer, sum(hash(event_time, action, principal, row_id, dt))::varchar from s3_events
union all
select 'rejects', count(*)::integer, sum(hash(log_uri, log_line, reason, raw, run_date))::varchar from rejects
order by name`;

/** Live files of a table by day. */
const liveFiles = `
select table_name || ' ' || cast(day as varchar) as day, count(*)::integer as files, sum(rows)::integer as n,
  cast(min(min_event_time) as varchar) as first, cast(max(max_event_time) as varchar) as last
from lake_files where table_name = 'access_log' group by all order by day`;

const lake = temporaryFolder('compaction-lake');
let dataDir: string;

beforeAll(() => smallFiles(temporaryFolder('compaction-logs'), lake));

beforeEach(() => {
  dataDir = temporaryFolder('compaction-copy');
  fs.cpSync(lake, dataDir, { recursive: true });
});

describe('compaction', () => {
  it('leaves a file a day with the same rows, which a second one leaves alone', async () => {
    const before = await askLake(dataDir, contents);
    expect(before).toMatchObject([{ n: rounds }, { n: 600 }, { n: 600 }]);
    const many = await askLake<{ files: number }>(dataDir, liveFiles);
    expect(many.map(({ files }) => files)).toEqual([rounds, rounds, rounds]);

    const { filesBefore, filesAfter, bytesAfter } = await compact(dataDir, 2);

    expect([filesBefore, filesAfter]).toEqual([rounds * 3 + rounds, 3 + 1]);
    expect(bytesAfter).toBeGreaterThan(0);
    expect(await askLake(dataDir, contents)).toEqual(before);
    expect(await askLake(dataDir, liveFiles)).toEqual(many.map((day) => ({ ...day, files: 1 })));
    expect(await compact(dataDir, 2)).toMatchObject({ filesBefore: 0, filesAfter: 0 });
  });

  it('leaves days with fewer files alone', async () => {
    expect(await compact(dataDir, rounds + 1)).toMatchObject({ filesBefore: 0 });
  });

  it('stops when the run is asked to end, and loses nothing', async () => {
    const before = await askLake(dataDir, contents);
    expect(await compact(dataDir, 2, AbortSignal.abort())).toMatchObject({ filesBefore: 0 });
    expect(await askLake(dataDir, contents)).toEqual(before);
  });

  it('takes no file from a reader that is open', async () => {
    const reader = await openLake(dataDir);
    try {
      const before = await queryRows(reader.connection, contents);
      await compact(dataDir, 2);
      // The sweep at the start of the next run leaves what was replaced a moment ago.
      await compact(dataDir, 2);
      expect(await queryRows(reader.connection, contents)).toEqual(before);
    } finally {
      reader.close();
    }
  });

  it('replaces nothing when a file cannot be read', async () => {
    const [file] = await askLake<{ path: string }>(
      dataDir,
      `select path from lake_files where table_name = 'access_log' order by day desc limit 1`,
    );
    const absolute = path.join(dataDir, file!.path);
    const bytes = fs.readFileSync(absolute);
    fs.writeFileSync(absolute, bytes.subarray(0, bytes.length / 2));

    await expect(compact(dataDir, 2)).rejects.toThrow(/Parquet|parquet|magic/);

    fs.writeFileSync(absolute, bytes);
    expect(await askLake(dataDir, contents)).toMatchObject([{ n: rounds }, { n: 600 }, { n: 600 }]);
  });

  it('finds a repeated row in a merged file', async () => {
    await compact(dataDir, 2);
    const logs = temporaryFolder('compaction-again');
    fs.writeFileSync(path.join(logs, '2026-10-20-00-00-00-BBBBBBBBBBBBBBBB'), `${line('18', 2, 7)}\n`);
    expect(await ingestLogs(logs, dataDir)).toMatchObject({ rows: 0, duplicates: 1 });
  });
});
