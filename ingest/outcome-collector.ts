/** Puts the outcomes of a wave together: an object that was read in ranges has several. */
import type { ObjectFailure } from '../store/catalog.js';
import type { Wave } from '../store/commit.js';
import type { StagedFiles } from '../store/stage.js';
import type { ReadOutcome } from './object-reader.js';
import type { ReadProblem } from './read-error.js';
import type { Task } from './worker-messages.js';

/** One object while parts of it may still be missing. */
interface Collected {
  outcome: ReadOutcome;
  failure: ReadProblem | null;
  discard: boolean;
}

/** What the reading of a wave came to, beside what is committed. */
export interface WaveOutcome {
  /** Objects that are in the ledger after the commit, and objects that are gone: nothing is left to do about them. */
  readonly settled: readonly ReadOutcome[];
  /** Objects that were changed or deleted after they were listed. */
  readonly gone: readonly string[];
}
/** A file that a digest names is held in memory until the commit, as no row is; a hostile digest names thousands. */
const rowsPerNamedFile = 8;

export class OutcomeCollector {
  /** What decides that a wave is full: rows, and what weighs as much. */
  rows = 0;
  /** Objects of which every part was read, and their bytes as stored. */
  objects = 0;
  bytes = 0;
  readonly #collected = new Map<string, Collected>();
  readonly #missingRanges = new Map<string, number>();

  /** True while ranges of an object have been handed out and others not: a commit must wait for them. */
  get hasOpenObject(): boolean {
    return this.#missingRanges.size > 0;
  }

  /** Called for every task that is handed out, before its outcomes come. */
  expect({ objects, range }: Task): void {
    if (range === null) return;
    const { uri } = objects[0]!;
    const total = range.counts.byteLength / 4;
    if (range.index === 0 && total > 1) this.#missingRanges.set(uri, total);
  }

  add(part: ReadOutcome): void {
    this.rows += part.rows + rowsPerNamedFile * namedFiles(part);
    const before = this.#collected.get(part.uri);
    if (before === undefined)
      this.#collected.set(part.uri, { outcome: part, failure: part.failure, discard: part.discard });
    else {
      before.outcome = joined(before.outcome, part);
      before.failure ??= part.failure;
      before.discard ||= part.discard;
    }
    if (this.#partDone(part.uri)) {
      this.objects++;
      this.bytes += part.size;
    }
  }

  /**
   * The wave to commit. Objects of which parts are missing, because the run was interrupted, count as not read; of objects
   * that `tryAgain` takes nothing is said, and nothing of them stays.
   */
  wave(
    staged: StagedFiles,
    tryAgain: (uri: string, problem: ReadProblem) => boolean = () => false,
  ): Wave & WaveOutcome {
    const collected = [...this.#collected.values()];
    const complete = collected.filter(({ outcome }) => !this.#missingRanges.has(outcome.uri));
    const read = complete.filter(({ failure }) => failure === null);
    const unread = complete.filter(({ failure }) => failure !== null);
    const gone = unread.filter(({ failure }) => failure!.kind === 'gone');
    const failed = unread.filter(
      ({ outcome, failure }) => failure!.kind === 'failed' && !tryAgain(outcome.uri, failure!),
    );
    const failures: ObjectFailure[] = failed.map(({ outcome: { uri, etag }, failure }) => ({
      uri,
      etag,
      error: failure!.message,
    }));
    return {
      staged,
      entries: read.map(({ outcome }) => outcome),
      failures,
      unreadable: collected
        .filter(
          ({ outcome, failure, discard }) => this.#missingRanges.has(outcome.uri) || (failure !== null && discard),
        )
        .map(({ outcome }) => outcome.uri),
      withoutRows: read.filter(({ discard }) => discard).map(({ outcome }) => outcome.uri),
      settled: [...read, ...gone].map(({ outcome }) => outcome),
      gone: gone.map(({ outcome }) => outcome.uri),
    };
  }

  #partDone(uri: string): boolean {
    const missing = this.#missingRanges.get(uri);
    if (missing === undefined) return true;
    if (missing > 1) this.#missingRanges.set(uri, missing - 1);
    else this.#missingRanges.delete(uri);
    return missing === 1;
  }
}

function joined(a: ReadOutcome, b: ReadOutcome): ReadOutcome {
  return { ...a, lines: a.lines + b.lines, rows: a.rows + b.rows, rejected: a.rejected + b.rejected };
}

function namedFiles({ trail }: ReadOutcome): number {
  const digest = trail?.digest ?? null;
  return digest !== null && 'files' in digest ? digest.files.length : 0;
}
