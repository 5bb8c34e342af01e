/** A back-fill of many days in the memory of a small machine: what one COPY holds of its days is bounded. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openDatabase, queryRows, type Database } from '../../store/duckdb.js';
import { dataDirectory } from '../../store/lake-files.js';
import { copyByDay } from '../../store/lake-rewrite.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bucketwatch-back-fill-'));
let database: Database;

afterEach(() => {
  database.close();
  fs.rmSync(folder, { recursive: true });
});

test('ninety days of wide rows reach their days within 200 MB', async () => {
  database = await openDatabase(path.join(folder, 'rows.duckdb'), {
    threads: 2,
    memoryBytes: 200e6,
    tempDirectory: path.join(folder, 'spill'),
  });
  const { connection } = database;
  // Rows of each hour of ninety days, in no order of time, 1.5 kB each that does not compress: what CloudTrail's records are like.
  await connection.run(
    `create temp table survivors as
     select timestamp '2026-07-01' + to_hours(cast((i * 7919) % 2160 as integer)) as event_time, i as number,
       concat_ws(' ', ${Array.from({ length: 48 }, (_, part) => `md5(concat(i, ' ${part}'))`).join(', ')}) as record
     from range(200000) numbers(i)`,
  );
  const directory = dataDirectory(path.join(folder, 'data'));
  fs.mkdirSync(path.join(directory.lake, 'cloudtrail'), { recursive: true });

  const files = await copyByDay(connection, directory, { table: 'cloudtrail', rows: 'survivors', name: 'wave' });

  expect(new Set(files.map(({ day }) => day)).size).toBe(90);
  expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(200_000);
  const [read] = await queryRows<{ rows: bigint; numbers: bigint; misplaced: bigint }>(
    connection,
    `select count(*) as rows, count(distinct number) as numbers, count_if(cast(event_time as date) <> dt) as misplaced
     from read_parquet($1, hive_partitioning = true)`,
    [`${directory.lake}/cloudtrail/*/*.parquet`],
  );
  expect(read).toEqual({ rows: 200_000n, numbers: 200_000n, misplaced: 0n });
});
