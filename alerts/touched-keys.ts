/** Finds what a span of detections touches: dedupe keys that fired, and those that fired there before and may not now. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Detection } from '../detectors/engine/detection.js';
import type { DetectionWindow } from '../detectors/engine/window-views.js';
import type { Detector } from '../detectors/format/detector.js';
import { contributionOf, type Contribution } from './contribution.js';
import { episodeGapUs } from './episodes.js';
import { dedupeKey } from './finding.js';
import type { FindingRecord } from './finding-record.js';
import { keysWithWindows, readFindings, readWindows } from './findings-table.js';
import { isNoise, noisyDetector, type Noise } from './noisy-detector.js';
import type { KeyFacts, KnownRecord } from './plan-key.js';

export interface TestedSpan {
  /** Without those that are in `noise`. */
  readonly detections: readonly Detection[];
  readonly noise: readonly Noise[];
  readonly window: DetectionWindow;
  /** The detectors that ran. */
  readonly detectors: readonly Detector[];
}

/** A key that fired. */
interface Fresh {
  readonly detector: Detector;
  readonly contributions: readonly Contribution[];
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

const windowUs = { hour: 3_600_000_000, day: 86_400_000_000 } as const;

/** Every touched key with its findings; windows are read only of findings that the span can reach. */
export async function readTouchedKeys(connection: DuckDBConnection, tested: TestedSpan): Promise<KeyFacts[]> {
  const span: Span = { fromUs: tested.window.fromMs * 1000, toUs: tested.window.toMs * 1000 };
  const fresh = freshByKey(tested);
  const fired = await keysWithWindows(
    connection,
    tested.detectors.map(({ id }) => id),
    span,
  );
  const keys = [...new Set([...fresh.keys(), ...fired])];
  const known = await knownByKey(connection, await readFindings(connection, keys), reachOf(span, fresh));
  return keys.map((key) =>
    keyFacts(key, { tested, span, fresh: fresh.get(key), known: known.get(key) ?? nothingKnown }),
  );
}

function freshByKey({ detections, noise }: TestedSpan): Map<string, Fresh> {
  const fresh = new Map<string, { detector: Detector; contributions: Contribution[] }>();
  for (const { dedupeKey, detector, contributions } of noise) {
    fresh.set(dedupeKey, { detector, contributions: [...contributions] });
  }
  for (const detection of detections) {
    const { detector, entity } = detection;
    const key = dedupeKey({ detector: detector.id, version: detector.version, entity });
    const group = fresh.get(key) ?? { detector, contributions: [] };
    group.contributions.push(contributionOf(detection));
    fresh.set(key, group);
  }
  return fresh;
}

/** Findings outside of this can neither gain nor lose a window, nor be joined with one that does. */
function reachOf({ fromUs, toUs }: Span, fresh: ReadonlyMap<string, Fresh>): Span {
  const contributions = [...fresh.values()].flatMap((group) => group.contributions);
  const margin = windowUs.day + episodeGapUs;
  return {
    fromUs: contributions.reduce((first, { firstEventAtUs }) => Math.min(first, firstEventAtUs), fromUs) - margin,
    toUs: contributions.reduce((last, { lastEventAtUs }) => Math.max(last, lastEventAtUs), toUs) + margin,
  };
}

interface KnownKey {
  readonly near: readonly KnownRecord[];
  readonly distantIds: ReadonlySet<string>;
}

const nothingKnown: KnownKey = { near: [], distantIds: new Set() };

async function knownByKey(
  connection: DuckDBConnection,
  records: readonly FindingRecord[],
  reach: Span,
): Promise<Map<string, KnownKey>> {
  const nearIds = records.filter((record) => isWithin(record, reach)).map(({ finding }) => finding.id);
  const windows = new Map<string, Contribution[]>(nearIds.map((id) => [id, []]));
  for (const { findingId, contribution } of await readWindows(connection, nearIds)) {
    windows.get(findingId)!.push(contribution);
  }
  const known = new Map<string, { near: KnownRecord[]; distantIds: Set<string> }>();
  for (const record of records) {
    const { id, dedupe_key } = record.finding;
    const ofKey = known.get(dedupe_key) ?? { near: [], distantIds: new Set() };
    const own = windows.get(id);
    if (own === undefined) ofKey.distantIds.add(id);
    else ofKey.near.push({ record, windows: own });
    known.set(dedupe_key, ofKey);
  }
  return known;
}

function isWithin({ finding }: FindingRecord, { fromUs, toUs }: Span): boolean {
  return Date.parse(finding.last_event_at) * 1000 >= fromUs && Date.parse(finding.first_event_at) * 1000 <= toUs;
}

interface KeyParts {
  readonly tested: TestedSpan;
  readonly span: Span;
  readonly fresh: Fresh | undefined;
  readonly known: KnownKey;
}

function keyFacts(key: string, { tested, span, fresh, known }: KeyParts): KeyFacts {
  const old = known.near[0]?.record.finding;
  const id = fresh?.detector.id ?? old!.detector;
  const ran = tested.detectors.find((detector) => detector.id === id);
  const detector = fresh?.detector ?? ran!;
  const isNoisy = isNoise(key, { detector: id, version: old?.detector_version ?? detector.version });
  // Of a noisy detector only the noise is known: what it found before may be in it or not.
  const isHidden = !isNoisy && tested.noise.some((noise) => noise.detector.id === id);
  return {
    dedupeKey: key,
    detector: isNoisy ? noisyDetector(detector) : detector,
    known: known.near,
    distantIds: known.distantIds,
    fresh: fresh?.contributions ?? [],
    isComplete: ran !== undefined && !isHidden,
    isWhole: ({ windowStartUs }) =>
      windowStartUs >= span.fromUs && windowStartUs + windowUs[detector.window] <= span.toUs,
  };
}
