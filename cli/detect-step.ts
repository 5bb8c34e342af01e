/**
 * Detection as a step of a command: windows of hours that gained rows, detectors over each, findings and alerts in one
 * transaction a window, then delivery.
 */
import { recordDetections } from '../alerts/lifecycle.js';
import { deliverAlerts } from '../alerts/deliver.js';
import type { Severity } from '../config/severity.js';
import { runDetectors } from '../detectors/engine/run.js';
import { shippedDetectors } from '../detectors/shipped.js';
import { planWindows, type Window } from '../detectors/windows.js';
import type { Database } from '../store/duckdb.js';
import { forgetHours, hoursBetween, pendingHours } from '../store/pending-hours.js';
import { openReader } from '../store/reader.js';
import type { CommonOptions } from './context.js';
import { threadCount, type RunSession } from './run-session.js';
import type { DetectSummary } from './summary.js';

export type DetectOptions = CommonOptions & { readonly json?: boolean; readonly failOn?: Severity };

/** Events of one window, which is held in memory while its detectors run. */
const maxWindowEvents = 1_000_000;

/** Runs the detectors over what is new, or over a period, and delivers what is due. */
export async function detectStep(session: RunSession, period: Window | null): Promise<DetectSummary> {
  const { config, store } = session;
  store.publish();
  const reader = await openReader({ dataDir: config.dataDir, threads: threadCount(config), memoryBytes: config.limits.memoryBytes });
  const findings: Record<string, number> = {};
  try {
    const hours = period === null ? await pendingHours(reader.connection) : await hoursBetween(reader.connection, period.fromMs, period.toMs);
    for (const window of planWindows(hours, maxWindowEvents)) {
      if (session.context.signal.aborted) break;
      for (const [severity, count] of Object.entries(await detectWindow(session, reader, window))) {
        findings[severity] = (findings[severity] ?? 0) + count;
      }
    }
  } finally {
    reader.close();
  }
  return { findings, alerts: await deliver(session) };
}

async function detectWindow({ config, store, context, notes, ...session }: RunSession, reader: Database, window: Window): Promise<Record<string, number>> {
  const { detections, problems } = await runDetectors(reader.connection, shippedDetectors(), { ...window, config });
  for (const { detector, message, isFatal } of problems) {
    notes.warn('detector-failed', `detector ${detector}: ${message}`, { detector });
    session.partlyDone ||= isFatal;
  }
  return store.transact(async (connection) => {
    const recorded = await recordDetections(connection, { detections, window, config, runId: store.runId, nowMs: context.now() });
    await forgetHours(connection, window.fromMs, window.toMs);
    return recorded.findings;
  });
}
