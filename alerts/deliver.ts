/**
 * Delivers what is due. The catalog is held only to read and to mark: sending happens between, and a crash between
 * sending and marking sends one batch again, with the same ids.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { toAppError } from '../config/app-error.js';
import { markDelivered, markFailed, pendingAlerts, type Alert } from './outbox.js';
import type { Sink, Undelivered } from './sinks/sink.js';

/** What is sent before it is marked. */
const batchSize = 50;

export interface DeliverOptions {
  /** Runs a transaction on the catalog: `Store.transact`. */
  readonly transact: <Result>(work: (connection: DuckDBConnection) => Promise<Result>) => Promise<Result>;
  readonly sinks: readonly Sink[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From [0, 1). */
  readonly random?: () => number;
}

/** What became of the alerts of one sink. */
export type DeliveryCounts = {
  readonly delivered: number;
  /** To be tried again. */
  readonly failed: number;
  /** Failed for the last time. */
  readonly dead: number;
  /** Due and not tried: the sink had failed just before, or cannot deliver in this version or config. */
  readonly waiting: number;
};

/** By sink; a sink without due alerts has no entry. */
export interface DeliveryResult {
  readonly alerts: Readonly<Record<string, DeliveryCounts>>;
  /** The last error of each sink that had one. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Delivers every due alert, sink by sink, and marks it. A sink that fails does not keep the others from theirs. */
export async function deliverAlerts(options: DeliverOptions): Promise<DeliveryResult> {
  const due = await options.transact((connection) => pendingAlerts(connection, options.now()));
  const alerts: Record<string, DeliveryCounts> = {};
  const errors: Record<string, string> = {};
  for (const name of new Set(due.map((alert) => alert.sink))) {
    const own = due.filter((alert) => alert.sink === name);
    const sink = options.sinks.find((sink) => sink.name === name);
    const { counts, error } = sink === undefined ? untried(own.length) : await deliverTo(sink, own, options);
    alerts[name] = counts;
    if (error !== null) errors[name] = error;
  }
  return { alerts, errors };
}

interface Delivery {
  readonly counts: DeliveryCounts;
  readonly error: string | null;
}

function untried(waiting: number): Delivery {
  return { counts: { delivered: 0, failed: 0, dead: 0, waiting }, error: null };
}

async function deliverTo(sink: Sink, alerts: readonly Alert[], options: DeliverOptions): Promise<Delivery> {
  let total = untried(0);
  for (let start = 0; start < alerts.length; start += batchSize) {
    const batch = alerts.slice(start, start + batchSize);
    const { undelivered, isDown } = await send(sink, batch);
    total = added(total, await mark(batch, undelivered, options));
    // One failed batch is enough to know that a sink is down; the rest does not lose an attempt over it.
    if (isDown) return added(total, untried(alerts.length - start - batch.length));
  }
  return total;
}

interface Sent {
  readonly undelivered: readonly Undelivered[];
  readonly isDown: boolean;
}

async function send(sink: Sink, batch: readonly Alert[]): Promise<Sent> {
  try {
    return { undelivered: await sink.send(batch), isDown: false };
  } catch (error) {
    // The message is kept with the alert and in the summary of the run, whose command prints it.
    const { message } = toAppError(error);
    return { undelivered: batch.map((alert) => ({ alert, error: message })), isDown: true };
  }
}

async function mark(
  batch: readonly Alert[],
  undelivered: readonly Undelivered[],
  { transact, now, random = Math.random }: DeliverOptions,
): Promise<Delivery> {
  const failedIds = new Set(undelivered.map(({ alert }) => alert.id));
  const delivered = batch.filter(({ id }) => !failedIds.has(id));
  return transact(async (connection) => {
    if (delivered.length > 0) await markDelivered(connection, delivered, now());
    let dead = 0;
    for (const { alert, error } of undelivered) {
      if ((await markFailed(connection, alert, { nowMs: now(), random, error })) === 'dead') dead++;
    }
    const error = undelivered.at(-1)?.error ?? null;
    const failed = undelivered.length - dead;
    return { counts: { delivered: delivered.length, failed, dead, waiting: 0 }, error };
  });
}

function added(a: Delivery, b: Delivery): Delivery {
  return {
    counts: {
      delivered: a.counts.delivered + b.counts.delivered,
      failed: a.counts.failed + b.counts.failed,
      dead: a.counts.dead + b.counts.dead,
      waiting: a.counts.waiting + b.counts.waiting,
    },
    error: b.error ?? a.error,
  };
}
