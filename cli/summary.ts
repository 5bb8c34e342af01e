/** The summary object that --json prints; scripts depend on its names. */
import type { OutboxCounts } from '../alerts/outbox.js';
import type { RunSession } from './run-session.js';

export interface DetectSummary {
  /** New and changed findings of this run, by severity. */
  readonly findings: Readonly<Record<string, number>>;
  /** Alerts by sink and state. */
  readonly alerts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the outbox holds afterwards; left out when nothing was delivered. */
  readonly outbox?: OutboxCounts;
}

/** The run's numbers under their contract names; `findings` and `alerts` are empty for an ingest. */
export function runSummary({ context, store }: RunSession, { findings, alerts, outbox }: DetectSummary) {
  const { totals } = store;
  return {
    run_id: store.runId,
    objects: totals.objects,
    objects_skipped: totals.objectsSkipped,
    objects_failed: totals.objectsFailed,
    lines: totals.lines,
    rows: totals.rows,
    rejected: totals.rejected,
    duplicates: totals.duplicates,
    skipped: totals.skipped,
    bytes: totals.bytes,
    seconds: (context.now() - store.startedAtMs) / 1000,
    findings,
    alerts,
    ...outboxFields(outbox),
  };
}

/** What `publish --json` prints. */
export function publishSummary(
  { context, store }: RunSession,
  { alerts, outbox }: Omit<DetectSummary, 'findings'>,
): object {
  const seconds = (context.now() - store.startedAtMs) / 1000;
  return { run_id: store.runId, seconds, alerts, ...outboxFields(outbox) };
}

function outboxFields(outbox: OutboxCounts | undefined): object {
  return outbox === undefined ? {} : { alerts_pending: outbox.pending, alerts_dead: outbox.dead };
}
