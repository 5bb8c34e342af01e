/** Reads what is new in the sources into the store: plan, read on all threads, commit in waves of bounded size. */
import type { ObjectFailure } from '../store/catalog.js';
import { RequestFilter } from '../store/request-filter.js';
import type { Store } from '../store/store.js';
import { OutcomeCollector } from './outcome-collector.js';
import { planTasks } from './plan.js';
import type { Source, SourceObject } from './source.js';
import { WorkerPool } from './worker-pool.js';
import type { Task } from './worker-messages.js';

/** How far an ingest is; all counts are totals so far. */
export interface IngestProgress {
  objects: number;
  objectsTotal: number;
  /** Bytes of the objects as stored. */
  bytes: number;
  bytesTotal: number;
  rows: number;
  rejected: number;
}

export interface IngestOptions {
  readonly threads: number;
  /** Bytes that a run may hold in memory, threads and databases together; a goal, not a guarantee of the system. */
  readonly memoryBytes: number;
  readonly maxInflatedBytes: number;
  readonly maxRecordBytes?: number;
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Ends the run early: what was read is committed, the rest stays for the next run. */
  readonly signal?: AbortSignal;
}

export interface IngestResult {
  readonly failures: readonly ObjectFailure[];
  /** True when the signal ended the run early. */
  readonly interrupted: boolean;
}

/**
 * Rows of one commit. Bounds the filter of request ids, and what a killed run reads again: about ten seconds of work.
 */
const waveRows = 4_000_000;
/** Objects of one commit. */
const waveObjects = 50_000;
/** Four bytes a slot; twice the slots that a wave needs keep probes short. */
const filterSlots = 1 << 23;
const objectsPerListing = 50_000;

/** Reads every object of the sources that the ledger does not have. Totals are in `store.totals`. */
export async function ingest(store: Store, sources: readonly Source[], options: IngestOptions): Promise<IngestResult> {
  const failures: ObjectFailure[] = [];
  const progress: IngestProgress = { objects: 0, objectsTotal: 0, bytes: 0, bytesTotal: 0, rows: 0, rejected: 0 };
  let pool: WorkerPool | null = null;
  let filter: RequestFilter | null = null;
  try {
    for await (const unread of unreadObjects(store, sources)) {
      progress.objectsTotal += unread.length;
      progress.bytesTotal += unread.reduce((sum, { size }) => sum + size, 0);
      filter ??= new RequestFilter(filterSlots);
      pool ??= startPool(store, filter, options, unread);
      const tasks = planTasks(unread);
      for (let more = true; more && options.signal?.aborted !== true;) {
        more = await readWave({ store, pool, filter, tasks, options, progress, failures });
      }
      if (options.signal?.aborted === true) break;
    }
  } finally {
    await pool?.stop();
  }
  return { failures, interrupted: options.signal?.aborted === true };
}

/** Lists the sources and leaves out what the ledger has, in portions that fit memory. */
async function* unreadObjects(store: Store, sources: readonly Source[]): AsyncGenerator<SourceObject[]> {
  for (const source of sources) {
    let listed: SourceObject[] = [];
    for await (const object of source.list()) {
      if (listed.push(object) < objectsPerListing) continue;
      yield await store.skipKnown(listed);
      listed = [];
    }
    yield await store.skipKnown(listed);
  }
}

function startPool(
  store: Store,
  filter: RequestFilter,
  options: IngestOptions,
  unread: readonly SourceObject[],
): WorkerPool {
  const bytes = unread.reduce((sum, { size }) => sum + size, 0);
  const threads = unread.length < 8 && bytes < 8 << 20 ? 1 : options.threads;
  const share = options.memoryBytes / threads;
  const settings = {
    dataDir: store.directory.root,
    runDay: new Date(store.startedAtMs).toISOString().slice(0, 10),
    filter: filter.buffer,
    // A stage holds its bytes once more while DuckDB encodes them.
    stageBytes: Math.max(8e6, Math.min(96e6, share / 4)),
    databaseBytes: Math.max(128e6, share),
    maxRecordBytes: options.maxRecordBytes ?? 1 << 20,
    maxInflatedBytes: options.maxInflatedBytes,
  };
  return new WorkerPool(threads, settings, store.runId);
}

interface WaveWork {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly filter: RequestFilter;
  readonly tasks: Generator<Task>;
  readonly options: IngestOptions;
  readonly progress: IngestProgress;
  readonly failures: ObjectFailure[];
}

/** Reads and commits one wave; false when there were no tasks left. */
async function readWave({ store, pool, filter, tasks, options, progress, failures }: WaveWork): Promise<boolean> {
  const outcomes = new OutcomeCollector();
  const before = { ...progress };
  let more = true;
  const next = (): Task | null => {
    const full = outcomes.rows >= waveRows || outcomes.objects >= waveObjects;
    if ((full && !outcomes.hasOpenObject) || options.signal?.aborted === true) return null;
    const { value, done } = tasks.next();
    if (done === true) {
      more = false;
      return null;
    }
    outcomes.expect(value);
    return value;
  };
  await pool.read(next, (read) => {
    for (const outcome of read) {
      outcomes.add(outcome);
      progress.rows += outcome.rows;
      progress.rejected += outcome.rejected;
    }
    progress.objects = before.objects + outcomes.objects;
    progress.bytes = before.bytes + outcomes.bytes;
    options.onProgress?.(progress);
  });
  const wave = outcomes.wave(await pool.flush());
  failures.push(...wave.failures);
  await store.commit(wave);
  filter.clear();
  return more;
}
