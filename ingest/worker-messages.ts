/** What the main thread and its workers say to each other. */
import type { ErrorCode } from '../config/app-error.js';
import type { StagedFiles } from '../store/stage.js';
import type { LineRange } from './line-range.js';
import type { ReadOutcome } from './object-reader.js';
import type { Source, SourceObject } from './source.js';

/** What a worker is made with. */
export interface WorkerSettings {
  readonly dataDir: string;
  /** Begins the file names of this worker; unique in the data directory. */
  readonly prefix: string;
  readonly runDay: string;
  readonly filter: SharedArrayBuffer;
  readonly stageBytes: number;
  readonly databaseBytes: number;
  readonly maxRecordBytes: number;
  readonly maxInflatedBytes: number;
  /** Objects and bytes that are fetched ahead of the parser. */
  readonly objectsAhead: number;
  readonly bytesAhead: number;
  /** The first wait before an object is asked for again; undefined is the usual one. */
  readonly retryWaitMs: number | undefined;
}

/** Objects to read whole, or one range of a large one. */
export interface Task {
  readonly objects: readonly SourceObject[];
  readonly range: LineRange | null;
}

/** A task and where it comes from. */
export interface SourceTask {
  readonly task: Task;
  readonly source: Source;
}

/** `stop` has no reply: objects that are on their way are given up. */
export type WorkerRequest =
  | { readonly type: 'read'; readonly task: Task }
  | { readonly type: 'flush' }
  | { readonly type: 'stop' };

export type WorkerReply =
  | { readonly type: 'read'; readonly outcomes: readonly ReadOutcome[] }
  | { readonly type: 'flushed'; readonly staged: StagedFiles }
  /** `code` is null for a defect, whose message has the stack. */
  | { readonly type: 'failed'; readonly message: string; readonly code: ErrorCode | null };
