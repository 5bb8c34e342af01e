/**
 * The worker threads of a run. Each has few tasks at a time, so that slow objects do not hold others up, and two, so that it
 * never waits for one and objects of the second are fetched while the first is parsed.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { AppError } from '../config/app-error.js';
import type { StagedFiles } from '../store/stage.js';
import type { ReadOutcome } from './object-reader.js';
import type { SourceTask, WorkerReply, WorkerRequest, WorkerSettings } from './worker-messages.js';

/** The compiled worker, also when this module is run from its source, as tests do. */
const workerFile = createRequire(import.meta.url).resolve('#package/dist/ingest/worker.cjs');

const tasksAhead = 2;

/** Megabytes. Threads keep little between two objects; V8's own 48 made a long run larger by 80 MB and no faster. */
const resourceLimits = { maxYoungGenerationSizeMb: 16 };

class PooledWorker {
  readonly #worker: Worker;
  /** Who waits for replies, which come in the order of the requests. */
  readonly #waiting: { resolve: (reply: WorkerReply) => void; reject: (error: unknown) => void }[] = [];
  #failure: Error | null = null;

  /** Does not keep the process alive before it has its settings. */
  constructor() {
    this.#worker = new Worker(workerFile, { resourceLimits });
    this.#worker.on('message', (reply: WorkerReply) => this.#answered(reply));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) => this.#fail(new Error(`a worker thread ended with code ${code}`)));
    // Last, for whoever listens to a thread waits for it.
    this.#worker.unref();
  }

  begin(settings: WorkerSettings): this {
    this.#worker.ref();
    this.#worker.postMessage(settings);
    return this;
  }

  ask(request: WorkerRequest): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  tell(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  /** A thread can end while nobody waits for it; whoever asks next hears of it. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }

  async stop(): Promise<void> {
    this.#waiting.length = 0;
    await this.#worker.terminate();
  }

  #answered(reply: WorkerReply): void {
    const settle = this.#waiting.shift();
    if (reply.type === 'failed') settle?.reject(failureOf(reply));
    else settle?.resolve(reply);
  }
}

function failureOf({ message, code }: Extract<WorkerReply, { type: 'failed' }>): Error {
  return code === null ? new Error(message) : new AppError(code, message);
}

/** Threads that no run has yet. */
const spares: PooledWorker[] = [];

/** Has so many threads ready for the next run: they load their code while the main thread loads DuckDB and lists the sources. */
export function startSpareWorkers(count: number): void {
  while (spares.length < count) spares.push(new PooledWorker());
}

export class WorkerPool {
  readonly #workers: readonly PooledWorker[];

  constructor(threads: number, settings: Omit<WorkerSettings, 'prefix'>, prefix: string) {
    this.#workers = Array.from({ length: threads }, (_, index) =>
      (spares.shift() ?? new PooledWorker()).begin({ ...settings, prefix: `${prefix}-w${index}` }),
    );
  }

  /**
   * Has tasks read until `next` gives no more; hands every task's outcomes to `done`. Answers the files that were written, each
   * thread's as soon as there is nothing left for it. Fails when a worker does.
   */
  async readWave(
    next: () => Promise<SourceTask | null>,
    done: (outcomes: readonly ReadOutcome[], task: SourceTask) => void,
  ): Promise<StagedFiles> {
    const staged: StagedFiles = { files: [], suspects: [] };
    const readTasks = async (worker: PooledWorker): Promise<void> => {
      for (let given = await next(); given !== null; given = await next()) {
        const reply = await worker.ask({ type: 'read', task: given.task });
        if (reply.type === 'read') done(reply.outcomes, given);
      }
    };
    await Promise.all(
      this.#workers.map(async (worker) => {
        await Promise.all(Array.from({ length: tasksAhead }, () => readTasks(worker)));
        const reply = await worker.ask({ type: 'flush' });
        if (reply.type !== 'flushed') return;
        staged.files.push(...reply.staged.files);
        staged.suspects.push(...reply.staged.suspects);
      }),
    );
    return staged;
  }

  /** Gives up what is on its way; what has arrived is still read. */
  cancel(): void {
    for (const worker of this.#workers) worker.tell({ type: 'stop' });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }
}
