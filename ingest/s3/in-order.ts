/** Runs several listings at once and hands out their items in the order of the listings. */

import { toAppError } from '../../config/app-error.js';

/** What a listing may be ahead of its consumer; a page of S3 is up to a thousand objects. */
const itemsAhead = 8;

class Running<Item> {
  readonly #items: Item[] = [];
  #ended = false;
  #error: Error | null = null;
  #stopped = false;
  #changed: () => void = () => undefined;
  #change: Promise<void> = Promise.resolve();

  constructor(items: AsyncIterable<Item>) {
    this.#renew();
    this.#run(items).catch(() => undefined);
  }

  /** The next item; undefined at the end. */
  async next(): Promise<Item | undefined> {
    while (this.#items.length === 0 && !this.#ended) await this.#change;
    const item = this.#items.shift();
    this.#signal();
    if (item === undefined && this.#error !== null) throw this.#error;
    return item;
  }

  stop(): void {
    this.#stopped = true;
    this.#signal();
  }

  async #run(items: AsyncIterable<Item>): Promise<void> {
    try {
      for await (const item of items) {
        this.#items.push(item);
        this.#signal();
        while (this.#items.length >= itemsAhead && !this.#stopped) await this.#change;
        if (this.#stopped) break;
      }
    } catch (error) {
      // Thrown to the consumer, when it has had what came before.
      this.#error = toAppError(error);
    }
    this.#ended = true;
    this.#signal();
  }

  #signal(): void {
    this.#changed();
    this.#renew();
  }

  #renew(): void {
    this.#change = new Promise((resolve) => (this.#changed = resolve));
  }
}

/** Items of all listings, those of the first one first; up to `parallel` listings are under way. */
export async function* inOrder<Item>(
  listings: Iterable<() => AsyncIterable<Item>>,
  parallel: number,
): AsyncGenerator<Item> {
  const waiting = listings[Symbol.iterator]();
  const running: Running<Item>[] = [];
  const fill = (): void => {
    while (running.length < parallel) {
      const { value, done } = waiting.next();
      if (done === true) return;
      running.push(new Running(value()));
    }
  };
  try {
    for (fill(); running.length > 0; fill()) {
      for (let item = await running[0]!.next(); item !== undefined; item = await running[0]!.next()) yield item;
      running.shift();
    }
  } finally {
    for (const listing of running) listing.stop();
  }
}
