/** Puts the outcomes of a wave together: an object that was read in ranges has several. */
import type { ObjectFailure } from '../store/catalog.js';
import type { Wave } from '../store/commit.js';
import type { StagedFiles } from '../store/stage.js';
import type { ReadOutcome } from './object-reader.js';
import type { Task } from './worker-messages.js';

/** One object while parts of it may still be missing. */
interface Collected {
  outcome: ReadOutcome;
  failure: string | null;
  discard: boolean;
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

  /** The wave to commit. Objects of which parts are missing, because the run was interrupted, count as not read. */
  wave(staged: StagedFiles): Wave {
    const complete = [...this.#collected.values()].filter(({ outcome }) => !this.#missingRanges.has(outcome.uri));
    const incomplete = [...this.#collected.keys()].filter((uri) => this.#missingRanges.has(uri));
    const failed = complete.filter(({ failure }) => failure !== null);
    const failures: ObjectFailure[] = failed.map(({ outcome, failure }) => ({
      uri: outcome.uri,
      etag: outcome.etag,
      error: failure!,
    }));
    return {
      staged,
      entries: complete.filter(({ failure }) => failure === null).map(({ outcome }) => outcome),
      failures,
      unreadable: [...failed.map(({ outcome }) => outcome.uri), ...incomplete],
      withoutRows: complete
        .filter(({ failure, discard }) => failure === null && discard)
        .map(({ outcome }) => outcome.uri),
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
