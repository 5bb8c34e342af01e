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
import { contributionOf } from './contribution.js';
import { enqueueAlerts } from './enqueue-alerts.js';
import type { FindingRecord } from './finding-record.js';
import { replaceWindows, writeFindings } from './findings-table.js';
import { noisyLimit, takeOutNoise } from './noisy-detector.js';
import { planKey, type KeyPlan, type RunFacts } from './plan-key.js';
import { suppressionReason } from './suppression.js';
import { recordHits } from './suppression-hits.js';
import { readTouchedKeys } from './touched-keys.js';

export interface RecordOptions {
  readonly detections: readonly Detection[];
  /**
   * The span that was looked at. A detector that works by the day needs whole days here: of a day that was looked at in
   * part, nothing is taken away and no smaller count replaces a larger one.
   */
  readonly window: DetectionWindow;
  /** The detectors that ran over it without a fatal problem: only theirs is gone what is not among the detections. */
  readonly detectors: readonly Detector[];
  readonly config: Pick<FileConfig, 'suppressions' | 'sinks' | 'alerts'>;
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
  const { detections, window, detectors, config, runId, nowMs } = options;
  const run: RunFacts = { rules: { suppressions: config.suppressions, nowMs }, runId, nowMs };
  const { distinct, noise } = takeOutNoise(detections, run.rules, options.noisyLimit ?? noisyLimit);
  const keys = await readTouchedKeys(connection, { detections: distinct, noise, window, detectors });
  const plans = keys.map((facts) => planKey(facts, run));
  await writePlans(connection, plans);
  await recordHits(connection, { detections, detectors, window, rules: run.rules });
  await enqueueAlerts(connection, { config, runId, nowMs });
  return {
    ...changesOf(plans),
    suppressed: suppressedCounts(detections, run),
    noisyDetectors: [...new Set(noise.map(({ detector }) => detector.id))],
  };
}

async function writePlans(connection: DuckDBConnection, plans: readonly KeyPlan[]): Promise<void> {
  await writeFindings(
    connection,
    plans.flatMap(({ written }) => written.map(({ after }) => after)),
  );
  await replaceWindows(connection, {
    removed: plans.flatMap(({ removed }) => removed),
    added: plans.flatMap(({ added }) => added),
  });
}

/** Findings that want attention; those that people or suppressions keep quiet are not news. */
function changesOf(plans: readonly KeyPlan[]): Pick<RecordSummary, 'new' | 'updated' | 'findings' | 'closed'> {
  const written = plans.flatMap((plan) => plan.written);
  const revised = written.filter(({ before, after }) => before === null || before.revision !== after.revision);
  const loud = revised.filter(({ after }) => after.finding.state === 'open' || after.finding.state === 'updated');
  const isNew = ({ after }: (typeof loud)[number]): boolean => after.finding.state === 'open';
  return {
    new: countBySeverity(loud.filter((change) => isNew(change))),
    updated: countBySeverity(loud.filter((change) => !isNew(change))),
    findings: countBySeverity(loud),
    closed: revised.filter(
      ({ before, after }) => after.finding.state === 'closed' && before?.finding.state !== 'closed',
    ).length,
  };
}

function countBySeverity(changes: readonly { readonly after: FindingRecord }[]): SeverityCounts {
  const counts: Partial<Record<Severity, number>> = {};
  for (const severity of severities) {
    const count = changes.filter(({ after }) => after.finding.severity === severity).length;
    if (count > 0) counts[severity] = count;
  }
  return counts;
}

function suppressedCounts(detections: readonly Detection[], { rules }: RunFacts): Record<string, number> {
  const counts = new Map<string, number>();
  for (const detection of detections) {
    const reason = suppressionReason(rules, detection.detector.id, contributionOf(detection));
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}
