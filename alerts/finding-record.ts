/** A finding with what the store remembers about it, and what becomes of its state. */
import type { Severity } from '../config/severity.js';
import { isWorse } from './contribution.js';
import type { ClosedSpan } from './episodes.js';
import type { Finding, FindingState } from './finding.js';

/** A change of state that somebody made; the program itself signs as `bucketwatch`. */
export interface StateChange {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly by: string;
  readonly state: FindingState;
  readonly note: string | null;
}

/** What people decided, as facts that a later run can hold new events against. */
export interface Life {
  /** The severity that was acknowledged; null when nobody has, or a person reopened it. */
  readonly acknowledged: Severity | null;
  /** What was closed; null unless a person closed it. */
  readonly closed: ClosedSpan | null;
  /** Whether the program closed it because there was no news for long; whatever is new opens it again. */
  readonly isQuiet: boolean;
  /** The latest changes, oldest first. */
  readonly changes: readonly StateChange[];
}

export interface FindingRecord {
  readonly finding: Finding;
  /** Counts changes of the facts, from 1. */
  readonly revision: number;
  /** Why it is suppressed, or the note of the last change of its state. */
  readonly reason: string | null;
  readonly life: Life;
}

export const newLife: Life = { acknowledged: null, closed: null, isQuiet: false, changes: [] };

/** How the program signs. */
export const programName = 'bucketwatch';

/** A finding that flaps must not grow for ever. */
const maxChanges = 50;

export function withChange(life: Life, change: StateChange): Life {
  return { ...life, changes: [...life.changes, change].slice(-maxChanges) };
}

export interface Outcome {
  readonly severity: Severity;
  readonly suppressedBecause: string | null;
  readonly isChanged: boolean;
}

/** The state after a run has looked at a finding that has windows. `before` is null for a new one. */
export function nextState(
  before: FindingRecord | null,
  { severity, suppressedBecause, isChanged }: Outcome,
): FindingState {
  if (before?.life.closed || (before?.life.isQuiet && !isChanged)) return 'closed';
  if (suppressedBecause !== null) return 'suppressed';
  const acknowledged = before?.life.acknowledged ?? null;
  if (acknowledged !== null && !isWorse(severity, acknowledged)) return 'acknowledged';
  if (before === null || before.finding.state === 'suppressed' || before.finding.state === 'closed') return 'open';
  return isChanged || before.finding.state === 'acknowledged' ? 'updated' : before.finding.state;
}

/** Whether what was found is another than before: who, when, how much, how bad. Texts and baselines do not count. */
export function hasChanged(before: Finding, after: Finding): boolean {
  return JSON.stringify(factsOf(before)) !== JSON.stringify(factsOf(after));
}

function factsOf(finding: Finding): unknown[] {
  const { severity, first_event_at, last_event_at, event_count, evidence } = finding;
  const { account_id, region, bucket, key, principal, source_ip, user_agent } = finding;
  const identity = [account_id, region, bucket, key, principal, source_ip, user_agent];
  return [severity, first_event_at, last_event_at, event_count, identity, evidence];
}
