/** Compares what we wrote with what the rival wrote: rows, and of each column its type, its count and its digest. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openDatabase, queryRows, setList } from '../store/duckdb.js';
import { packageRoot } from '../store/sql-files.js';

export interface ComparedAnswers {
  readonly table: 'access_log' | 'cloudtrail';
  /** Our data directory. */
  readonly lake: string;
  /** Folder of the rival's Parquet files. */
  readonly rival: string;
  /** True when the rival must have every column that is compared; else only those that it has count. */
  readonly isComplete: boolean;
}

/** Throws at the first difference; answers the number of columns that are the same. */
export async function compareAnswers({ table, lake, rival, isComplete }: ComparedAnswers): Promise<number> {
  const sql = fs.readFileSync(
    path.join(packageRoot, `bench/answers/${table === 'access_log' ? 'access-log' : 'cloudtrail'}.sql`),
    'utf8',
  );
  const ours = await answerOf(sql, path.join(lake, 'lake', table, '**', '*.parquet'));
  const theirs = await answerOf(sql, path.join(rival, '*.parquet'));
  // A rival that does not decode keys has them in one column, as logged, and we in two.
  const names = isComplete ? Object.keys(ours) : Object.keys(theirs).filter((name) => !name.startsWith('key_raw_'));
  for (const name of names) {
    if (ours[name] !== theirs[name])
      throw new Error(
        `${name}: ours is ${String(ours[name])}, the rival's is ${String(theirs[name])}; expected the same`,
      );
  }
  return names.filter((name) => name.endsWith('_digest')).length;
}

type Answer = Readonly<Record<string, unknown>>;

async function answerOf(sql: string, files: string): Promise<Answer> {
  const database = await openDatabase(':memory:', {
    threads: os.availableParallelism(),
    memoryBytes: 4e9,
    tempDirectory: os.tmpdir(),
  });
  try {
    await setList(database.connection, 'compared_files', [files]);
    const [row] = await queryRows<Answer>(database.connection, sql);
    return row!;
  } finally {
    database.close();
  }
}
