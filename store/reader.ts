/** The reading side of a data directory: the published snapshot, read-only, with the views over the lake. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import { allLiveFiles } from './catalog.js';
import { openDatabase, type Database } from './duckdb.js';
import { viewFiles } from './lake-housekeeping.js';
import { dataDirectory, type LakeTable } from './lake-files.js';
import { createViews } from './views.js';

export interface ReaderOptions {
  readonly dataDir: string;
  readonly threads: number;
  readonly memoryBytes: number;
}

/**
 * Opens the snapshot with all views; the tables of the catalog are in it too. Any number of readers work beside a
 * writer. Throws `data-dir-unusable` when nothing was ever ingested there.
 */
export async function openReader({ dataDir, threads, memoryBytes }: ReaderOptions): Promise<Database> {
  const directory = dataDirectory(path.resolve(dataDir));
  if (!fs.existsSync(directory.snapshot)) {
    throw new AppError(
      'data-dir-unusable',
      `${directory.root}: holds no data yet; expected a data directory of bucketwatch; run "bucketwatch ingest PATH" first, or name another with --data-dir`,
    );
  }
  const tempDirectory = path.join(directory.root, `spill-${process.pid}`);
  const database = await openDatabase(directory.snapshot, { threads, memoryBytes, tempDirectory, readOnly: true });
  const live = await allLiveFiles(database.connection);
  const filesOf = (table: LakeTable): string[] => viewFiles(directory, table, live.get(table) ?? []);
  const files = {
    access_log: filesOf('access_log'),
    cloudtrail: filesOf('cloudtrail'),
    rejects: filesOf('rejects'),
    activity: filesOf('activity'),
    sightings: filesOf('sightings'),
  };
  await createViews(database.connection, files, { isOneLog: !live.has('access_log') || !live.has('cloudtrail') });
  return database;
}
