/**
 * Opens the objects of a task before their turn, so that a thread parses one while others are on their way. Bounded in
 * number and in bytes; what is opened is closed, whether its turn comes or not.
 */
import { wholeObjectBytes } from './s3/download.js';
import type { ObjectBody, OpenObject, SourceObject } from './source.js';

export interface PrefetchOptions {
  readonly open: OpenObject;
  /** Objects that are open and have not had their turn. */
  readonly objects: number;
  /** Their bytes; one object more may be under way. */
  readonly bytes: number;
}

export class Prefetch {
  readonly #options: PrefetchOptions;
  readonly #waiting: SourceObject[] = [];
  readonly #opened = new Map<SourceObject, Promise<ObjectBody>>();
  #bytes = 0;

  constructor(options: PrefetchOptions) {
    this.#options = options;
  }

  /** Begins to open objects that `open` will be called for in this order. */
  expect(objects: readonly SourceObject[]): void {
    // Local files are opened faster than a promise is made, and large objects come as they are read.
    for (const object of objects)
      if (object.kind === 's3' && object.size <= wholeObjectBytes) this.#waiting.push(object);
    this.#fill();
  }

  readonly open: OpenObject = (object, offset) => {
    const opened = offset === 0 ? this.#opened.get(object) : undefined;
    if (opened === undefined) {
      this.#forget(object);
      return this.#options.open(object, offset);
    }
    this.#opened.delete(object);
    this.#bytes -= object.size;
    this.#fill();
    return opened;
  };

  #fill(): void {
    while (this.#waiting.length > 0 && this.#opened.size < this.#options.objects && this.#bytes < this.#options.bytes) {
      const object = this.#waiting.shift()!;
      const opened = Promise.resolve(this.#options.open(object, 0));
      // Whoever has its turn hears of a failure; until then nobody listens.
      opened.catch(() => undefined);
      this.#opened.set(object, opened);
      this.#bytes += object.size;
    }
  }

  #forget(object: SourceObject): void {
    const index = this.#waiting.indexOf(object);
    if (index >= 0) this.#waiting.splice(index, 1);
  }
}
