/** A thread that reads objects into Parquet files: its own parsers, its own encoder, its own files. */
import { parentPort } from 'node:worker_threads';
import { toAppError } from '../config/app-error.js';
import { dataDirectory } from '../store/lake-files.js';
import type { ParquetConverter } from '../store/parquet-log.js';
import { RequestFilter } from '../store/request-filter.js';
import { Stage } from '../store/stage.js';
import { ObjectReader } from './object-reader.js';
import { Prefetch } from './prefetch.js';
import { createOpener } from './sources/open-object.js';
import type { ReadOutcome } from './object-reader.js';
import type { Task, WorkerReply, WorkerRequest, WorkerSettings } from './worker-messages.js';

const port = parentPort!;

function start(settings: WorkerSettings): void {
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
    convertParquet: parquetConverter(settings.databaseBytes, directory.scratch),
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

/** Loads DuckDB for the first log that is Parquet; most runs have none. */
function parquetConverter(memoryBytes: number, tempDirectory: string): ParquetConverter {
  let opened: Promise<ParquetConverter> | null = null;
  return async (from, to) => {
    opened ??= import('../store/parquet-log.js').then(({ openParquetConverter }) =>
      openParquetConverter({ threads: 1, memoryBytes, tempDirectory }),
    );
    const convert = await opened;
    await convert(from, to);
  };
}

function failure(error: unknown): WorkerReply {
  const { code, message } = toAppError(error);
  if (code !== 'internal') return { type: 'failed', message, code };
  return { type: 'failed', message: error instanceof Error ? (error.stack ?? message) : message, code: null };
}

async function readTask(reader: ObjectReader, { objects, range }: Task): Promise<ReadOutcome[]> {
  const outcomes: ReadOutcome[] = [];
  for (const object of objects)
    outcomes.push(range === null ? await reader.read(object) : await reader.readRange(object, range));
  return outcomes;
}

// The first message says what to work with, for a thread may be started before that is known.
port.once('message', start);
