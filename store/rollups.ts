/** Writes the rollups of new files, and merges small rollup files so that reading them stays cheap. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from './duckdb.js';
import { leaveToReaders } from './lake-housekeeping.js';
import { lakePath, type DataDirectory, type LakeFile } from './lake-files.js';
import { copyToFile } from './lake-rewrite.js';
import { runSqlFile } from './sql-files.js';

/** Rollups are written at every commit: after so many small files they are merged into one. */
const mergeAfterFiles = 24;
const smallFileBytes = 16e6;

const rollups = {
  activity: {
    source: 'new_activity',
    merged: `select hour, source, principal, principal_account_id, bucket, action_class, sum(requests)::bigint as requests,
        sum(errors)::bigint as errors, sum(bytes_out)::bigint as bytes_out, sum(bytes_in)::bigint as bytes_in, is_anonymous, is_aws_service
      from read_parquet(getvariable('small_files')) group by all`,
  },
  sightings: {
    source: 'new_sightings',
    merged: `select day, source, dimension, entity, value, sum(events)::bigint as events, min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
      from read_parquet(getvariable('small_files')) group by all`,
  },
} as const;
type Rollup = keyof typeof rollups;
const rollupNames = Object.keys(rollups) as Rollup[];

export interface RollupName {
  /** The day that the files are kept under: that of the run. */
  readonly day: string;
  readonly prefix: string;
}

/** Works out the rollups of the files that the views read; leaves the temporary table `access_log_groups` behind, which says the hours. */
export async function writeRollups(
  connection: DuckDBConnection,
  directory: DataDirectory,
  name: RollupName,
): Promise<LakeFile[]> {
  await runSqlFile(connection, 'store/rollup.sql');
  const files: LakeFile[] = [];
  for (const table of rollupNames) {
    const file = await copyRollup(connection, directory, { table, query: `from ${rollups[table].source}`, ...name });
    if (file !== null) files.push(file);
  }
  return files;
}

/**
 * Merges the small files of each rollup when there are many. Runs inside the catalog's transaction: the manifest
 * changes with it, and the merged files are swept later, when no reader can have an older snapshot in use.
 */
export async function mergeRollups(
  connection: DuckDBConnection,
  directory: DataDirectory,
  name: RollupName,
): Promise<LakeFile[]> {
  const files: LakeFile[] = [];
  for (const table of rollupNames) {
    const small = await queryRows<{ path: string }>(
      connection,
      'select path from lake_files where table_name = $1 and bytes < $2',
      [table, BigInt(smallFileBytes)],
    );
    if (small.length < mergeAfterFiles) continue;
    const paths = small.map((file) => path.resolve(directory.root, file.path));
    await setList(connection, 'small_files', paths);
    const merged = await copyRollup(connection, directory, {
      table,
      query: rollups[table].merged,
      day: name.day,
      prefix: `${name.prefix}-merged`,
    });
    await connection.run('delete from lake_files where table_name = $1 and bytes < $2', [
      table,
      BigInt(smallFileBytes),
    ]);
    leaveToReaders(paths);
    if (merged !== null) files.push(merged);
  }
  return files;
}

async function copyRollup(
  connection: DuckDBConnection,
  directory: DataDirectory,
  { table, query, day, prefix }: RollupName & { table: Rollup; query: string },
): Promise<LakeFile | null> {
  const relative = lakePath(table, day, prefix);
  const file = path.resolve(directory.root, relative);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const written = await copyToFile(connection, { file, query });
  return written === null ? null : { table, path: relative, day, ...written, minTimeUs: null, maxTimeUs: null };
}
