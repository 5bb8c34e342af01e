/** Reads what is new in the sources into the store: plan, read on all threads, commit in waves of bounded size. */
import type { ObjectFailure } from '../store/catalog.js';
import { RequestFilter } from '../store/request-filter.js';
import type { Store } from '../store/store.js';
import { OutcomeCollector } from './outcome-collector.js';
import { planTasks } from './plan.js';
import type { Source, SourceObject } from './source.js';
import { WorkerPool } from './worker-pool.js';
import type { Task } from './worker-messages.js';

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
const waveRows = 2_000_000;
/** Objects of one commit. */
const waveObjects = 25_000;
/** Four bytes a slot; twice the slots that a wave needs keep probes short. */
const filterSlots = 1 << 22;
/**
 * A limit and not a reservation: what a worker's database holds is bounded by the stage. It is far above that, because
 * DuckDB ends the process when it runs out of memory inside a hand-over.
 */
const workerDatabaseBytes = 1e9;
/** Objects that are compared with the ledger at once: few, so that threads begin while the rest is still being listed. */
const objectsPerPortion = 2000;

/** Reads every object of the sources that the ledger does not have. Totals are in `store.totals`. */
export async function ingest(store: Store, sources: readonly Source[], options: IngestOptions): Promise<IngestResult> {
  const work = new TaskQueue(store, sources);
  const first = await work.next();
  if (first === null) {
    if (work.error !== null) throw work.error;
    return { failures: [], interrupted: false };
  }
  const failures: ObjectFailure[] = [];
  const progress: IngestProgress = { objects: 0, objectsTotal: null, bytes: 0, bytesTotal: null, rows: 0, rejected: 0 };
  const filter = new RequestFilter(filterSlots);
  const pool = startPool(store, filter, options, work.isSmall ? 1 : options.threads);
  work.giveBack(first);
  try {
    while (!work.isDone && options.signal?.aborted !== true) {
      await readWave({ store, pool, work, options, progress, failures });
      filter.clear();
    }
  } finally {
    await pool.stop();
  }
  if (work.error !== null) throw work.error;
  return { failures, interrupted: options.signal?.aborted === true };
}

/** The tasks of a run, made while the sources are listed. A source that cannot be listed ends it, and nothing that was read. */
class TaskQueue {
  /** Objects and bytes that are to be read, as far as the sources have been listed. */
  objects = 0;
  bytes = 0;
  isDone = false;
  error: Error | null = null;
  readonly #tasks: AsyncGenerator<Task>;
  #returned: Task | null = null;

  constructor(store: Store, sources: readonly Source[]) {
    this.#tasks = this.#plan(store, sources);
  }

  /** Too little to be worth a second thread, as far as is known. */
  get isSmall(): boolean {
    return this.objects < 8 && this.bytes < 8 << 20;
  }

  async next(): Promise<Task | null> {
    const returned = this.#returned;
    this.#returned = null;
    if (returned !== null) return returned;
    try {
      const { value, done } = await this.#tasks.next();
      if (done !== true) return value;
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
    }
    this.isDone = true;
    return null;
  }

  giveBack(task: Task): void {
    this.#returned = task;
  }

  async *#plan(store: Store, sources: readonly Source[]): AsyncGenerator<Task> {
    for (const source of sources) {
      for await (const listed of portions(source)) {
        const unread = await store.skipKnown(listed);
        this.objects += unread.length;
        this.bytes += unread.reduce((sum, { size }) => sum + size, 0);
        yield* planTasks(unread);
      }
    }
  }
}

async function* portions(source: Source): AsyncGenerator<SourceObject[]> {
  let portion: SourceObject[] = [];
  for await (const object of source.list()) {
    if (portion.push(object) < objectsPerPortion) continue;
    yield portion;
    portion = [];
  }
  yield portion;
}

function startPool(store: Store, filter: RequestFilter, options: IngestOptions, threads: number): WorkerPool {
  const share = options.memoryBytes / threads;
  const settings = {
    dataDir: store.directory.root,
    runDay: new Date(store.startedAtMs).toISOString().slice(0, 10),
    filter: filter.buffer,
    // A stage holds its bytes once more while DuckDB encodes them.
    stageBytes: Math.max(8e6, Math.min(96e6, share / 5)),
    databaseBytes: workerDatabaseBytes,
    maxRecordBytes: options.maxRecordBytes ?? 1 << 20,
    maxInflatedBytes: options.maxInflatedBytes,
  };
  return new WorkerPool(threads, settings, store.runId);
}

interface WaveWork {
  readonly store: Store;
  readonly pool: WorkerPool;
  readonly work: TaskQueue;
  readonly options: IngestOptions;
  readonly progress: IngestProgress;
  readonly failures: ObjectFailure[];
}

/** Reads and commits one wave. */
async function readWave({ store, pool, work, options, progress, failures }: WaveWork): Promise<void> {
  const outcomes = new OutcomeCollector();
  const before = { ...progress };
  const next = async (): Promise<Task | null> => {
    const full = outcomes.rows >= waveRows || outcomes.objects >= waveObjects;
    if ((full && !outcomes.hasOpenObject) || options.signal?.aborted === true) return null;
    const task = await work.next();
    if (task !== null) outcomes.expect(task);
    return task;
  };
  await pool.read(next, (read) => {
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
  });
  const wave = outcomes.wave(await pool.flush());
  failures.push(...wave.failures);
  await store.commit(wave);
}
