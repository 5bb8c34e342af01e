/** A thread that reads objects into Parquet files: its own parsers, its own encoder, its own files. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../config/app-error.js';
import { openDatabase, type Database } from '../store/duckdb.js';
import { dataDirectory } from '../store/lake-files.js';
import { parquetToJsonLines } from '../store/parquet-log.js';
import { RequestFilter } from '../store/request-filter.js';
import { Stage } from '../store/stage.js';
import { ObjectReader } from './object-reader.js';
import { Prefetch } from './prefetch.js';
import { createOpener } from './sources/open-object.js';
import type { ReadOutcome } from './object-reader.js';
import type { Task, WorkerReply, WorkerRequest, WorkerSettings } from './worker-messages.js';

const settings = workerData as WorkerSettings;
const port = parentPort!;

let database: Promise<Database> | null = null;

/** Opens a database for the first log that is Parquet; most runs have none. */
async function convertParquet(from: string, to: string): Promise<void> {
  database ??= openDatabase(':memory:', {
    threads: 1,
    memoryBytes: settings.databaseBytes,
    tempDirectory: dataDirectory(settings.dataDir).scratch,
  });
  await parquetToJsonLines((await database).connection, from, to);
}

function start(): void {
  const directory = dataDirectory(settings.dataDir);
  const filter = new RequestFilter(settings.filter);
  const stage = new Stage({ directory, filter, prefix: settings.prefix, runDay: settings.runDay });
  const ending = new AbortController();
  const { objectsAhead, retryWaitMs } = settings;
  const retry = retryWaitMs === undefined ? {} : { firstWaitMs: retryWaitMs };
  const prefetch = new Prefetch({
    open: createOpener({ sockets: objectsAhead + 1, signal: ending.signal, retry }),
    objects: objectsAhead,
    bytes: settings.bytesAhead,
  });
  const reader = new ObjectReader({
    stage,
    open: prefetch.open,
    stageBytes: settings.stageBytes,
    maxRecordBytes: settings.maxRecordBytes,
    maxInflatedBytes: settings.maxInflatedBytes,
    scratch: directory.scratch,
    convertParquet,
  });

  const answer = async (request: WorkerRequest): Promise<WorkerReply> => {
    if (request.type === 'read') return { type: 'read', outcomes: await readTask(reader, request.task) };
    reader.finish();
    return { type: 'flushed', staged: stage.takeWritten() };
  };
  // One request after the other; the objects of the next task are fetched while this one is read.
  let previous: Promise<unknown> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    if (request.type === 'stop') {
      ending.abort();
      return;
    }
    if (request.type === 'read' && request.task.range === null) prefetch.expect(request.task.objects);
    const answered = previous.then(() => answer(request));
    previous = answered.catch(() => undefined);
    answered.then(
      (reply) => port.postMessage(reply),
      (error: unknown) => port.postMessage(failure(error)),
    );
  });
}

function failure(error: unknown): WorkerReply {
  if (error instanceof AppError) return { type: 'failed', message: error.message, code: error.code };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: 'failed', message, code: null };
}

async function readTask(reader: ObjectReader, { objects, range }: Task): Promise<ReadOutcome[]> {
  const outcomes: ReadOutcome[] = [];
  for (const object of objects)
    outcomes.push(range === null ? await reader.read(object) : await reader.readRange(object, range));
  return outcomes;
}

start();
