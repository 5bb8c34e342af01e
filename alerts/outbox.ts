/**
 * The table `outbox`: alerts wait here for their delivery, and their rows say afterwards what each sink has heard. All
 * functions work in the transaction of the caller.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { INTEGER, TIMESTAMP, VARCHAR } from '../store/duckdb-package.js';
import type { Severity } from '../config/severity.js';
import { appendRows, type AppendColumn } from '../store/append-rows.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';
import type { AnnouncementReason } from './announcement.js';
import type { Digest } from './digest.js';
import { sha256, type Finding } from './finding.js';

/** What a sink is asked to deliver. */
export interface Alert {
  /** The same whenever the same thing is announced to the same sink again: sinks and receivers can drop repeats by it. */
  readonly id: string;
  readonly sink: string;
  readonly reason: AnnouncementReason;
  /** Deliveries that failed so far. */
  readonly attempts: number;
  readonly content: Finding | Digest;
}

/** A new row; `createdAtMs` is also when it is due. */
export interface NewAlert extends Omit<Alert, 'attempts'> {
  /** Null for a digest. */
  readonly findingId: string | null;
  readonly revision: number;
  readonly severity: Severity;
  readonly createdAtMs: number;
  readonly runId: string;
}

/** The id of the announcement of one revision of a finding to one sink. */
export function alertId(findingId: string, sink: string, revision: number): string {
  return sha256([findingId, sink, revision]);
}

const columns: readonly AppendColumn<NewAlert>[] = [
  { type: VARCHAR, value: ({ id }) => id },
  { type: VARCHAR, value: ({ sink }) => sink },
  { type: VARCHAR, value: ({ findingId }) => findingId },
  { type: INTEGER, value: ({ revision }) => revision },
  { type: VARCHAR, value: ({ severity }) => severity },
  { type: VARCHAR, value: ({ reason }) => reason },
  { type: VARCHAR, value: () => 'pending' },
  { type: INTEGER, value: () => 0 },
  { type: TIMESTAMP, value: ({ createdAtMs }) => timestampValue(createdAtMs * 1000) },
  { type: TIMESTAMP, value: ({ createdAtMs }) => timestampValue(createdAtMs * 1000) },
  { type: TIMESTAMP, value: () => null },
  { type: VARCHAR, value: () => null },
  { type: VARCHAR, value: ({ runId }) => runId },
  { type: VARCHAR, value: ({ content }) => JSON.stringify(content) },
];

/** Adds alerts, in place of those with the same id. */
export async function addAlerts(connection: DuckDBConnection, alerts: readonly NewAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  await connection.run(`delete from outbox where id in (select unnest(from_json($1, '["varchar"]')))`, [
    JSON.stringify(alerts.map(({ id }) => id)),
  ]);
  await appendRows(connection, 'outbox', columns, alerts);
}

/** Takes back what nobody needs to hear any more: alerts of findings that were closed or suppressed since. */
export async function withdrawAlerts(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `update outbox
     set state = 'withdrawn'
     where state = 'pending'
       and finding_id in (select id from findings where state in ('closed', 'suppressed'))`,
  );
}

interface AlertRow extends Omit<Alert, 'content'> {
  readonly payload: string;
}

/** Alerts that wait, worst first and digests last: all of them, or those that are due by a time (milliseconds). */
export async function pendingAlerts(connection: DuckDBConnection, dueAtMs: number | null = null): Promise<Alert[]> {
  const rows = await queryRows<AlertRow>(
    connection,
    `select id, sink, reason, attempts, payload
     from outbox
     where state = 'pending' and ($due is null or next_at <= $due)
     order by
       reason = 'digest', list_position(['critical', 'high', 'medium', 'low', 'info'], severity), created_at, finding_id, id`,
    { due: dueAtMs === null ? null : timestampValue(dueAtMs * 1000) },
  );
  return rows.map(({ payload, ...alert }) => ({ ...alert, content: JSON.parse(payload) as Finding | Digest }));
}

export async function markDelivered(
  connection: DuckDBConnection,
  alerts: readonly Alert[],
  nowMs: number,
): Promise<void> {
  await connection.run(
    `update outbox
     set state = 'delivered', delivered_at = $2, last_error = null
     where id in (select unnest(from_json($1, '["varchar"]')))`,
    [JSON.stringify(alerts.map(({ id }) => id)), timestampValue(nowMs * 1000)],
  );
}

/** Attempts after which an alert is dead: it stays in the outbox and is not tried again. */
export const maxAttempts = 8;
const firstDelayMs = 300_000;

export interface FailedDelivery {
  readonly nowMs: number;
  /** From [0, 1): spreads the retries of many alerts. */
  readonly random: () => number;
  /** What went wrong, without secrets. */
  readonly error: string;
}

/**
 * Counts a failed attempt. The next one comes after a random part of 5 min, 10 min, 20 min … (full jitter), so that the
 * eight attempts last some five hours, eleven at most: a sink that is away for a morning loses nothing. Retries within
 * seconds are the sink's own business. Answers the state of the alert.
 */
export async function markFailed(
  connection: DuckDBConnection,
  alert: Alert,
  { nowMs, random, error }: FailedDelivery,
): Promise<'pending' | 'dead'> {
  const attempts = alert.attempts + 1;
  const state = attempts >= maxAttempts ? 'dead' : 'pending';
  const nextAtMs = nowMs + Math.floor(random() * firstDelayMs * 2 ** alert.attempts);
  await connection.run('update outbox set state = $2, attempts = $3, next_at = $4, last_error = $5 where id = $1', [
    alert.id,
    state,
    attempts,
    timestampValue(nextAtMs * 1000),
    error.slice(0, 1000),
  ]);
  return state;
}
