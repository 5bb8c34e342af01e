/** What becomes of the findings of one dedupe key when windows are looked at again. Pure: the store writes the plan. */
import type { Detector } from '../detectors/format/detector.js';
import { buildFinding } from './build-finding.js';
import { isSameContribution, isWorse, type Contribution } from './contribution.js';
import { assignEpisodes, type KnownFinding, type OwnedContribution } from './episodes.js';
import { findingSchemaName, isoTime, type Finding, type FindingState } from './finding.js';
import {
  hasChanged,
  newLife,
  nextState,
  programName,
  withChange,
  type FindingRecord,
  type Life,
} from './finding-record.js';
import { inContractOrder, type FindingWindow } from './findings-table.js';
import { suppressionReason, type SuppressionRules } from './suppression.js';

/** A finding in reach of the windows under test, with its own. */
export interface KnownRecord {
  readonly record: FindingRecord;
  readonly windows: readonly Contribution[];
}

export interface KeyFacts {
  readonly dedupeKey: string;
  readonly detector: Detector;
  readonly known: readonly KnownRecord[];
  /** Ids of the key's findings that are out of reach. */
  readonly distantIds: ReadonlySet<string>;
  /** What the detector found now, at most one a window. */
  readonly fresh: readonly Contribution[];
  /** Whether `fresh` is all that there is to find, so that what is not there is gone. */
  readonly isComplete: boolean;
  /** Whether the whole window was looked at, and not a part of it. */
  readonly isWhole: (window: Contribution) => boolean;
}

export interface RunFacts {
  readonly rules: SuppressionRules;
  readonly runId: string;
  readonly nowMs: number;
}

/** Rows to write and windows to replace; empty when nothing changed. */
export interface KeyPlan {
  /** In place of `before`; null is a new finding. */
  readonly written: readonly { readonly before: FindingRecord | null; readonly after: FindingRecord }[];
  readonly removed: readonly FindingWindow[];
  readonly added: readonly FindingWindow[];
}

export function planKey(facts: KeyFacts, run: RunFacts): KeyPlan {
  const { dedupeKey, known, distantIds } = facts;
  const windows = currentWindows(facts);
  const assigned = assignEpisodes(
    dedupeKey,
    known.map((finding) => knownFinding(finding)),
    { windows, takenIds: distantIds },
  );
  const before = new Map(known.map(({ record }) => [record.finding.id, record]));
  const continued = [...assigned].map(([id, contributions]) => {
    const old = before.get(id) ?? null;
    return { before: old, after: recordOf(id, old, { contributions, facts, run }) };
  });
  const emptied = known
    .filter(({ record, windows }) => windows.length > 0 && !assigned.has(record.finding.id))
    .map(({ record, windows }) => ({ before: record, after: emptiedRecord(record, heirOf(windows, assigned), run) }));
  const written = [...continued, ...emptied].filter(({ before, after }) => before !== after);
  return { written, ...windowChanges(known, assigned) };
}

function knownFinding({ record: { finding, life }, windows }: KnownRecord): KnownFinding {
  return {
    id: finding.id,
    createdAtUs: Date.parse(finding.created_at) * 1000,
    firstEventAtUs: Date.parse(finding.first_event_at) * 1000,
    lastEventAtUs: Date.parse(finding.last_event_at) * 1000,
    closed: life.closed,
    contributions: windows,
  };
}

/** The windows there are now: fresh ones in place of old ones, without those that were tested and found nothing. */
function currentWindows({ known, fresh, isComplete, isWhole }: KeyFacts): OwnedContribution[] {
  const current = new Map<number, OwnedContribution>();
  for (const { record, windows } of known) {
    for (const contribution of windows) {
      current.set(contribution.windowStartUs, { contribution, owner: record.finding.id });
    }
  }
  const found = new Map(fresh.map((contribution) => [contribution.windowStartUs, contribution]));
  for (const [windowStartUs, { contribution }] of current) {
    if (isComplete && !found.has(windowStartUs) && isWhole(contribution)) current.delete(windowStartUs);
  }
  for (const [windowStartUs, contribution] of found) {
    const old = current.get(windowStartUs);
    // Part of a window shows part of its events: it must not replace what the whole window showed.
    if (old !== undefined && !isWhole(contribution) && old.contribution.eventCount > contribution.eventCount) continue;
    current.set(windowStartUs, { contribution, owner: old?.owner ?? null });
  }
  return [...current.values()];
}

interface RecordParts {
  readonly contributions: readonly Contribution[];
  readonly facts: KeyFacts;
  readonly run: RunFacts;
}

/** The record of an episode; the very same object as before when nothing is different. */
function recordOf(id: string, before: FindingRecord | null, { contributions, facts, run }: RecordParts): FindingRecord {
  const { detector, dedupeKey } = facts;
  const built = buildFinding(detector, contributions, (window) => suppressionReason(run.rules, detector.id, window));
  const { suppressedBecause } = built;
  const now = isoTime(run.nowMs * 1000);
  const draft: Finding = {
    schema: findingSchemaName,
    id,
    dedupe_key: dedupeKey,
    state: before?.finding.state ?? 'open',
    detector: detector.id,
    detector_version: before?.finding.detector_version ?? detector.version,
    ...built.content,
    created_at: before?.finding.created_at ?? now,
    updated_at: before?.finding.updated_at ?? now,
    run_id: before?.finding.run_id ?? run.runId,
  };
  const isChanged = before === null || hasChanged(before.finding, draft);
  const state = nextState(before, { severity: draft.severity, suppressedBecause, isChanged });
  const reason = state === 'suppressed' ? suppressedBecause : state === before?.finding.state ? before.reason : null;
  const life = before === null ? newLife : lifeAfter(before.life, { ...draft, state }, now);
  if (isChanged || before.finding.state !== state || before.reason !== reason) {
    const finding = inContractOrder({ ...draft, state, updated_at: now, run_id: run.runId });
    return { finding, revision: (before?.revision ?? 0) + 1, reason, life };
  }
  const finding = inContractOrder(draft);
  return JSON.stringify(finding) === JSON.stringify(before.finding) ? before : { ...before, finding };
}

/** An acknowledgement holds for what was acknowledged, not for worse. */
function lifeAfter(before: Life, { severity, state }: Finding, now: string): Life {
  const life = before.isQuiet && state !== 'closed' ? awake(before, state, now) : before;
  const { acknowledged } = life;
  if (acknowledged === null || !isWorse(severity, acknowledged)) return life;
  const note = `severity rose from ${acknowledged} to ${severity}`;
  return withChange({ ...life, acknowledged: null }, { at: now, by: programName, state: 'updated', note });
}

function awake(life: Life, state: FindingState, now: string): Life {
  return withChange({ ...life, isQuiet: false }, { at: now, by: programName, state, note: 'there is news of it' });
}

/** The finding that has the windows now; null when they are gone. */
function heirOf(
  windows: readonly Contribution[],
  assigned: ReadonlyMap<string, readonly Contribution[]>,
): string | null {
  const starts = new Set(windows.map(({ windowStartUs }) => windowStartUs));
  for (const [id, contributions] of assigned) {
    if (contributions.some(({ windowStartUs }) => starts.has(windowStartUs))) return id;
  }
  return null;
}

/** A finding of which nothing is left stays as it was last, closed; one that a person closed keeps that note. */
function emptiedRecord(before: FindingRecord, heir: string | null, { runId, nowMs }: RunFacts): FindingRecord {
  if (before.life.closed !== null) return before;
  const at = isoTime(nowMs * 1000);
  const note = heir === null ? 'its events no longer match the detector' : `its events belong to ${heir} now`;
  return {
    finding: { ...before.finding, state: 'closed', updated_at: at, run_id: runId },
    revision: before.revision + 1,
    reason: note,
    life: withChange(
      { ...before.life, acknowledged: null, isQuiet: false },
      { at, by: programName, state: 'closed', note },
    ),
  };
}

type WindowsById = Iterable<readonly [id: string, contributions: readonly Contribution[]]>;

/** The difference between what the store has and what it should have; windows that stay the same are left alone. */
function windowChanges(known: readonly KnownRecord[], assigned: WindowsById): Pick<KeyPlan, 'removed' | 'added'> {
  const before = windowsByPlace(known.map(({ record, windows }) => [record.finding.id, windows] as const));
  const after = windowsByPlace(assigned);
  const isKept = (place: string): boolean => {
    const [old, now] = [before.get(place), after.get(place)];
    return old !== undefined && now !== undefined && isSameContribution(old.contribution, now.contribution);
  };
  return {
    removed: [...before].flatMap(([place, window]) => (isKept(place) ? [] : [window])),
    added: [...after].flatMap(([place, window]) => (isKept(place) ? [] : [window])),
  };
}

function windowsByPlace(findings: WindowsById): Map<string, FindingWindow> {
  return new Map(
    [...findings].flatMap(([findingId, contributions]) =>
      contributions.map((contribution) => [`${findingId} ${contribution.windowStartUs}`, { findingId, contribution }]),
    ),
  );
}
