/** What became of the objects of a run, wave by wave, and what follows from it for the sources they came from. */
import { unreadableSourceError } from '../aws/s3-failure.js';
import type { ObjectFailure } from '../store/catalog.js';
import type { ReadOutcome } from './object-reader.js';
import type { WaveOutcome } from './outcome-collector.js';
import type { ReadProblem } from './read-error.js';
import type { Source, SourceObject } from './source.js';
import type { TaskQueue } from './task-queue.js';
import type { SourceTask } from './worker-messages.js';

/**
 * Objects in a row that could not be read for a reason that is not theirs, until their source is given up for this run:
 * each has had its own repetitions by then.
 */
const failuresInARow = 200;

/** As many in a row, and the source answers nobody at the moment: there is no use in asking again in this run. */
const downInARow = 20;

interface Handed {
  readonly object: SourceObject;
  readonly source: Source;
}

export class RunResults {
  readonly failures: ObjectFailure[] = [];
  readonly gone: string[] = [];
  readonly #work: TaskQueue;
  readonly #inARow = new Map<Source, number>();
  /** Objects of this wave by their URI. */
  readonly #handed = new Map<string, Handed>();
  /** Objects that have had their second chance. */
  readonly #triedAgain = new Set<string>();

  constructor(work: TaskQueue) {
    this.#work = work;
  }

  add(outcomes: readonly ReadOutcome[], { task, source }: SourceTask): void {
    for (const object of task.objects) this.#handed.set(object.uri, { object, source });
    for (const { uri, failure } of outcomes) this.#watch(source, uri, failure);
  }

  /** Whether an object that failed is read once more by a later wave: the fault was not its own, and others are answered. */
  tryAgain(uri: string, { cause }: ReadProblem): boolean {
    const { object, source } = this.#handed.get(uri)!;
    if (cause !== 'later' || this.#triedAgain.has(uri) || (this.#inARow.get(source) ?? 0) >= downInARow) return false;
    this.#triedAgain.add(uri);
    this.#work.giveBack({ task: { objects: [object], range: null }, source });
    return true;
  }

  /** Tells the sources what the commit of a wave has settled. */
  async committed({
    settled,
    failures,
    gone,
  }: WaveOutcome & { readonly failures: readonly ObjectFailure[] }): Promise<void> {
    this.failures.push(...failures);
    this.gone.push(...gone);
    const known = new Map<Source, SourceObject[]>();
    const tell = ({ source, object }: Handed): void => {
      if (source.acknowledge === undefined) return;
      const objects = known.get(source);
      if (objects === undefined) known.set(source, [object]);
      else objects.push(object);
    };
    for (const outcome of settled) {
      tell(this.#handed.get(outcome.uri)!);
      for (const other of this.#work.forget(outcome)) tell(other);
    }
    for (const failure of failures) this.#work.forget(failure);
    this.#handed.clear();
    for (const [source, objects] of known) await this.#work.acknowledge(source, objects);
  }

  #watch(source: Source, uri: string, failure: ReadProblem | null): void {
    const isOfSource = failure?.kind === 'failed' && (failure.cause === 'later' || failure.cause === 'credentials');
    const count = isOfSource ? (this.#inARow.get(source) ?? 0) + 1 : 0;
    this.#inARow.set(source, count);
    if (count < failuresInARow) return;
    const kind = failure!.cause === 'credentials' ? 'credentials' : 'unreachable';
    const text = `${uri}: ${failure!.message}; ${count} objects in a row could not be read, so no more of this source were asked for; the next run tries them again`;
    this.#work.abandon(source, unreadableSourceError(text, { kind }));
  }
}
