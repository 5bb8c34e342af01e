/** What the main thread and its workers say to each other. */
import type { StagedFiles } from '../store/stage.js';
import type { LineRange } from './line-range.js';
import type { ReadOutcome } from './object-reader.js';
import type { SourceObject } from './source.js';

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
}

/** Objects to read whole, or one range of a large one. */
export interface Task {
  readonly objects: readonly SourceObject[];
  readonly range: LineRange | null;
}

export type WorkerRequest = { readonly type: 'read'; readonly task: Task } | { readonly type: 'flush' };

export type WorkerReply =
  | { readonly type: 'read'; readonly outcomes: readonly ReadOutcome[] }
  | { readonly type: 'flushed'; readonly staged: StagedFiles }
  | { readonly type: 'failed'; readonly message: string };
