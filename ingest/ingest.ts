/** Reads what is new in the sources into the store: plan, read on all threads, commit in waves of bounded size. */
import type { AppError } from '../config/app-error.js';
import type { ObjectFailure } from '../store/catalog.js';
import { RequestFilter } from '../store/request-filter.js';
import type { Store } from '../store/store.js';
import { OutcomeCollector } from './outcome-collector.js';
import type { ReadOutcome } from './object-reader.js';
import { RunResults } from './run-results.js';
import type { Source } from './source.js';
import { TaskQueue } from './task-queue.js';
import { WorkerPool } from './worker-pool.js';
import type { SourceTask } from './worker-messages.js';

/** How far an ingest is; all counts are totals so far. Totals to come are null until the sources are listed. */
export interface IngestProgress {
  objects: number;
  objectsTotal: number | null;
  /** Bytes of the objects as stored. */
  bytes: number;
  bytesTotal: number | null;
  rows: number;
  rejected: number;
}

export interface IngestOptions {
  readonly threads: number;
  /** Bytes that a run may hold in memory, threads and databases together; a goal, not a guarantee of the system. */
  readonly memoryBytes: number;
  readonly maxInflatedBytes: number;
  readonly maxRecordBytes?: number;
  /** The first wait before an object of S3 is asked for again. */
  readonly retryWaitMs?: number;
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly onWarning?: (message: string) => void;
  /** Ends the run early: what was read is committed, the rest stays for the next run. */
  readonly signal?: AbortSignal;
}

export interface IngestResult {
  readonly failures: readonly ObjectFailure[];
  /** Objects that were changed or deleted between their listing and their reading; a changed one is listed anew. */
  readonly gone: readonly string[];
  /** Sources that could not be listed to their end, or not be read at all. */
  readonly errors: readonly AppError[];
  /** True when the signal ended the run early. */
  readonly interrupted: boolean;
}

/**
 * Rows of one commit. Bounds the filter of request ids, and what a killed run reads again: about five seconds of work.
 */
const waveRows = 1_000_000;
/** Objects of one commit. */
const waveObjects = 25_000;
/** Four bytes a slot; twice the slots that a wave needs keep probes short. */
const filterSlots = 1 << 21;
/** A limit and not a reservation: a worker opens a database for logs that are Parquet, which it turns into JSON lines. */
const workerDatabaseBytes = 1e9;
/** Objects on their way from S3, over all threads. */
const objectsInFlight = 48;
const maxBytesAhead = 16 << 20;

/** Reads every object of the sources that the ledger does not have. Totals are in `store.totals`. */
export async function ingest(store: Store, sources: readonly Source[], options: IngestOptions): Promise<IngestResult> {
  const warn = options.onWarning ?? ((): void => undefined);
  const work = new TaskQueue(store, sources, { signal: options.signal, warn });
  const results = new RunResults(work);
  try {
    const first = await work.next();
    if (first !== null) {
      work.giveBack(first);
      await readAll(store, { work, results, options });
    }
    const interrupted = options.signal?.aborted === true;
    if (!interrupted) for (const source of work.listed) await source.finished?.();
    return { failures: results.failures, gone: results.gone, errors: work.errors, interrupted };
  } finally {
    for (const source of sources) await source.close?.();
  }
}

interface RunWork {
  readonly work: TaskQueue;
  readonly results: RunResults;
  readonly options: IngestOptions;
}

async function readAll(store: Store, { work, results, options }: RunWork): Promise<void> {
  const { signal } = options;
  const progress: IngestProgress = { objects: 0, objectsTotal: null, bytes: 0, bytesTotal: null, rows: 0, rejected: 0 };
  const filter = new RequestFilter(filterSlots);
  const pool = startPool(store, filter, options, work.isSmall ? 1 : options.threads);
  const cancel = (): void => pool.cancel();
  signal?.addEventListener('abort', cancel);
  // While the threads read. If it fails, the commit will say so.
  const prepared = store.prepare().catch(() => undefined);
  try {
    while (!work.isDone && options.signal?.aborted !== true) {
      await readWave({ store, pool, work, options, progress, results });
      filter.clear();
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    await pool.stop();
    await prepared;
  }
}

function startPool(store: Store, filter: RequestFilter, options: IngestOptions, threads: number): WorkerPool {
  const share = options.memoryBytes / threads;
  const settings = {
    dataDir: store.directory.root,
    runDay: new Date(store.startedAtMs).toISOString().slice(0, 10),
    filter: filter.buffer,
    // An encoder holds about as much, and while it writes a page or two.
    stageBytes: Math.max(8e6, Math.min(96e6, share / 5)),
    databaseBytes: workerDatabaseBytes,
    maxRecordBytes: options.maxRecordBytes ?? 1 << 20,
    maxInflatedBytes: options.maxInflatedBytes,
    objectsAhead: Math.max(1, Math.floor(objectsInFlight / threads)),
    bytesAhead: Math.min(maxBytesAhead, share / 10),
    retryWaitMs: options.retryWaitMs,
  };
  return new WorkerPool(threads, settings, store.runId);
}

interface WaveWork {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly work: TaskQueue;
  readonly options: IngestOptions;
  readonly progress: IngestProgress;
  readonly results: RunResults;
}

/** Reads and commits one wave. */
async function readWave({ store, pool, work, options, progress, results }: WaveWork): Promise<void> {
  const outcomes = new OutcomeCollector();
  const before = { ...progress };
  const next = async (): Promise<SourceTask | null> => {
    const full = outcomes.rows >= waveRows || outcomes.objects >= waveObjects;
    if ((full && !outcomes.hasOpenObject) || options.signal?.aborted === true) return null;
    const given = await work.next();
    if (given !== null) outcomes.expect(given.task);
    return given;
  };
  const done = (read: readonly ReadOutcome[], given: SourceTask): void => {
    results.add(read, given);
    for (const outcome of read) {
      outcomes.add(outcome);
      progress.rows += outcome.rows;
      progress.rejected += outcome.rejected;
    }
    progress.objects = before.objects + outcomes.objects;
    progress.bytes = before.bytes + outcomes.bytes;
    progress.objectsTotal = work.isDone ? work.objects : null;
    progress.bytesTotal = work.isDone ? work.bytes : null;
    options.onProgress?.(progress);
  };
  const staged = await pool.readWave(next, done);
  const wave = outcomes.wave(staged, (uri, problem) => results.tryAgain(uri, problem));
  // The threads leave memory and cores to the last commit.
  const stopped = work.isDone ? pool.stop() : Promise.resolve();
  await Promise.all([store.commit(wave), stopped]);
  await results.committed(wave);
}
