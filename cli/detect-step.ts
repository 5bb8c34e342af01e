/**
 * Detection as a step of a command: windows of days that gained rows, detectors over each, findings and alerts in one
 * transaction a window, then delivery.
 */
import { countFindingsOfRun } from '../alerts/findings-store.js';
import { readShownRows } from '../alerts/findings-table.js';
import { recordDetections } from '../alerts/lifecycle.js';
import { settleFindings } from '../alerts/settle-findings.js';
import { readSignals } from '../alerts/signals.js';
import { holds } from '../alerts/suppression.js';
import { lastDayOf } from '../alerts/suppression-hits.js';
import type { Severity } from '../config/severity.js';
import { detectorSettings } from '../detectors/engine/detector-settings.js';
import { availableDetectors } from '../detectors/available.js';
import { runDetectors } from '../detectors/engine/run.js';
import { runRollUps } from '../detectors/engine/roll-up.js';
import { isRollUp, signalReachMs } from '../detectors/engine/signals.js';
import { surroundingsOf } from '../detectors/engine/surroundings.js';
import type { RunResult } from '../detectors/engine/run.js';
import type { Detector } from '../detectors/format/detector.js';
import { shippedDetectors } from '../detectors/shipped.js';
import { planDetection, takesPart, type DetectionPlan, type Look, type Window } from '../detectors/windows.js';
import type { Database } from '../store/duckdb.js';
import { forgetHours, hoursBetween, pendingHours } from '../store/pending-hours.js';
import { lockDown } from '../store/read-only.js';
import { openReader } from '../store/reader.js';
import type { CommonOptions } from './context.js';
import { deliverStep } from './deliver-step.js';
import { formatCounted } from './output/number-format.js';
import { threadCount, type RunSession } from './run-session.js';
import type { DetectSummary } from './summary.js';

export type DetectOptions = CommonOptions & { readonly json?: boolean; readonly failOn?: Severity };

const dayMs = 86_400_000;

/** Events of one window, which DuckDB holds while its detectors run; a day with more is looked at by the hour. */
export const maxWindowEvents = 300_000;

/** Runs the detectors over what is new, or over a period, and delivers what is due. */
export async function detectStep(session: RunSession, period: Window | null): Promise<DetectSummary> {
  const { config, store, context } = session;
  const enabled = enabledDetectors(session);
  sayExpired(session);
  await sayUnusableFiles(session);
  await store.publish();
  const noisy = new Set<string>();
  const reader = await openReader({
    dataDir: config.dataDir,
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
  });
  try {
    // Detectors of the user are SQL that anybody wrote; ours need no other files either.
    await lockDown(reader.connection, config.dataDir);
    for (const plan of planDetection(await hoursToLookAt(reader, period), maxWindowEvents)) {
      if (context.signal.aborted) break;
      await detectPlan(session, { reader, enabled, plan, noisy });
    }
  } finally {
    reader.close();
  }
  await settleStep(session);
  const findings = await store.transact((connection) => countFindingsOfRun(connection, store.runId));
  const { alerts, outbox } = await deliverStep(session);
  return { findings, alerts, outbox };
}

/** Those that the config leaves on. A file of the user that is wrong is told, and does not keep the others from running. */
function enabledDetectors(session: RunSession): Detector[] {
  const { config, notes } = session;
  const { detectors, problems } = availableDetectors(config);
  for (const problem of problems) {
    notes.warn('detector-invalid', problem);
    session.partlyDone = true;
  }
  return detectors.filter((detector) => detectorSettings(config, detector).enabled);
}

/** Lists and databases of the config that cannot be used: what they would have found is not found. */
async function sayUnusableFiles(session: RunSession): Promise<void> {
  const { problems } = await surroundingsOf(session.config);
  for (const { text, isFatal } of problems) {
    session.notes.warn('list-problem', text);
    session.partlyDone ||= isFatal;
  }
}

/** A rule whose last day is over holds nothing back any more, which somebody should know before they wonder. */
function sayExpired({ config, context, notes }: RunSession): void {
  for (const [index, rule] of config.suppressions.entries()) {
    if (holds(rule, context.now())) continue;
    const text = `its last day was ${lastDayOf(rule.expiresAtMs!)}; findings of it are announced again; renew it or take it out`;
    const owner = rule.owner === null ? '' : `, owner ${rule.owner}`;
    notes.warn('suppression-expired', `suppressions[${index}] (${rule.reason}${owner}): ${text}`, { index });
  }
}

async function settleStep({ config, store, context, notes }: RunSession): Promise<void> {
  const closed = await store.transact((connection) =>
    settleFindings(connection, { config, runId: store.runId, nowMs: context.now() }),
  );
  if (closed > 0) notes.note('closed-quiet', `${formatCounted(closed, 'finding')} without news closed`, { closed });
}

function hoursToLookAt({ connection }: Database, period: Window | null): ReturnType<typeof pendingHours> {
  return period === null ? pendingHours(connection) : hoursBetween(connection, period.fromMs, period.toMs);
}

interface PlanWork {
  readonly reader: Database;
  readonly enabled: readonly Detector[];
  readonly plan: DetectionPlan;
  /** What was said of detectors, that they are noisy or failed: once a run is enough. */
  readonly noisy: Set<string>;
}

/** Hours are forgotten when all that there is to find in them is committed, so a killed run looks at them again. */
async function detectPlan(session: RunSession, { reader, enabled, plan, noisy }: PlanWork): Promise<void> {
  let isComplete = true;
  for (const look of plan.looks) {
    if (session.context.signal.aborted) return;
    const detectors = enabled.filter((detector) => takesPart(detector, look));
    const hasFailed = await detectWindow(session, { reader, detectors, look, noisy });
    isComplete &&= !hasFailed;
  }
  const hasFailed = await rollUpStep(session, { reader, enabled, plan, noisy });
  isComplete &&= !hasFailed;
  const { fromMs, toMs } = plan.span;
  // A detector that failed has not seen these hours: the next run looks at them again.
  if (isComplete) await session.store.transact((connection) => forgetHours(connection, fromMs, toMs));
}

/**
 * What the findings of the span come to, and those of the day after, which may look back on it. Runs when all windows of
 * the span are committed; true when a roll-up failed.
 */
async function rollUpStep(session: RunSession, { reader, enabled, plan, noisy }: PlanWork): Promise<boolean> {
  const { config, store, context } = session;
  const detectors = enabled.filter(isRollUp);
  if (detectors.length === 0) return false;
  const window = { fromMs: plan.span.fromMs, toMs: plan.span.toMs + dayMs };
  const rules = { suppressions: config.suppressions, nowMs: context.now() };
  const span = { fromMs: window.fromMs - signalReachMs, toMs: window.toMs, detectors: enabled, rules };
  const signals = await store.transact((connection) => readSignals(connection, span));
  const result = await runRollUps(reader.connection, detectors, { ...window, config, signals });
  return recordStep(session, result, { detectors, window, noisy });
}

interface WindowWork {
  readonly reader: Database;
  readonly detectors: readonly Detector[];
  readonly look: Look;
  readonly noisy: Set<string>;
}

async function detectWindow(session: RunSession, { reader, detectors, look, noisy }: WindowWork): Promise<boolean> {
  const { window } = look;
  // Where the window is held in memory, looking rows up again costs less than asking the catalog.
  const shownRows =
    window.isLarge === true ? await session.store.transact((connection) => readShownRows(connection, window)) : [];
  const result = await runDetectors(reader.connection, detectors, { ...window, config: session.config, shownRows });
  return recordStep(session, result, { detectors, window, noisy });
}

/** Findings and alerts of one window in one transaction; true when a detector of ours failed. */
async function recordStep(
  session: RunSession,
  { detections, problems }: RunResult,
  { detectors, window, noisy }: { detectors: readonly Detector[]; window: Window; noisy: Set<string> },
): Promise<boolean> {
  const { config, store, context, notes } = session;
  for (const { detector, message } of problems) {
    session.partlyDone = true;
    // What is wrong with its SQL is wrong in every window.
    const said = `${detector}: ${message}`;
    if (noisy.has(said)) continue;
    noisy.add(said);
    notes.warn('detector-failed', `detector ${said}`, { detector });
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
    for (const id of recorded.noisyDetectors) {
      if (noisy.has(id)) continue;
      noisy.add(id);
      notes.warn('noisy-detector', `detector ${id}: too many findings, reported as one`, { detector: id });
    }
  });
  // One of the user's that always fails must not make every run look at all hours again; detect --from makes up for it.
  return shippedDetectors().some(({ id }) => failed.has(id));
}
