/**
 * Which windows belong together, and which finding they are. Pure, and made only from the windows there are: whatever
 * the order in which windows are recorded, the same windows end up in the same episodes.
 */
import type { Severity } from '../config/severity.js';
import { isWorse, type Contribution } from './contribution.js';
import { findingId, isoTime } from './finding.js';

/** Events of one dedupe key belong to one finding while no silence between them is longer than this. */
export const episodeGapUs = 24 * 3_600_000_000;

/** What somebody closed: events up to a gap after it do not raise it again, unless they are worse. */
export interface ClosedSpan {
  readonly firstEventAtUs: number;
  readonly lastEventAtUs: number;
  readonly severity: Severity;
}

/** A finding as it was, with its windows. */
export interface KnownFinding {
  readonly id: string;
  readonly createdAtUs: number;
  /** What it spanned last; a finding of which nothing is left keeps that. */
  readonly firstEventAtUs: number;
  readonly lastEventAtUs: number;
  /** Null unless a person closed it. */
  readonly closed: ClosedSpan | null;
  readonly contributions: readonly Contribution[];
}

/** A window and the finding that had it before; null for a new one. */
export interface OwnedContribution {
  readonly contribution: Contribution;
  readonly owner: string | null;
}

/**
 * Windows by the id of their finding. Known findings of which nothing is left have no entry. `takenIds` are ids of the
 * dedupe key beyond those of `known`, which no new finding can have.
 */
export function assignEpisodes(
  dedupeKey: string,
  known: readonly KnownFinding[],
  { windows, takenIds }: { readonly windows: readonly OwnedContribution[]; readonly takenIds: ReadonlySet<string> },
): Map<string, Contribution[]> {
  const assigned = new Map<string, Contribution[]>();
  const loose: OwnedContribution[] = [];
  for (const window of inOrder(windows)) {
    const closed = known.find((finding) => absorbs(finding, window));
    if (closed === undefined) loose.push(window);
    else assigned.set(closed.id, [...(assigned.get(closed.id) ?? []), window.contribution]);
  }
  const open = known.filter(({ closed }) => closed === null).toSorted(byAge);
  const ids = new Set([...takenIds, ...known.map(({ id }) => id)]);
  for (const { id, episode } of nameEpisodes(dedupeKey, episodesOf(loose), { open, ids })) {
    assigned.set(
      id,
      episode.map(({ contribution }) => contribution),
    );
  }
  return assigned;
}

type Episode = readonly OwnedContribution[];

function inOrder(windows: readonly OwnedContribution[]): OwnedContribution[] {
  return windows.toSorted(
    ({ contribution: a }, { contribution: b }) =>
      a.firstEventAtUs - b.firstEventAtUs || a.windowStartUs - b.windowStartUs,
  );
}

/** A closed finding keeps its own windows and takes those near it, but never a worse one: nobody has judged that. */
function absorbs({ id, closed }: KnownFinding, { contribution, owner }: OwnedContribution): boolean {
  if (closed === null || isWorse(contribution.severity, closed.severity)) return false;
  const isNear =
    contribution.lastEventAtUs <= closed.lastEventAtUs + episodeGapUs &&
    contribution.lastEventAtUs >= closed.firstEventAtUs - episodeGapUs;
  return owner === id || isNear;
}

/** Chains windows, which are in the order of their first events. */
function episodesOf(windows: Episode): Episode[] {
  const episodes: OwnedContribution[][] = [];
  let lastEventAtUs = -Infinity;
  for (const window of windows) {
    const { contribution } = window;
    if (contribution.firstEventAtUs - lastEventAtUs > episodeGapUs) episodes.push([]);
    episodes.at(-1)!.push(window);
    lastEventAtUs = Math.max(lastEventAtUs, contribution.lastEventAtUs);
  }
  return episodes;
}

/** Oldest first, so that of two findings that turn out to be one the older keeps its id. */
function byAge(a: KnownFinding, b: KnownFinding): number {
  return a.createdAtUs - b.createdAtUs || a.firstEventAtUs - b.firstEventAtUs || (a.id < b.id ? -1 : 1);
}

interface Names {
  /** Findings that may go on, oldest first. */
  readonly open: readonly KnownFinding[];
  /** Every id that is in use. */
  readonly ids: ReadonlySet<string>;
}

/**
 * Finds the finding that each episode continues: the one whose id its first event makes, else one that had a window of
 * it, else an emptied one that spanned the time; else it is a new one.
 */
function nameEpisodes(dedupeKey: string, episodes: readonly Episode[], { open, ids }: Names) {
  const names = new Map<Episode, string>();
  const free = new Map(open.map((finding) => [finding.id, finding]));
  const rules = [
    (episode: Episode, { id }: KnownFinding) => id === idOf(dedupeKey, episode),
    (episode: Episode, { id }: KnownFinding) => episode.some(({ owner }) => owner === id),
    (episode: Episode, finding: KnownFinding) => finding.contributions.length === 0 && isNear(episode, finding),
  ];
  for (const continues of rules) {
    for (const episode of episodes) {
      if (names.has(episode)) continue;
      const finding = [...free.values()].find((candidate) => continues(episode, candidate));
      if (finding === undefined) continue;
      names.set(episode, finding.id);
      free.delete(finding.id);
    }
  }
  const taken = new Set(ids);
  return episodes.map((episode) => ({ episode, id: names.get(episode) ?? newId(dedupeKey, episode, taken) }));
}

function idOf(dedupeKey: string, episode: Episode, attempt = 0): string {
  return findingId(dedupeKey, isoTime(episode[0]!.contribution.firstEventAtUs), attempt);
}

function newId(dedupeKey: string, episode: Episode, taken: Set<string>): string {
  let attempt = 0;
  let id = idOf(dedupeKey, episode);
  while (taken.has(id)) id = idOf(dedupeKey, episode, ++attempt);
  taken.add(id);
  return id;
}

function isNear(episode: Episode, { firstEventAtUs, lastEventAtUs }: KnownFinding): boolean {
  return episode.some(
    ({ contribution }) =>
      contribution.firstEventAtUs <= lastEventAtUs + episodeGapUs &&
      contribution.lastEventAtUs >= firstEventAtUs - episodeGapUs,
  );
}
