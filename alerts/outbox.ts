/**
 * The table `outbox`: alerts wait here for their delivery, and their rows say afterwards what each sink has heard. All
 * functions work in the transaction of the caller.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
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

/**
 * The id of the announcement of one revision of a finding to one sink. `turn` is the time at which its state turned, for
 * announcements of a state, which can come back without a new revision; null for those of what was found.
 */
export function alertId(findingId: string, sink: string, revision: number, turn: string | null = null): string {
  return sha256(turn === null ? [findingId, sink, revision] : [findingId, sink, revision, turn]);
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

/**
 * Takes back what nobody needs to hear any more: alerts of findings that were closed or suppressed since, and the closing
 * of those that are open again.
 */
export async function withdrawAlerts(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    `update outbox
     set state = 'withdrawn'
     from findings
     where outbox.state = 'pending'
       and findings.id = outbox.finding_id
       and (
         findings.state = 'suppressed'
         or (findings.state = 'closed' and outbox.reason <> 'closed')
         or (findings.state <> 'closed' and outbox.reason = 'closed')
       )`,
  );
}

/** Takes back the dead alerts of a finding that a person has dealt with. */
export async function withdrawDead(connection: DuckDBConnection, findingId: string): Promise<void> {
  await connection.run(`update outbox set state = 'withdrawn' where state = 'dead' and finding_id = $1`, [findingId]);
}

/** An alert of the outbox that did not arrive so far. */
export interface WaitingAlert extends Alert {
  readonly state: 'pending' | 'dead';
  /** Milliseconds since 1970. */
  readonly createdAtMs: number;
  /** When it is to be tried, or when it died; milliseconds since 1970. */
  readonly dueAtMs: number;
  /** Null before the first failure. */
  readonly lastError: string | null;
}

interface AlertRow extends Omit<WaitingAlert, 'content' | 'createdAtMs' | 'dueAtMs' | 'lastError'> {
  readonly payload: string;
  readonly created_at: bigint;
  readonly next_at: bigint;
  readonly last_error: string | null;
}

/** Alerts that wait, worst first and digests last: all of them, or those that are due by a time (milliseconds). */
export function pendingAlerts(connection: DuckDBConnection, dueAtMs: number | null = null): Promise<WaitingAlert[]> {
  return waitingAlerts(connection, 'pending', dueAtMs);
}

/** Alerts that are not tried any more, in the same order. */
export function deadAlerts(connection: DuckDBConnection): Promise<WaitingAlert[]> {
  return waitingAlerts(connection, 'dead', null);
}

async function waitingAlerts(
  connection: DuckDBConnection,
  state: WaitingAlert['state'],
  dueAtMs: number | null,
): Promise<WaitingAlert[]> {
  const rows = await queryRows<AlertRow>(
    connection,
    `select
       id, sink, reason, attempts, state, last_error, payload, epoch_ms(outbox.created_at) as created_at,
       epoch_ms(outbox.next_at) as next_at
     from outbox
     where state = $state and ($due is null or outbox.next_at <= $due)
     order by
       reason = 'digest', list_position(['critical', 'high', 'medium', 'low', 'info'], severity), outbox.created_at,
       finding_id, id`,
    { state, due: dueAtMs === null ? null : timestampValue(dueAtMs * 1000) },
  );
  return rows.map(({ payload, created_at, next_at, last_error, ...alert }) => ({
    ...alert,
    content: JSON.parse(payload) as Finding | Digest,
    createdAtMs: Number(created_at),
    dueAtMs: Number(next_at),
    lastError: last_error,
  }));
}

/** How many alerts did not arrive so far; `dead` are those that nothing but a person's `publish --dead` tries again. */
export interface OutboxCounts {
  readonly pending: number;
  readonly dead: number;
}

export async function countOutbox(connection: DuckDBConnection): Promise<OutboxCounts> {
  const [row] = await queryRows<{ pending: bigint; dead: bigint }>(
    connection,
    `select count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'dead') as dead
     from outbox`,
  );
  return { pending: Number(row!.pending), dead: Number(row!.dead) };
}

/** Marks what arrived. A dead alert of something that the sink has heard more of since is no longer worth telling. */
export async function markDelivered(
  connection: DuckDBConnection,
  alerts: readonly Alert[],
  nowMs: number,
): Promise<void> {
  const ids = JSON.stringify(alerts.map(({ id }) => id));
  await connection.run(
    `update outbox
     set state = 'delivered', delivered_at = $2, last_error = null
     where id in (select unnest(from_json($1, '["varchar"]')))`,
    [ids, timestampValue(nowMs * 1000)],
  );
  await connection.run(
    `update outbox
     set state = 'withdrawn'
     from outbox as newer
     where outbox.state = 'dead'
       and newer.id in (select unnest(from_json($1, '["varchar"]')))
       and newer.finding_id = outbox.finding_id
       and newer.sink = outbox.sink
       and newer.created_at > outbox.created_at`,
    [ids],
  );
}

/** Takes dead alerts out of the count, at the word of a person. Answers how many there were. */
export async function forgetDead(connection: DuckDBConnection): Promise<number> {
  const { rowsChanged } = await connection.run(`update outbox set state = 'withdrawn' where state = 'dead'`);
  return rowsChanged;
}

/** Attempts after which an alert is dead: it stays in the outbox and is not tried again. */
export const maxAttempts = 8;
/** Age at which a failure is the last one, however few attempts there were. */
export const maxAgeMs = 24 * 3_600_000;
const firstDelayMs = 300_000;

export interface FailedDelivery {
  readonly nowMs: number;
  /** From [0, 1): spreads the retries of many alerts. */
  readonly random: () => number;
  /** What went wrong, without secrets. */
  readonly error: string;
  /** Whether another attempt would end the same. */
  readonly isPermanent?: boolean;
}

/**
 * Counts a failed attempt. The next one comes after a random part of 5 min, 10 min, 20 min … (full jitter), so that the
 * eight attempts last some five hours, eleven at most: a sink that is away for a morning loses nothing. An attempt is
 * all that one run tries; one that came before its time, because a person asked for it, does not count. Answers the
 * state of the alert.
 */
export async function markFailed(
  connection: DuckDBConnection,
  alert: WaitingAlert,
  { nowMs, random, error, isPermanent = false }: FailedDelivery,
): Promise<'pending' | 'dead'> {
  const isEarly = alert.state === 'dead' || alert.dueAtMs > nowMs;
  const attempts = alert.attempts + (isEarly ? 0 : 1);
  const isDead =
    alert.state === 'dead' || isPermanent || attempts >= maxAttempts || nowMs - alert.createdAtMs >= maxAgeMs;
  const state = isDead ? 'dead' : 'pending';
  const nextAtMs = nowMs + Math.floor(random() * firstDelayMs * 2 ** alert.attempts);
  const dueAtMs = isEarly && state === alert.state ? alert.dueAtMs : isDead ? nowMs : nextAtMs;
  await connection.run('update outbox set state = $2, attempts = $3, next_at = $4, last_error = $5 where id = $1', [
    alert.id,
    state,
    attempts,
    timestampValue(dueAtMs * 1000),
    error.slice(0, 1000),
  ]);
  return state;
}
