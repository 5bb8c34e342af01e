/** The reading side of a data directory: the published snapshot, read-only, with the views over the lake. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import { liveFiles } from './catalog.js';
import { openDatabase, type Database } from './duckdb.js';
import { emptyFile } from './lake-housekeeping.js';
import { dataDirectory, type LakeTable } from './lake-files.js';
import { createViews, type ViewFiles } from './views.js';

export interface ReaderOptions {
  readonly dataDir: string;
  readonly threads: number;
  readonly memoryBytes: number;
}

const viewsOfOneLog = `
create or replace temp view s3_events as select * from separate_events;
create or replace temp view activity_by_hour as select * from separate_activity_by_hour;
`;

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
  const filesOf = async (table: LakeTable): Promise<string[]> => {
    const files = await liveFiles(database.connection, table);
    return [...files.map((file) => path.resolve(directory.root, file)), emptyFile(directory, table)];
  };
  const files: Record<string, string[]> = {};
  for (const table of ['access_log', 'cloudtrail', 'rejects', 'activity', 'sightings'] as const)
    files[table] = await filesOf(table);
  await createViews(database.connection, files as unknown as ViewFiles);
  // Where one of the logs has nothing but the file without rows, no request is in both: nothing is asked of the ids.
  if (files['access_log']!.length === 1 || files['cloudtrail']!.length === 1)
    await database.connection.run(viewsOfOneLog);
  return database;
}
