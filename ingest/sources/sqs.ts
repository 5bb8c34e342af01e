/**
 * A queue of S3 notifications. A message is deleted when all objects that it names are in the ledger, and not before: a run
 * that dies leaves it in the queue. Notifications may be lost or late, so a source of type s3 beside it lists what they
 * missed; the ledger makes the overlap harmless.
 */
import type { S3Access } from '../../aws/s3-access.js';
import { matchesAnyName } from '../../config/name-pattern.js';
import { isFolderMarker, s3Object } from '../s3/object-address.js';
import type { Listing, Source, SourceObject } from '../source.js';
import { readNotification, type NotifiedObject } from '../sqs/notification.js';
import { Queue, type ReceivedMessage } from '../sqs/queue.js';

export interface SqsSourceOptions {
  readonly queueUrl: string;
  /** Of the queue and of the buckets. */
  readonly access: S3Access;
  /** Buckets whose objects are read, with `*` for anything; messages about others stay in the queue. Empty: all. */
  readonly buckets: readonly string[];
  readonly nowMs: number;
  /** How long a message is hidden from others; extended while the run lasts. */
  readonly visibilitySeconds?: number;
}

const usualVisibilitySeconds = 600;

/** A message whose objects are being read. */
interface HeldMessage {
  handle: string;
  readonly unsettled: Set<string>;
}

export function sqsSource(options: SqsSourceOptions): Source {
  const reading = new QueueReading(options);
  return {
    kind: 'sqs',
    list: (listing) => reading.list(listing),
    acknowledge: (objects) => reading.settle(objects),
    close: () => reading.close(),
  };
}

class QueueReading {
  readonly #options: SqsSourceOptions;
  readonly #held = new Map<string, HeldMessage>();
  /** Messages that wait for an object. */
  readonly #messagesOf = new Map<string, HeldMessage[]>();
  readonly #ids = new Map<HeldMessage, string>();
  /** Messages that stay in the queue, because we do not know what they are about or it is not ours. */
  readonly #left = new Set<string>();
  #queue: Queue | null = null;
  #extension: NodeJS.Timeout | undefined;

  constructor(options: SqsSourceOptions) {
    this.#options = options;
  }

  /** Receives until the queue is empty, or holds only what came after the run began: else a busy queue would never end. */
  async *list({ signal, warn }: Listing): AsyncGenerator<SourceObject> {
    const { queueUrl, access, nowMs, visibilitySeconds = usualVisibilitySeconds } = this.#options;
    const queue = (this.#queue = new Queue(queueUrl, access, signal));
    this.#extension = setInterval(() => {
      this.#extend(queue, visibilitySeconds).catch(() => undefined);
    }, visibilitySeconds * 400);
    this.#extension.unref();
    for (;;) {
      const messages = await queue.receive(visibilitySeconds);
      const done: string[] = [];
      for (const message of messages) yield* this.#accept(message, done);
      await queue.delete(done);
      if (messages.every(({ sentAtMs }) => sentAtMs > nowMs)) break;
    }
    if (this.#left.size > 0)
      warn(
        `${queueUrl}: ${this.#left.size} messages are no notifications of S3, or of buckets that are not listed in buckets; they stay in the queue`,
      );
  }

  async settle(objects: readonly SourceObject[]): Promise<void> {
    const done: string[] = [];
    for (const object of objects) {
      const name = nameOf(object);
      for (const message of this.#messagesOf.get(name) ?? []) {
        message.unsettled.delete(name);
        if (message.unsettled.size === 0) done.push(this.#release(message));
      }
      this.#messagesOf.delete(name);
    }
    await this.#queue?.delete(done);
  }

  /** Messages whose objects were not read are shown to the next run at once. */
  async close(): Promise<void> {
    clearInterval(this.#extension);
    if (this.#queue === null) return;
    const unread = [...this.#held.values()].map(({ handle }) => handle);
    await this.#queue.hide(unread, 0).catch(() => undefined);
    await this.#queue.close();
  }

  /** The objects of a message. One without objects of ours is done. */
  *#accept({ id, handle, body }: ReceivedMessage, done: string[]): Generator<SourceObject> {
    const held = this.#held.get(id);
    // A queue may give a message twice; only the last handle works.
    if (held !== undefined) {
      held.handle = handle;
      return;
    }
    const announced = readNotification(body);
    if (announced === null || !announced.every((object) => this.#isOurs(object))) {
      this.#left.add(id);
      return;
    }
    const logs = announced.filter(({ key, size }) => !isFolderMarker(key, size));
    if (logs.length === 0) {
      done.push(handle);
      return;
    }
    const objects = logs.map((object) => s3Object(object.bucket, object, this.#options.access));
    this.#hold({ handle, unsettled: new Set(objects.map(nameOf)) }, id);
    yield* objects;
  }

  #isOurs({ bucket }: NotifiedObject): boolean {
    const { buckets } = this.#options;
    return buckets.length === 0 || matchesAnyName(buckets, bucket);
  }

  #hold(message: HeldMessage, id: string): void {
    this.#held.set(id, message);
    this.#ids.set(message, id);
    for (const name of message.unsettled) {
      const messages = this.#messagesOf.get(name);
      if (messages === undefined) this.#messagesOf.set(name, [message]);
      else messages.push(message);
    }
  }

  #release(message: HeldMessage): string {
    this.#held.delete(this.#ids.get(message)!);
    this.#ids.delete(message);
    return message.handle;
  }

  /** A message that could not be extended comes again, and the ledger knows what was read of it. */
  async #extend(queue: Queue, visibilitySeconds: number): Promise<void> {
    const handles = [...this.#held.values()].map(({ handle }) => handle);
    await queue.hide(handles, visibilitySeconds);
  }
}

function nameOf({ uri, etag }: SourceObject): string {
  return `${etag} ${uri}`;
}
