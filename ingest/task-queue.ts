/** What is still to be read of all sources, found while the first of it is being read. */
import { toAppError, type AppError } from '../config/app-error.js';
import type { Store } from '../store/store.js';
import { planTasks } from './plan.js';
import type { Listing, Source, SourceObject } from './source.js';
import type { SourceTask } from './worker-messages.js';

/** Objects that are compared with the ledger at once: few, so that threads begin while the rest is still being listed. */
const objectsPerPortion = 2000;

/** What the sources listed since the last portion. */
interface Portion {
  readonly listed: readonly { readonly source: Source; readonly objects: readonly SourceObject[] }[];
  /** Sources that have no more, with the reason when they could not be listed to their end. */
  readonly ended: readonly { readonly source: Source; readonly error: AppError | null }[];
}

/** An object that another source listed first. */
export interface OtherListing {
  readonly source: Source;
  readonly object: SourceObject;
}

/**
 * Makes the tasks of a run. A source that cannot be listed is an error of that source: what it listed before is read, and
 * the other sources are too. An object that several sources list is read once.
 */
export class TaskQueue {
  /** Objects and bytes that are to be read, as far as the sources have been listed. */
  objects = 0;
  bytes = 0;
  isDone = false;
  readonly errors: AppError[] = [];
  readonly #store: Store;
  readonly #listing: Listing;
  readonly #tasks: AsyncGenerator<SourceTask>;
  /** URIs that were handed out and are not committed, with the other sources that want to know what becomes of them. */
  readonly #taken = new Map<string, OtherListing[] | null>();
  readonly #listed = new Set<Source>();
  readonly #abandoned = new Set<Source>();
  readonly #returned: SourceTask[] = [];

  constructor(store: Store, sources: readonly Source[], listing: Listing) {
    this.#store = store;
    this.#listing = listing;
    this.#tasks = this.#plan(sources);
  }

  /** Too little to be worth a second thread, as far as is known. */
  get isSmall(): boolean {
    return this.objects < 8 && this.bytes < 8 << 20;
  }

  /** The next task; null when there is none for now, and `isDone` when there will be none. */
  async next(): Promise<SourceTask | null> {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    for (;;) {
      const { value, done } = await this.#tasks.next();
      if (done === true) {
        this.isDone = this.#returned.length === 0;
        return null;
      }
      if (!this.#abandoned.has(value.source)) return value;
    }
  }

  /** Puts a task back, to be handed out again. */
  giveBack(task: SourceTask): void {
    this.#returned.push(task);
    this.isDone = false;
  }

  /** Sources that were listed to their end and not abandoned. */
  get listed(): Source[] {
    return [...this.#listed].filter((source) => !this.#abandoned.has(source));
  }

  /** Hands out nothing more of a source: there is no use in asking it. */
  abandon(source: Source, error: AppError): void {
    if (this.#abandoned.has(source)) return;
    this.#abandoned.add(source);
    this.errors.push(error);
  }

  /**
   * Called for every object that was handed out, when its wave is committed. Answers the other sources that listed it under
   * the etag that was read. From now on the ledger knows it, so that it needs no place in memory.
   */
  forget({ uri, etag }: Pick<SourceObject, 'uri' | 'etag'>): readonly OtherListing[] {
    const others = this.#taken.get(uri);
    this.#taken.delete(uri);
    return others?.filter(({ object }) => object.etag === etag) ?? [];
  }

  /** A source that cannot be told is asked for nothing more; what was read of it stays committed. */
  async acknowledge(source: Source, objects: readonly SourceObject[]): Promise<void> {
    try {
      await source.acknowledge?.(objects);
    } catch (error) {
      this.abandon(source, toAppError(error));
    }
  }

  async *#plan(sources: readonly Source[]): AsyncGenerator<SourceTask> {
    for await (const { listed, ended } of this.#portions(sources)) {
      const unknown = new Set(await this.#store.skipKnown(listed.flatMap(({ objects }) => objects)));
      for (const { source, objects } of listed)
        for (const task of planTasks(await this.#unread(source, objects, unknown))) yield { task, source };
      for (const { source, error } of ended) {
        if (error !== null) this.abandon(source, error);
        if (this.#listing.signal?.aborted !== true) this.#listed.add(source);
      }
    }
  }

  /** Files are pooled over many paths, for asking the ledger takes as long for one object as for a thousand. */
  async *#portions(sources: readonly Source[]): AsyncGenerator<Portion> {
    let listed: { source: Source; objects: SourceObject[] }[] = [];
    let ended: { source: Source; error: AppError | null }[] = [];
    let size = 0;
    for (const source of sources) {
      let error: AppError | null = null;
      let objects: SourceObject[] = [];
      listed.push({ source, objects });
      try {
        for await (const object of source.list(this.#listing)) {
          objects.push(object);
          if (++size < objectsPerPortion) continue;
          yield { listed, ended };
          [objects, ended, size] = [[], [], 0];
          listed = [{ source, objects }];
          if (this.#abandoned.has(source)) break;
        }
      } catch (thrown) {
        // A listing that was cancelled has no fault.
        if (this.#listing.signal?.aborted !== true) error = toAppError(thrown);
      }
      ended.push({ source, error });
      if (source.kind === 'local') continue;
      yield { listed, ended };
      [listed, ended, size] = [[], [], 0];
    }
    yield { listed, ended };
  }

  /** Of what a source listed, the objects that the ledger does not know and that this run does not read already. */
  async #unread(
    source: Source,
    objects: readonly SourceObject[],
    unknown: ReadonlySet<SourceObject>,
  ): Promise<SourceObject[]> {
    await this.acknowledge(
      source,
      objects.filter((object) => !unknown.has(object)),
    );
    const unread = objects.filter((object) => unknown.has(object) && this.#take(source, object));
    this.objects += unread.length;
    this.bytes += unread.reduce((sum, { size }) => sum + size, 0);
    return unread;
  }

  /** False when the object was handed out before. */
  #take(source: Source, object: SourceObject): boolean {
    const others = this.#taken.get(object.uri);
    if (others === undefined) {
      this.#taken.set(object.uri, null);
      return true;
    }
    if (source.acknowledge !== undefined) this.#taken.set(object.uri, [...(others ?? []), { source, object }]);
    return false;
  }
}
