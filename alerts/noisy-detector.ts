/**
 * A detector that fires for everything says nothing, and fills the store: beyond a limit its detections of one call
 * become one finding a detector, which says so. That finding is as severe as the worst of what it stands for, so that
 * an attacker cannot hide one critical hit behind thousands of harmless ones.
 */
import { identityColumns, type Detection, type IdentityColumn } from '../detectors/engine/detection.js';
import type { Detector } from '../detectors/format/detector.js';
import { compareSeverities, contributionOf, type Contribution } from './contribution.js';
import { dedupeKey, type DedupeFacts } from './finding.js';
import { suppressionReason, type SuppressionRules } from './suppression.js';

/** Detections of one detector in one call, beyond which it is noisy; Cortex XDR has the same number for a day. */
export const noisyLimit = 5000;

/** Windows that stand for many detections each. */
export interface Noise {
  readonly detector: Detector;
  readonly dedupeKey: string;
  readonly contributions: readonly Contribution[];
}

export interface Sorted {
  /** Detections that are few enough to be findings of their own. */
  readonly distinct: readonly Detection[];
  readonly noise: readonly Noise[];
}

/**
 * Takes out the noise. Suppressed detections are counted apart from the others, so that what is expected never takes
 * what is not with it.
 */
export function takeOutNoise(detections: readonly Detection[], rules: SuppressionRules, limit: number): Sorted {
  const distinct: Detection[] = [];
  const noise: Noise[] = [];
  for (const { detections: group, reason } of groups(detections, rules)) {
    if (group.length <= limit) distinct.push(...group);
    else noise.push(noiseOf(group, reason));
  }
  return { distinct, noise };
}

interface Group {
  readonly detections: Detection[];
  /** Why the first of them is suppressed; null when none is. */
  readonly reason: string | null;
}

function groups(detections: readonly Detection[], rules: SuppressionRules): Iterable<Group> {
  const found = new Map<string, Group>();
  for (const detection of detections) {
    const reason = suppressionReason(rules, detection.detector.id, contributionOf(detection));
    const key = `${detection.detector.id} ${reason === null}`;
    const group = found.get(key) ?? { detections: [], reason };
    group.detections.push(detection);
    found.set(key, group);
  }
  return found.values();
}

/** A detector can be noisy twice: for what is announced and for what is suppressed. No detector's id has a colon. */
function noiseKey({ id, version }: Pick<Detector, 'id' | 'version'>, isSuppressed: boolean): string {
  return dedupeKey({ detector: `${id}:noisy`, version, entity: isSuppressed ? ['suppressed'] : [] });
}

/** Whether a dedupe key is that of a noisy detector and not of something it found. */
export function isNoise(key: string, { detector, version }: Omit<DedupeFacts, 'entity'>): boolean {
  return [true, false].some((isSuppressed) => noiseKey({ id: detector, version }, isSuppressed) === key);
}

function noiseOf(detections: readonly Detection[], reason: string | null): Noise {
  const { detector } = detections[0]!;
  const windows = new Map<number, Detection[]>();
  for (const detection of detections) {
    const window = windows.get(detection.windowStartUs);
    if (window === undefined) windows.set(detection.windowStartUs, [detection]);
    else window.push(detection);
  }
  return {
    detector,
    dedupeKey: noiseKey(detector, reason !== null),
    contributions: [...windows.values()].map((window) => noiseOfWindow(window, reason)),
  };
}

/** The detector as its noise presents it. */
export function noisyDetector(detector: Detector): Detector {
  const { id, title } = detector;
  return {
    ...detector,
    title: `noisy detector: ${title}`,
    entity: [],
    description: `The detector ${id} fired so often that its detections are kept as one finding.`,
    nextSteps: [
      `See what it fires for: bucketwatch backtest lists the keys of ${id} that fire most.`,
      `Raise its parameters or add a suppression in bucketwatch.yaml; bucketwatch detectors explain ${id} lists them.`,
      'Look at the same period again with bucketwatch detect --from T --to T: its findings appear one by one.',
    ],
  };
}

function noiseOfWindow(window: readonly Detection[], reason: string | null): Contribution {
  const worst = window.toSorted(byWorst)[0]!;
  const { detector, summary, entity } = worst;
  const example = summary ?? entity.map((value) => value ?? '-').join(', ');
  return {
    ...contributionOf(worst),
    summary: `${detector.id} fired for ${window.length} keys in one ${detector.window}; the worst: ${example}`,
    identity: sharedIdentity(window),
    firstEventAtUs: window.reduce((first, { firstEventAtUs }) => Math.min(first, firstEventAtUs), Infinity),
    lastEventAtUs: window.reduce((last, { lastEventAtUs }) => Math.max(last, lastEventAtUs), -Infinity),
    eventCount: window.reduce((sum, { eventCount }) => sum + eventCount, 0),
    heldBecause: reason,
  };
}

function byWorst(a: Detection, b: Detection): number {
  return (
    compareSeverities(a.severity, b.severity) ||
    a.firstEventAtUs - b.firstEventAtUs ||
    (JSON.stringify(a.entity) < JSON.stringify(b.entity) ? -1 : 1)
  );
}

/** What all detections have in common; the rest is null. */
function sharedIdentity(window: readonly Detection[]): Contribution['identity'] {
  const shared = (column: IdentityColumn): string | null => {
    const value = window[0]!.identity[column];
    return window.every(({ identity }) => identity[column] === value) ? value : null;
  };
  return Object.fromEntries(identityColumns.map((column) => [column, shared(column)])) as Contribution['identity'];
}
