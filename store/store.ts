/** The writing side of a data directory, held by one run at a time. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import {
  attachCatalog,
  catalogVersion,
  checkpointCatalog,
  createCatalog,
  knownPositions,
  withCatalog,
  type LedgerEntry,
} from './catalog.js';
import { commitWave, type Wave } from './commit.js';
import { mergeFiles, smallFiles, type Compacted } from './compaction.js';
import { openDatabase, queryRows, setLimits, withMemory, type Database } from './duckdb.js';
import { createEmptyFiles, sweepLake } from './lake-housekeeping.js';
import { dataDirectory, type DataDirectory } from './lake-files.js';
import { forgetOldDays, type Forgotten } from './retention.js';
import { takeRunLock } from './run-lock.js';
import {
  markInterruptedRuns,
  noTotals,
  saveRun,
  type RunRecord,
  type RunStatus,
  type RunTotals,
} from './run-record.js';
import { publishSnapshot } from './snapshot.js';
import { createMacros } from './views.js';

export interface StoreOptions {
  readonly dataDir: string;
  /** Threads and bytes that the database of the commit may use. */
  readonly threads: number;
  readonly memoryBytes: number;
  /** The command of the run, for the table `runs`. */
  readonly command: string;
  /** Milliseconds since 1970; the only clock of the store. */
  readonly now: () => number;
}

export class Store {
  readonly directory: DataDirectory;
  /** Sortable and unique: the time of the start and four random bytes. */
  readonly runId: string;
  readonly startedAtMs: number;
  /** Totals of what this run has committed. */
  readonly totals: RunTotals = noTotals();
  readonly #options: StoreOptions;
  readonly #workbench: Database;
  #commits = 0;
  /** What uses the connection now. */
  #work: Promise<unknown> = Promise.resolve();
  #prepared: Promise<void> | null = null;

  private constructor(options: StoreOptions, directory: DataDirectory, workbench: Database) {
    this.directory = directory;
    this.#options = options;
    this.#workbench = workbench;
    this.startedAtMs = options.now();
    this.runId = `${new Date(this.startedAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(4).toString('hex')}`;
  }

  /**
   * Takes the lock of the data directory and creates the catalog when there is none. The options may be on their way: DuckDB,
   * which takes a while to begin, does not wait for them.
   * Throws `lock-held`, or `data-dir-unusable` when the folder cannot be written or is of another version.
   */
  static async open(optionsToCome: StoreOptions | Promise<StoreOptions>): Promise<Store> {
    const opening = openDatabase(':memory:', null);
    try {
      const [workbench, options] = await Promise.all([opening, optionsToCome]);
      const directory = dataDirectory(path.resolve(options.dataDir));
      makeDirectories(directory);
      await takeRunLock(workbench.connection, directory);
      const { threads, memoryBytes } = options;
      // The threads that read still hold their share; joins that need more than this spill.
      const limits = { threads, memoryBytes: memoryBytes / 2, tempDirectory: directory.scratch };
      await setLimits(workbench.connection, limits);
      fs.rmSync(directory.scratch, { recursive: true, force: true });
      fs.mkdirSync(directory.scratch, { recursive: true });
      await openCatalog(workbench.connection, directory);
      return new Store(options, directory, workbench);
    } catch (error) {
      await opening.then(
        (workbench) => workbench.close(),
        () => undefined,
      );
      throw error;
    }
  }

  /**
   * Does what nobody needs who only asks what is known: creates what is missing in the lake, sweeps what a killed run left, and gets
   * the connection ready for commits. Whatever needs it calls it; a run does so while its threads read.
   */
  prepare(): Promise<void> {
    this.#prepared ??= this.#alone((connection) => prepareLake(connection, this.directory, this.startedAtMs));
    return this.#prepared;
  }

  /** The objects that the ledger does not have under the same etag, in the given order; counts the others. */
  async skipKnown<Listed extends { readonly uri: string; readonly etag: string }>(
    objects: readonly Listed[],
  ): Promise<Listed[]> {
    if (objects.length === 0) return [];
    const known = await this.#alone((connection) => withCatalog(connection, () => knownPositions(connection, objects)));
    this.totals.objectsSkipped += known.size;
    return objects.filter((_, position) => !known.has(position));
  }

  /** Commits what was read since the last commit. */
  async commit(wave: Wave): Promise<void> {
    if (wave.entries.length === 0 && wave.failures.length === 0) return;
    const totals = structuredClone(this.totals);
    const record = (entries: readonly LedgerEntry[]): RunRecord => {
      addToTotals(totals, entries, wave.failures.length);
      return this.#record('running', totals);
    };
    const prefix = `${this.runId}-c${this.#commits++}`;
    const context = { directory: this.directory, prefix, nowUs: this.#options.now() * 1000, record };
    await this.prepare();
    await this.#alone((connection) => commitWave({ ...context, connection }, wave));
    Object.assign(this.totals, totals);
  }

  /** Merges the small files of days that have at least `mergeAfter` of them; nothing may be read at the same time. */
  async compact(mergeAfter: number, signal?: AbortSignal): Promise<Compacted> {
    const small = await this.transact((connection) => smallFiles(connection, mergeAfter));
    const { memoryBytes } = this.#options;
    return this.#alone((connection) => {
      const context = { connection, directory: this.directory, runId: this.runId, signal };
      // To change the memory takes longer than to see that there is nothing to do.
      if (small.length === 0) return mergeFiles(context, small);
      return withMemory(connection, { bytes: memoryBytes, usualBytes: memoryBytes / 2 }, () =>
        mergeFiles(context, small),
      );
    });
  }

  /** Forgets the logs of days more than so many before the newest event. */
  async forget(days: number): Promise<Forgotten> {
    const nowUs = this.#options.now() * 1000;
    return this.transact((connection) => forgetOldDays(connection, this.directory, { days, nowUs }));
  }

  /** Runs one more transaction on the catalog, for the stages behind ingest. */
  async transact<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    await this.prepare();
    return this.#alone((connection) => withCatalog(connection, work));
  }

  /** Shows readers what was committed so far. */
  async publish(): Promise<void> {
    await this.prepare();
    await this.#alone(checkpointCatalog);
    publishSnapshot(this.directory);
  }

  /** Writes the last row of the run and shows readers everything that was committed. */
  async finish(status: Exclude<RunStatus, 'running'>): Promise<void> {
    await this.transact((connection) => saveRun(connection, this.#record(status, this.totals)));
    await this.publish();
  }

  close(): void {
    // The lock ends with the database, and the folder may be another run's after it.
    fs.rmSync(this.directory.scratch, { recursive: true, force: true });
    this.#workbench.close();
  }

  /** One thing after the other: the connection has one transaction. */
  #alone<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    const result = this.#work.then(() => work(this.#workbench.connection));
    this.#work = result.catch(() => undefined);
    return result;
  }

  #record(status: RunStatus, totals: RunTotals): RunRecord {
    const { command, now } = this.#options;
    const endedAtUs = status === 'running' ? null : now() * 1000;
    return { runId: this.runId, command, startedAtUs: this.startedAtMs * 1000, endedAtUs, status, totals };
  }
}

function makeDirectories(directory: DataDirectory): void {
  try {
    for (const folder of [directory.root, directory.lake, directory.scratch]) fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(directory.root, fs.constants.W_OK);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'data-dir-unusable',
      `${directory.root}: ${found}; expected a folder that can be written; choose one with --data-dir`,
      { cause: error },
    );
  }
}

async function openCatalog(connection: DuckDBConnection, directory: DataDirectory): Promise<void> {
  await attachCatalog(connection, directory);
  await withCatalog(connection, async () => {
    const version = await createCatalog(connection);
    if (version !== catalogVersion) {
      throw new AppError(
        'data-dir-unusable',
        `${directory.root}: written by another version (catalog ${version}); expected catalog ${catalogVersion}; use that version, or another --data-dir`,
      );
    }
    await markInterruptedRuns(connection);
  });
}

async function prepareLake(connection: DuckDBConnection, directory: DataDirectory, nowMs: number): Promise<void> {
  const live = await withCatalog(connection, () =>
    queryRows<{ path: string }>(connection, 'select path from lake_files'),
  );
  await createEmptyFiles(connection, directory);
  sweepLake(directory, new Set(live.map((file) => file.path)), nowMs);
  await createMacros(connection);
}

function addToTotals(totals: RunTotals, entries: readonly LedgerEntry[], failures: number): void {
  totals.objectsFailed += failures;
  for (const entry of entries) {
    totals.objects++;
    totals.lines += entry.lines;
    totals.rows += entry.rows;
    totals.duplicates += entry.duplicates;
    totals.rejected += entry.rejected;
    totals.bytes += entry.size;
    for (const [kind, count] of Object.entries(entry.skipped))
      totals.skipped[kind] = (totals.skipped[kind] ?? 0) + count;
  }
}
