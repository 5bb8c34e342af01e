/** Makes a finding out of its windows: the same windows give the same finding, in whatever order they came. */
import type { Evidence } from '../detectors/engine/detection.js';
import type { Detector } from '../detectors/format/detector.js';
import { compareSeverities, type Contribution } from './contribution.js';
import { isoTime, type Finding, type FindingBaseline, type FindingEvidence } from './finding.js';
import { findingQuery } from './finding-query.js';
import { fillSteps } from './next-steps.js';

/** Rows that a finding shows. */
const maxEvidence = 10;

/** All of a finding but who and when: that is the store's. */
export type FindingContent = Omit<
  Finding,
  'schema' | 'id' | 'dedupe_key' | 'state' | 'detector' | 'detector_version' | 'created_at' | 'updated_at' | 'run_id'
>;

export interface BuiltFinding {
  readonly content: FindingContent;
  /** Why nothing of it is to be announced; null when something is. */
  readonly suppressedBecause: string | null;
}

/**
 * A finding counts all its windows. Its severity, description and identity are those of the worst window that is not
 * suppressed, the earliest of equals; only when every window is suppressed is the finding.
 */
export function buildFinding(
  detector: Detector,
  contributions: readonly Contribution[],
  reasonOf: (contribution: Contribution) => string | null,
): BuiltFinding {
  const announced = contributions.filter((contribution) => reasonOf(contribution) === null);
  const worst = (announced.length > 0 ? announced : contributions).toSorted(byWorst)[0]!;
  return { content: contentOf(detector, contributions, worst), suppressedBecause: reasonOf(worst) };
}

function byWorst(a: Contribution, b: Contribution): number {
  return compareSeverities(a.severity, b.severity) || a.windowStartUs - b.windowStartUs;
}

function contentOf(detector: Detector, contributions: readonly Contribution[], worst: Contribution): FindingContent {
  const firstEventAtUs = contributions.reduce((first, window) => Math.min(first, window.firstEventAtUs), Infinity);
  const lastEventAtUs = contributions.reduce((last, window) => Math.max(last, window.lastEventAtUs), -Infinity);
  const evidence = earliestEvidence(contributions);
  const { identity } = worst;
  return {
    title: detector.title,
    description: `${detector.title}: ${worst.summary ?? detector.description}`,
    severity: worst.severity,
    ...identity,
    first_event_at: isoTime(firstEventAtUs),
    last_event_at: isoTime(lastEventAtUs),
    event_count: contributions.reduce((sum, { eventCount }) => sum + eventCount, 0),
    evidence: evidence.map((row) => evidenceFields(row)),
    baseline: baselineOf(worst),
    mitre: [...detector.mitre],
    query: findingQuery({ detector, identity, firstEventAtUs, lastEventAtUs, evidence }),
    next_steps: fillSteps(detector.nextSteps, identity),
  };
}

/** Of all windows, each row once, in the order of time and then of place. */
function earliestEvidence(contributions: readonly Contribution[]): Evidence[] {
  const rows = new Map<string, Evidence>();
  for (const { evidence } of contributions) for (const row of evidence) rows.set(`${row.logUri}#${row.logLine}`, row);
  return [...rows.values()].sort(compareEvidence).slice(0, maxEvidence);
}

function compareEvidence(a: Evidence, b: Evidence): number {
  if (a.eventTimeUs !== b.eventTimeUs) return a.eventTimeUs - b.eventTimeUs;
  if (a.logUri !== b.logUri) return a.logUri < b.logUri ? -1 : 1;
  return a.logLine - b.logLine;
}

function evidenceFields({ eventTimeUs, logUri, logLine, requestId, action, key, status }: Evidence): FindingEvidence {
  return {
    event_time: isoTime(eventTimeUs),
    log_uri: logUri,
    log_line: logLine,
    request_id: requestId,
    action,
    key,
    status,
  };
}

function baselineOf({ expected, observed, historyDays, factors }: Contribution): FindingBaseline | null {
  if (expected === null && observed === null && historyDays === null && factors.length === 0) return null;
  return { expected, observed, history_days: historyDays, factors: [...factors] };
}
