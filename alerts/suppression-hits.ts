/**
 * How often each suppression held, in the table `suppression_hits`: a rule that nothing matches any more can go, and one
 * that matches ever more hides something. Looking at a window again replaces its count.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import type { Detection } from '../detectors/engine/detection.js';
import type { DetectionWindow } from '../detectors/engine/window-views.js';
import type { Detector } from '../detectors/format/detector.js';
import { appendRows, type AppendColumn } from '../store/append-rows.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';
import { contributionOf } from './contribution.js';
import { isoTime, sha256 } from './finding.js';
import { holds, suppressionOf, type Suppression, type SuppressionRules } from './suppression.js';

/** Detections of one detector and window that one rule held back. */
interface Hits {
  readonly suppression: string;
  readonly detector: string;
  readonly windowStartUs: number;
  readonly hits: number;
  readonly lastEventAtUs: number;
}

const columns: readonly AppendColumn<Hits>[] = [
  { type: VARCHAR, value: ({ suppression }) => suppression },
  { type: VARCHAR, value: ({ detector }) => detector },
  { type: TIMESTAMP, value: ({ windowStartUs }) => timestampValue(windowStartUs) },
  { type: BIGINT, value: ({ hits }) => BigInt(hits) },
  { type: TIMESTAMP, value: ({ lastEventAtUs }) => timestampValue(lastEventAtUs) },
];

/** Rules are known by what they match: a new reason, owner or date keeps the count. */
export function suppressionId({ detector, match }: Suppression): string {
  return sha256([detector, Object.entries(match).sort(([a], [b]) => (a < b ? -1 : 1))]).slice(0, 16);
}

export interface HitsOptions {
  readonly detections: readonly Detection[];
  /** Those that ran over the window. */
  readonly detectors: readonly Detector[];
  readonly window: DetectionWindow;
  readonly rules: SuppressionRules;
}

/** Counts what the rules hold back of a span of detections. */
export async function recordHits(connection: DuckDBConnection, options: HitsOptions): Promise<void> {
  const known = await knownHits(connection, options);
  const after = new Map(countHits(options).map((hits) => [keyOf(hits), hits]));
  for (const hits of known) {
    const fresh = after.get(keyOf(hits));
    // Part of a window shows part of its hits.
    if (!isWhole(hits, options) && (fresh === undefined || fresh.hits < hits.hits)) after.set(keyOf(hits), hits);
  }
  if (asText(known) === asText([...after.values()])) return;
  await connection.run(`delete from suppression_hits where ${spanSql}`, spanValues(options));
  await appendRows(connection, 'suppression_hits', columns, [...after.values()]);
}

function keyOf({ suppression, detector, windowStartUs }: Hits): string {
  return `${suppression} ${detector} ${windowStartUs}`;
}

function asText(hits: readonly Hits[]): string {
  const rows = hits.map((row) => `${keyOf(row)} ${row.hits} ${row.lastEventAtUs}`);
  return rows.sort().join('\n');
}

const windowMs = { hour: 3_600_000, day: 86_400_000 } as const;

function isWhole({ detector, windowStartUs }: Hits, { detectors, window: { fromMs, toMs } }: HitsOptions): boolean {
  const { window } = detectors.find(({ id }) => id === detector)!;
  const startMs = windowStartUs / 1000;
  return startMs >= fromMs && startMs + windowMs[window] <= toMs;
}

function countHits({ detections, detectors, rules }: HitsOptions): Hits[] {
  if (rules.suppressions.length === 0) return [];
  const ran = new Set(detectors.map(({ id }) => id));
  const counts = new Map<string, Hits>();
  for (const detection of detections) {
    const { detector, windowStartUs, lastEventAtUs } = detection;
    const contribution = contributionOf(detection);
    if (contribution.heldBecause !== null || !ran.has(detector.id)) continue;
    const rule = suppressionOf(rules, detector.id, contribution);
    if (rule === null) continue;
    const one: Hits = {
      suppression: suppressionId(rule),
      detector: detector.id,
      windowStartUs,
      hits: 1,
      lastEventAtUs,
    };
    const sum = counts.get(keyOf(one));
    const last = Math.max(lastEventAtUs, sum?.lastEventAtUs ?? 0);
    counts.set(keyOf(one), { ...one, hits: (sum?.hits ?? 0) + 1, lastEventAtUs: last });
  }
  return [...counts.values()];
}

/** The windows that a span can touch; a day may have begun before it. */
const spanSql = `detector in (select unnest(from_json($detectors, '["varchar"]'))) and window_start >= $from and window_start < $to`;

function spanValues({ detectors, window: { fromMs, toMs } }: HitsOptions) {
  return {
    detectors: JSON.stringify(detectors.map(({ id }) => id)),
    from: timestampValue((fromMs - windowMs.day) * 1000),
    to: timestampValue(toMs * 1000),
  };
}

interface HitsRow {
  readonly suppression: string;
  readonly detector: string;
  readonly window_start: bigint;
  readonly hits: bigint;
  readonly last_event_at: bigint;
}

async function knownHits(connection: DuckDBConnection, options: HitsOptions): Promise<Hits[]> {
  const rows = await queryRows<HitsRow>(
    connection,
    `select suppression, detector, epoch_us(suppression_hits.window_start) as window_start, hits,
       epoch_us(last_event_at) as last_event_at
     from suppression_hits
     where ${spanSql}`,
    spanValues(options),
  );
  return rows.map(({ suppression, detector, window_start, hits, last_event_at }) => ({
    suppression,
    detector,
    windowStartUs: Number(window_start),
    hits: Number(hits),
    lastEventAtUs: Number(last_event_at),
  }));
}

/** A rule of the config and what it held back; the names are those that people and scripts see. */
export interface SuppressionState {
  readonly detector: string;
  readonly match: Suppression['match'];
  readonly reason: string;
  readonly owner: string | null;
  /** The last day on which it holds, UTC; null never ends. */
  readonly expires: string | null;
  readonly is_expired: boolean;
  /** Detections: one a window of event time and entity. */
  readonly hits: number;
  /** Event time, ISO 8601 UTC; null when it never held. */
  readonly last_hit_at: string | null;
}

/** The rules in the order of the config; also works on the snapshot of a reader. */
export async function suppressionStates(
  connection: DuckDBConnection,
  { suppressions, nowMs }: SuppressionRules,
): Promise<SuppressionState[]> {
  const rows = await queryRows<{ suppression: string; hits: bigint; last: bigint }>(
    connection,
    `select suppression, sum(hits)::bigint as hits, epoch_us(max(last_event_at)) as last
     from suppression_hits
     group by suppression`,
  );
  const hits = new Map(rows.map((row) => [row.suppression, row]));
  return suppressions.map((rule) => {
    const { detector, match, reason, owner, expiresAtMs } = rule;
    const own = hits.get(suppressionId(rule));
    return {
      detector,
      match,
      reason,
      owner,
      expires: expiresAtMs === null ? null : lastDayOf(expiresAtMs),
      is_expired: !holds(rule, nowMs),
      hits: Number(own?.hits ?? 0),
      last_hit_at: own === undefined ? null : isoTime(Number(own.last)),
    };
  });
}

/** `expiresAtMs` is the midnight after it. */
export function lastDayOf(expiresAtMs: number): string {
  return new Date(expiresAtMs - 1).toISOString().slice(0, 10);
}
