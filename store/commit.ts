/** Turns what a run has read into one transaction: duplicates out, accounts checked, rollups made, everything visible at once. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import {
  addFailures,
  addLakeFiles,
  addObjects,
  liveFiles,
  withCatalog,
  type LedgerEntry,
  type ObjectFailure,
} from './catalog.js';
import { removeDuplicates } from './duplicates.js';
import { emptyFile } from './lake-housekeeping.js';
import type { DataDirectory, LakeFile, LakeTable } from './lake-files.js';
import { discardObjects } from './lake-rewrite.js';
import { mergeRollups, writeRollups } from './rollups.js';
import { saveRun, type RunRecord } from './run-record.js';
import { runSqlFileOfRun } from './sql-files.js';
import type { StagedFiles } from './stage.js';
import { addTrailObjects } from './trail-objects.js';
import { setFiles } from './views.js';

/** What a run has read since its last commit. */
export interface Wave {
  readonly staged: StagedFiles;
  /** As they were read: the commit finds the duplicates. */
  readonly entries: readonly LedgerEntry[];
  readonly failures: readonly ObjectFailure[];
  /** Objects that were not read to the end: nothing of them stays. */
  readonly unreadable: readonly string[];
  /** Objects whose rows turned out to be worthless, for example by a checksum: their rejects stay. */
  readonly withoutRows: readonly string[];
}

export interface CommitContext {
  /** Has the macros of the views. */
  readonly connection: DuckDBConnection;
  readonly directory: DataDirectory;
  /** Begins the names of the files of this commit. */
  readonly prefix: string;
  readonly nowUs: number;
  /** The row of the run after this commit, from the ledger entries that it adds. */
  readonly record: (entries: readonly LedgerEntry[]) => RunRecord;
}

/** Commits a wave and answers its ledger entries with their duplicates. Nothing is visible if it throws. */
export async function commitWave(context: CommitContext, wave: Wave): Promise<LedgerEntry[]> {
  const { connection, directory, prefix } = context;
  const staged = await discardObjects(connection, directory, { ...wave, prefix });
  const overlapping = (table: LakeTable, minTimeUs: number, maxTimeUs: number): Promise<string[]> =>
    withCatalog(connection, async () =>
      absolute(directory, await liveFiles(connection, table, { minTimeUs, maxTimeUs })),
    );
  const { files, duplicates } = await removeDuplicates({ connection, directory, prefix, overlapping }, staged);
  const entries = wave.entries.map((entry) => {
    const repeated = duplicates.get(entry.uri);
    return repeated === undefined ? entry : { ...entry, rows: entry.rows - repeated, duplicates: repeated };
  });
  checkAccounts(entries, files);
  const rollups = await rollUp(context, files);
  await withCatalog(connection, () => writeCatalog(context, { wave, entries, files: [...files, ...rollups] }));
  await connection.run('drop table if exists access_log_groups; drop table if exists cloudtrail_groups');
  for (const suspect of staged.suspects) fs.rmSync(suspect.path, { force: true });
  return entries;
}

async function rollUp(
  { connection, directory, prefix, nowUs }: CommitContext,
  files: readonly LakeFile[],
): Promise<LakeFile[]> {
  const filesOf = (table: LakeTable): string[] => {
    const own = files.filter((file) => file.table === table).map((file) => file.path);
    return own.length > 0 ? absolute(directory, own) : [emptyFile(directory, table)];
  };
  await setFiles(connection, { access_log: filesOf('access_log'), cloudtrail: filesOf('cloudtrail') });
  return writeRollups(connection, directory, { day: dayOfRun(nowUs), prefix });
}

interface CatalogRows {
  readonly wave: Wave;
  readonly entries: readonly LedgerEntry[];
  readonly files: readonly LakeFile[];
}

async function writeCatalog(context: CommitContext, { wave, entries, files }: CatalogRows): Promise<void> {
  const { connection, directory, prefix, nowUs } = context;
  const record = context.record(entries);
  await addObjects(connection, record.runId, nowUs, entries);
  await addTrailObjects(connection, record.runId, entries);
  await addFailures(connection, nowUs, wave.failures);
  await addLakeFiles(connection, record.runId, files);
  await addLakeFiles(
    connection,
    record.runId,
    await mergeRollups(connection, directory, { day: dayOfRun(nowUs), prefix }),
  );
  await runSqlFileOfRun(connection, 'store/configuration.sql', record.runId);
  await saveRun(connection, record);
}

/** Every record of every object is a row, a duplicate or a reject, and the files hold exactly the rows and rejects. */
function checkAccounts(entries: readonly LedgerEntry[], files: readonly LakeFile[]): void {
  const advice = 'nothing was committed; please report this';
  for (const { uri, lines, rows, duplicates, rejected } of entries) {
    if (lines === rows + duplicates + rejected && rows >= 0) continue;
    throw new AppError(
      'store-damaged',
      `${uri}: ${lines} lines are not ${rows} rows + ${duplicates} duplicates + ${rejected} rejects; ${advice}`,
    );
  }
  const total = (count: 'rows' | 'rejected'): number => entries.reduce((sum, entry) => sum + entry[count], 0);
  const stored = (rejects: boolean): number =>
    files.filter(({ table }) => (table === 'rejects') === rejects).reduce((sum, { rows }) => sum + rows, 0);
  if (total('rows') === stored(false) && total('rejected') === stored(true)) return;
  throw new AppError(
    'store-damaged',
    `the new lake files hold ${stored(false)} rows and ${stored(true)} rejects, and the objects ${total('rows')} and ${total('rejected')}; ${advice}`,
  );
}

function absolute(directory: DataDirectory, files: readonly string[]): string[] {
  return files.map((file) => path.resolve(directory.root, file));
}

function dayOfRun(nowUs: number): string {
  return new Date(nowUs / 1000).toISOString().slice(0, 10);
}
