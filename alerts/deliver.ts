/**
 * Delivers what waits in the outbox. The catalog is held only to read and to mark: sending happens between, and a crash
 * between sending and marking sends one batch again, with the same ids.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { toAppError } from '../config/app-error.js';
import { deadAlerts, markDelivered, markFailed, maxAgeMs, pendingAlerts, type WaitingAlert } from './outbox.js';
import { quickRetry } from './quick-retry.js';
import type { Sink, Undelivered } from './sinks/sink.js';

/** What is sent before it is marked. */
const batchSize = 50;

/** How long the retries of one sink may keep a run from its end; what is not delivered by then waits for the next. */
export const retryBudgetMs = 60_000;

/** `due`: what a run tries · `pending`: also what waits for its time · `dead`: also what was given up. */
export type DeliveryScope = 'due' | 'pending' | 'dead';

export interface DeliverOptions {
  /** Runs a transaction on the catalog: `Store.transact`. */
  readonly transact: Transact;
  readonly sinks: readonly Sink[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From [0, 1). */
  readonly random?: () => number;
  readonly scope?: DeliveryScope;
  /** A budget a sink, milliseconds; 0 tries everything once. */
  readonly retryBudgetMs?: number;
  /** Waits some milliseconds, or less when the process is asked to end. */
  readonly wait?: (ms: number) => Promise<void>;
  /** Aborts when the process is asked to end: what is being sent is marked, the rest waits for the next run. */
  readonly signal?: AbortSignal;
}

type Transact = <Result>(work: (connection: DuckDBConnection) => Promise<Result>) => Promise<Result>;

/** What became of the alerts of one sink. */
export type DeliveryCounts = {
  readonly delivered: number;
  /** To be tried again. */
  readonly failed: number;
  /** Failed for the last time. */
  readonly dead: number;
  /** Due and not tried: the sink had failed just before, or is not in the config. */
  readonly waiting: number;
};

/** By sink; a sink without due alerts has no entry. */
export interface DeliveryResult {
  readonly alerts: Readonly<Record<string, DeliveryCounts>>;
  /** The last error of each sink that had one. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Delivers alerts and marks them, all sinks at once: one that fails does not keep the others from theirs. */
export async function deliverAlerts(options: DeliverOptions): Promise<DeliveryResult> {
  const due = await options.transact((connection) => alertsToSend(connection, options));
  const names = [...new Set(due.map((alert) => alert.sink))];
  const deliveries = await Promise.all(
    names.map(async (name) => {
      const own = due.filter((alert) => alert.sink === name);
      const sink = options.sinks.find((sink) => sink.name === name);
      return [name, sink === undefined ? await expire(own, options) : await deliverTo(sink, own, options)] as const;
    }),
  );
  return {
    alerts: Object.fromEntries(deliveries.map(([name, { counts }]) => [name, counts])),
    errors: Object.fromEntries(deliveries.flatMap(([name, { error }]) => (error === null ? [] : [[name, error]]))),
  };
}

async function alertsToSend(
  connection: DuckDBConnection,
  { scope = 'due', now }: DeliverOptions,
): Promise<WaitingAlert[]> {
  const pending = await pendingAlerts(connection, scope === 'due' ? now() : null);
  return scope === 'dead' ? [...pending, ...(await deadAlerts(connection))] : pending;
}

interface Delivery {
  readonly counts: DeliveryCounts;
  readonly error: string | null;
}

const nothing: Delivery = { counts: { delivered: 0, failed: 0, dead: 0, waiting: 0 }, error: null };

/** Alerts of a sink that nobody can send to wait for a day, in case the config is put right, and are dead then. */
async function expire(alerts: readonly WaitingAlert[], options: DeliverOptions): Promise<Delivery> {
  const isOld = ({ createdAtMs }: WaitingAlert): boolean => options.now() - createdAtMs >= maxAgeMs;
  const error = 'the config has no sink of this name';
  const old = alerts.filter((alert) => isOld(alert)).map((alert) => ({ alert, error, isPermanent: true }));
  const marked = await markUndelivered(old, options);
  return added(marked, { ...nothing, counts: { ...nothing.counts, waiting: alerts.length - old.length } });
}

/**
 * Sends in rounds: each sends what is left, and between two of them the sink is left alone for a while. What arrived,
 * and what the sink refuses for good, is marked at once; the rest is marked when there is no more time.
 */
async function deliverTo(sink: Sink, alerts: readonly WaitingAlert[], options: DeliverOptions): Promise<Delivery> {
  const { random = Math.random, now, signal } = options;
  const wait = options.wait ?? ((ms: number) => delay(ms, undefined, signal && { signal }).catch(() => undefined));
  const retry = quickRetry({ budgetMs: options.retryBudgetMs ?? retryBudgetMs, random, now });
  let total = nothing;
  let left = alerts;
  for (;;) {
    const round = await sendAll(sink, left, options);
    total = added(total, round.delivery);
    const waitMs = round.isWorthRetrying && round.failed.length > 0 ? retry.nextWaitMs(round.failed) : null;
    if (waitMs === null || signal?.aborted === true) {
      const failed = await markUndelivered(round.failed, options);
      const waiting = { ...nothing, counts: { ...nothing.counts, waiting: round.untried.length } };
      return added(added(total, failed), waiting);
    }
    await wait(waitMs);
    left = [...round.failed.map(({ alert }) => alert), ...round.untried];
  }
}

interface Failure {
  readonly alert: WaitingAlert;
  readonly error: string;
  readonly isPermanent?: boolean;
  readonly retryAfterMs?: number;
}

interface Round {
  /** What is marked already: delivered, or refused for good. */
  readonly delivery: Delivery;
  readonly failed: readonly Failure[];
  readonly untried: readonly WaitingAlert[];
  readonly isWorthRetrying: boolean;
}

/** One batch of which nothing arrived is enough to know that a sink is down; the rest loses no attempt over it. */
async function sendAll(sink: Sink, alerts: readonly WaitingAlert[], options: DeliverOptions): Promise<Round> {
  let delivery = nothing;
  const failed: Failure[] = [];
  for (let start = 0; start < alerts.length; start += batchSize) {
    const untried = alerts.slice(start);
    if (options.signal?.aborted === true) return { delivery, failed, untried, isWorthRetrying: false };
    const batch = untried.slice(0, batchSize);
    const sent = await send(sink, batch);
    delivery = added(delivery, await markBatch(batch, sent.undelivered, options));
    failed.push(...sent.undelivered.filter(({ isPermanent }) => isPermanent !== true));
    if (sent.isDown) {
      const isWorthRetrying = sent.isTransient && sink.isLocal !== true;
      return { delivery, failed, untried: untried.slice(batchSize), isWorthRetrying };
    }
  }
  return { delivery, failed, untried: [], isWorthRetrying: sink.isLocal !== true };
}

interface Sent {
  readonly undelivered: readonly Failure[];
  readonly isDown: boolean;
  /** Whether it may be over within seconds. */
  readonly isTransient: boolean;
}

async function send(sink: Sink, batch: readonly WaitingAlert[]): Promise<Sent> {
  try {
    const undelivered = failuresOf(batch, await sink.send(batch));
    const isDown = undelivered.length === batch.length && !undelivered.some(({ isPermanent }) => isPermanent);
    return { undelivered, isDown, isTransient: true };
  } catch (error) {
    // The message is kept with the alert and in the summary of the run, whose command prints it.
    const { message, code } = toAppError(error);
    const undelivered = batch.map((alert) => ({ alert, error: message }));
    return { undelivered, isDown: true, isTransient: code === 'sink-unreachable' };
  }
}

function failuresOf(batch: readonly WaitingAlert[], undelivered: readonly Undelivered[]): Failure[] {
  const waiting = new Map(batch.map((alert) => [alert.id, alert]));
  return undelivered.map((failure) => ({ ...failure, alert: waiting.get(failure.alert.id)! }));
}

/** Marks what needs no further attempt: what arrived, and what never will. */
async function markBatch(
  batch: readonly WaitingAlert[],
  undelivered: readonly Failure[],
  options: DeliverOptions,
): Promise<Delivery> {
  const failedIds = new Set(undelivered.map(({ alert }) => alert.id));
  const delivered = batch.filter(({ id }) => !failedIds.has(id));
  if (delivered.length > 0) {
    await options.transact((connection) => markDelivered(connection, delivered, options.now()));
  }
  const refused = await markUndelivered(
    undelivered.filter(({ isPermanent }) => isPermanent === true),
    options,
  );
  return added({ ...nothing, counts: { ...nothing.counts, delivered: delivered.length } }, refused);
}

async function markUndelivered(
  failures: readonly Failure[],
  { transact, now, random = Math.random }: DeliverOptions,
): Promise<Delivery> {
  if (failures.length === 0) return nothing;
  return transact(async (connection) => {
    let dead = 0;
    for (const { alert, error, isPermanent = false } of failures) {
      if ((await markFailed(connection, alert, { nowMs: now(), random, error, isPermanent })) === 'dead') dead++;
    }
    const counts = { ...nothing.counts, failed: failures.length - dead, dead };
    return { counts, error: failures.at(-1)!.error };
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
