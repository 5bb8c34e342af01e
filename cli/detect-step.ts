/**
 * Detection as a step of a command: windows of days that gained rows, detectors over each, findings and alerts in one
 * transaction a window, then delivery.
 */
import { deliverAlerts } from '../alerts/deliver.js';
import { countFindingsOfRun } from '../alerts/findings-store.js';
import { recordDetections } from '../alerts/lifecycle.js';
import type { Alert } from '../alerts/outbox.js';
import { namedSinks } from '../alerts/sink-name.js';
import { openSinks } from '../alerts/sinks/open-sinks.js';
import type { Severity } from '../config/severity.js';
import { detectorSettings } from '../detectors/engine/detector-settings.js';
import { runDetectors } from '../detectors/engine/run.js';
import type { Detector } from '../detectors/format/detector.js';
import { shippedDetectors } from '../detectors/shipped.js';
import { planDetection, takesPart, type DetectionPlan, type Look, type Window } from '../detectors/windows.js';
import type { Database } from '../store/duckdb.js';
import { forgetHours, hoursBetween, pendingHours } from '../store/pending-hours.js';
import { openReader } from '../store/reader.js';
import type { CommonOptions } from './context.js';
import { terminalSafe } from './output/escape.js';
import { renderFindingCard } from './output/finding-card.js';
import { streamOutput } from './output/output-stream.js';
import { plainStyle } from './output/style.js';
import { threadCount, type RunSession } from './run-session.js';
import type { DetectSummary } from './summary.js';

export type DetectOptions = CommonOptions & { readonly json?: boolean; readonly failOn?: Severity };

/** Events of one window, which DuckDB holds while its detectors run; a day with more is looked at by the hour. */
const maxWindowEvents = 300_000;

/** Runs the detectors over what is new, or over a period, and delivers what is due. */
export async function detectStep(session: RunSession, period: Window | null): Promise<DetectSummary> {
  const { config, store, context } = session;
  const enabled = shippedDetectors().filter((detector) => detectorSettings(config, detector).enabled);
  store.publish();
  const reader = await openReader({
    dataDir: config.dataDir,
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
  });
  try {
    for (const plan of planDetection(await hoursToLookAt(reader, period), maxWindowEvents)) {
      if (context.signal.aborted) break;
      await detectPlan(session, { reader, enabled, plan });
    }
  } finally {
    reader.close();
  }
  const findings = await store.transact((connection) => countFindingsOfRun(connection, store.runId));
  return { findings, alerts: await deliverStep(session) };
}

function hoursToLookAt({ connection }: Database, period: Window | null): ReturnType<typeof pendingHours> {
  return period === null ? pendingHours(connection) : hoursBetween(connection, period.fromMs, period.toMs);
}

interface PlanWork {
  readonly reader: Database;
  readonly enabled: readonly Detector[];
  readonly plan: DetectionPlan;
}

/** Hours are forgotten when all that there is to find in them is committed, so a killed run looks at them again. */
async function detectPlan(session: RunSession, { reader, enabled, plan }: PlanWork): Promise<void> {
  let isComplete = true;
  for (const look of plan.looks) {
    if (session.context.signal.aborted) return;
    const detectors = enabled.filter((detector) => takesPart(detector, look));
    const hasFailed = await detectWindow(session, { reader, detectors, look });
    isComplete &&= !hasFailed;
  }
  const { fromMs, toMs } = plan.span;
  // A detector that failed has not seen these hours: the next run looks at them again.
  if (isComplete) await session.store.transact((connection) => forgetHours(connection, fromMs, toMs));
}

interface WindowWork {
  readonly reader: Database;
  readonly detectors: readonly Detector[];
  readonly look: Look;
}

/** Findings and alerts of one window in one transaction; true when a detector failed. */
async function detectWindow(session: RunSession, { reader, detectors, look }: WindowWork): Promise<boolean> {
  const { config, store, context, notes } = session;
  const { window } = look;
  const { detections, problems } = await runDetectors(reader.connection, detectors, { ...window, config });
  for (const { detector, message } of problems) {
    notes.warn('detector-failed', `detector ${detector}: ${message}`, { detector });
    session.partlyDone = true;
  }
  const failed = new Set(problems.filter(({ isFatal }) => isFatal).map(({ detector }) => detector));
  await store.transact(async (connection) => {
    const recorded = await recordDetections(connection, {
      detections,
      detectors: detectors.filter(({ id }) => !failed.has(id)),
      window,
      config,
      runId: store.runId,
      nowMs: context.now(),
    });
    for (const id of recorded.noisyDetectors)
      notes.warn('noisy-detector', `detector ${id}: too many findings, reported as one`, { detector: id });
  });
  return failed.size > 0;
}

/** Sends what is due. A sink that fails makes the run partly done; its alerts wait for the next run. */
async function deliverStep(session: RunSession): Promise<DetectSummary['alerts']> {
  const { config, store, context, notes } = session;
  const output = streamOutput(context.stdout);
  const sinks = openSinks(config.sinks, { write: (text) => output.write(text), renderText: alertText });
  for (const { name } of namedSinks(config.sinks)) {
    if (sinks.some((sink) => sink.name === name)) continue;
    notes.warn('sink-unsupported', `sink ${name}: this version cannot deliver to it; its alerts wait in the outbox`, {
      sink: name,
    });
  }
  const { alerts, errors } = await deliverAlerts({ transact: (work) => store.transact(work), sinks, now: context.now });
  for (const [sink, error] of Object.entries(errors)) {
    notes.warn('sink-failed', `sink ${sink}: ${error}; its alerts stay in the outbox`, { sink, error });
    session.partlyDone = true;
  }
  return alerts;
}

/** An alert of the text format: a finding as a card, a digest as its title. */
function alertText(content: Alert['content']): string {
  if ('evidence' in content) return renderFindingCard(content, { width: null, style: plainStyle });
  return `${terminalSafe(content.title)}\n`;
}
