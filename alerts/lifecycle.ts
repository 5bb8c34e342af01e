/**
 * Detections become findings: new, updated, closed or suppressed, and the alerts that follow, all in the caller's
 * transaction. Recording the same again changes nothing, and windows may come in any order.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FileConfig } from '../config/schema.js';
import { severities, type Severity } from '../config/severity.js';
import type { Detection } from '../detectors/engine/detection.js';
import type { DetectionWindow } from '../detectors/engine/window-views.js';
import type { Detector } from '../detectors/format/detector.js';
import { contributionOf, type Contribution } from './contribution.js';
import { episodeGapUs } from './episodes.js';
import { dedupeKey } from './finding.js';
import type { FindingRecord } from './finding-record.js';
import { keysWithWindows, readFindings, readWindows, replaceWindows, writeFindings } from './findings-table.js';
import { isNoise, noisyDetector, noisyLimit, takeOutNoise } from './noisy-detector.js';
import { enqueueAlerts } from './outbox.js';
import { planKey, type KeyPlan, type RunFacts } from './plan-key.js';
import { suppressionReason } from './suppression.js';

export interface RecordOptions {
  readonly detections: readonly Detection[];
  /**
   * The span that was looked at. A detector that works by the day needs whole days here: of a day that was looked at in
   * part, nothing is taken away and no smaller count replaces a larger one.
   */
  readonly window: DetectionWindow;
  /** The detectors that ran over it without a fatal problem: only theirs is gone what is not among the detections. */
  readonly detectors: readonly Detector[];
  readonly config: Pick<FileConfig, 'suppressions' | 'sinks'>;
  readonly runId: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Detections of one detector, beyond which it is noisy. */
  readonly noisyLimit?: number;
}

export type SeverityCounts = Readonly<Partial<Record<Severity, number>>>;

/** What changed; a severity without findings has no entry. */
export interface RecordSummary {
  readonly new: SeverityCounts;
  readonly updated: SeverityCounts;
  /** `new` and `updated` together: what the summary of a run prints. */
  readonly findings: SeverityCounts;
  /** Findings of which nothing is left, or that turned out to be part of another. */
  readonly closed: number;
  /** Detections that were recorded and are not announced, by reason; counted at each recording. */
  readonly suppressed: Readonly<Record<string, number>>;
  /** Ids of detectors whose detections became one finding. */
  readonly noisyDetectors: readonly string[];
}

/** Records what the detectors found in a span, and enqueues the alerts. */
export async function recordDetections(connection: DuckDBConnection, options: RecordOptions): Promise<RecordSummary> {
  const { detections, config, runId, nowMs } = options;
  const run: RunFacts = { rules: { suppressions: config.suppressions, nowMs }, runId, nowMs };
  const { distinct, noise } = takeOutNoise(detections, run.rules, options.noisyLimit ?? noisyLimit);
  const fresh = freshByKey(distinct);
  for (const { dedupeKey, contributions } of noise) fresh.set(dedupeKey, { detector: noise[0]!.detector, contributions });
  const noisyDetectors = [...new Set(noise.map(({ detector }) => detector.id))];
  const plans = await planKeys(connection, fresh, { options, run, noisyDetectors });
  await writePlans(connection, plans);
  await enqueueAlerts(connection, { sinks: config.sinks, runId, nowMs });
  return { ...changes(plans), suppressed: suppressedCounts(detections, run), noisyDetectors };
}

interface Fresh {
  readonly detector: Detector;
  readonly contributions: readonly Contribution[];
}

function freshByKey(detections: readonly Detection[]): Map<string, Fresh> {
  const fresh = new Map<string, { detector: Detector; contributions: Contribution[] }>();
  for (const detection of detections) {
    const { detector, entity } = detection;
    const key = dedupeKey({ detector: detector.id, version: detector.version, entity });
    const group = fresh.get(key);
    if (group === undefined) fresh.set(key, { detector, contributions: [contributionOf(detection)] });
    else group.contributions.push(contributionOf(detection));
  }
  return fresh;
}

interface PlanContext {
  readonly options: RecordOptions;
  readonly run: RunFacts;
  readonly noisyDetectors: readonly string[];
}

async function planKeys(
  connection: DuckDBConnection,
  fresh: ReadonlyMap<string, Fresh>,
  { options, run, noisyDetectors }: PlanContext,
): Promise<KeyPlan[]> {
  const { window, detectors } = options;
  const span = { fromUs: window.fromMs * 1000, toUs: window.toMs * 1000 };
  const tested = new Map(detectors.map((detector) => [detector.id, detector]));
  const old = await keysWithWindows(connection, [...tested.keys()], span);
  const records = await readFindings(connection, [...new Set([...fresh.keys(), ...old])]);
  const reach = reachOf(span, fresh);
  const near = records.filter((record) => isWithin(record, reach));
  const windows = Map_groupBy(await readWindows(connection, near.map(({ finding }) => finding.id)));
  return [];
}
