/**
 * Delivers alerts by requests that carry several and answer for each: what SNS and EventBridge have in common. An entry
 * that is refused does not keep the others from arriving, and a service that is down is told from a message that is wrong.
 */
import { awsFailure, isTransient, type AwsFailure } from '../../aws/failure.js';
import { AppError } from '../../config/app-error.js';
import type { Alert } from '../outbox.js';
import { awsSinkError, failureText, type AwsSinkName } from './aws-sink-error.js';
import { batchesOf, type BatchLimits } from './batches.js';
import type { Clock } from './pacing.js';
import type { Undelivered } from './sink.js';

/** One message, ready to be sent. */
export interface Entry {
  readonly alert: Alert;
  /** As the service counts them. */
  readonly bytes: number;
}

/** What the service said about one entry of a request that it took. */
export interface EntryFailure<Item> {
  readonly entry: Item;
  readonly failure: AwsFailure;
}

export interface BatchDelivery<Item> {
  readonly sink: AwsSinkName;
  readonly limits: BatchLimits;
  /** Sends one request. Throws what the SDK threw, or an AppError when the sink takes nothing. */
  readonly request: (entries: readonly Item[]) => Promise<readonly EntryFailure<Item>[]>;
  readonly clock: Clock;
  /** From [0, 1): spreads retries. */
  readonly random: () => number;
}

/** Attempts for entries that failed for a moment, within a call; later ones are the outbox's. */
const maxRounds = 3;
const firstDelayMs = 1000;

/**
 * Sends all entries in order. When the sink takes nothing from the start, throws why; when that happens on the way, the
 * rest comes back as undelivered, so that what has arrived is not sent again.
 */
export async function deliverBatches<Item extends Entry>(
  entries: readonly Item[],
  delivery: BatchDelivery<Item>,
): Promise<Undelivered[]> {
  const undelivered: Undelivered[] = [];
  let sent = 0;
  for (const batch of batchesOf(entries, ({ bytes }) => bytes, delivery.limits)) {
    try {
      undelivered.push(...(await sendBatch(batch, delivery)));
    } catch (thrown) {
      const error = sinkErrorOf(thrown, delivery);
      if (sent === 0) throw error;
      return [...undelivered, ...entries.slice(sent).map(({ alert }) => ({ alert, error: error.message }))];
    }
    sent += batch.length;
  }
  return undelivered;
}

/** Sends one batch, and what failed for a moment again. Throws only when nothing of it can have arrived. */
async function sendBatch<Item extends Entry>(
  batch: readonly Item[],
  delivery: BatchDelivery<Item>,
): Promise<Undelivered[]> {
  const final: EntryFailure<Item>[] = [];
  let momentary = await requestOrSingly(batch, delivery);
  for (let round = 1; ; round++) {
    final.push(...momentary.filter(({ failure }) => !isTransient(failure)));
    momentary = momentary.filter(({ failure }) => isTransient(failure));
    if (momentary.length === 0 || round === maxRounds) return undeliveredOf([...final, ...momentary]);
    await delivery.clock.sleep(delivery.random() * firstDelayMs * 2 ** (round - 1));
    try {
      momentary = await requestOrSingly(entriesOf(momentary), delivery);
    } catch {
      // What it says now it will say again to the next batch, which throws it; these keep their own failure.
      return undeliveredOf([...final, ...momentary]);
    }
  }
}

function entriesOf<Item>(failures: readonly EntryFailure<Item>[]): Item[] {
  return failures.map(({ entry }) => entry);
}

function undeliveredOf(failures: readonly EntryFailure<Entry>[]): Undelivered[] {
  return failures.map(({ entry: { alert }, failure }) => {
    const error = failureText(failure);
    return failure.kind === 'rejected' ? { alert, error, isPermanent: true } : { alert, error };
  });
}

/** A request that is refused as a whole is sent again entry by entry, so that a wrong one does not hold up the others. */
async function requestOrSingly<Item extends Entry>(
  batch: readonly Item[],
  delivery: BatchDelivery<Item>,
): Promise<readonly EntryFailure<Item>[]> {
  try {
    const failures = await delivery.request(batch);
    if (failures.length === batch.length && failures.every(({ failure }) => isAboutSink(failure)))
      throw awsSinkError(failures[0]!.failure, delivery.sink, undefined);
    return failures;
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    const failure = awsFailure(thrown);
    if (failure.kind !== 'rejected') throw thrown;
    if (batch.length === 1) return [{ entry: batch[0]!, failure }];
  }
  const failures: EntryFailure<Item>[] = [];
  for (const entry of batch) failures.push(...(await requestOrSingly([entry], delivery)));
  return failures;
}

/** A failure that any other entry would meet as well. */
function isAboutSink({ kind }: AwsFailure): boolean {
  return kind === 'forbidden' || kind === 'missing' || kind === 'credentials';
}

function sinkErrorOf<Item>(thrown: unknown, { sink }: BatchDelivery<Item>): AppError {
  return thrown instanceof AppError ? thrown : awsSinkError(awsFailure(thrown), sink, thrown);
}
