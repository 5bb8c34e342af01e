/** What a trail records and where to: scope, destination, and which management events. */
import { coveredBySelectors } from '../policy/selector-coverage.js';
import type { ReadWrite } from '../policy/trail-selector.js';
import {
  trailDestination,
  trailScope,
  usualTrailScope,
  type TrailDestination,
  type TrailScope,
} from '../policy/trail-settings.js';
import type { ConfigurationEvent } from './configuration-history.js';
import type { Control } from './control.js';
import { trailOfEvent } from './data-event-selectors.js';

const ofTrails = { forgottenBy: ['DeleteTrail'], resourceOf: trailOfEvent };
const setByTrailCalls = ['CreateTrail', 'UpdateTrail'];

/** Regions, global services, accounts, and how files are protected; what UpdateTrail leaves out stays. */
export const trailScopeControl: Control<TrailScope> = {
  ...ofTrails,
  name: 'trail-scope',
  setBy: setByTrailCalls,
  stateAfter: (event, previous) =>
    overlaid(trailScope(event.parameters), event.eventName === 'CreateTrail' ? usualTrailScope : previous),
  isWeaker: (state, previous) => scopeNames.some((name) => previous[name] !== false && state[name] === false),
  isAllOff: (state) => scopeNames.every((name) => state[name] === false),
};

const scopeNames = Object.keys(usualTrailScope) as (keyof TrailScope)[];

/** Bucket, key and topic. Weaker is whatever is known to be another now: that a key or topic ends counts as well. */
export const trailDestinationControl: Control<TrailDestination> = {
  ...ofTrails,
  name: 'trail-destination',
  setBy: setByTrailCalls,
  stateAfter: (event, previous) =>
    overlaid(
      trailDestination(event.parameters),
      event.eventName === 'CreateTrail' ? { bucket: null, kms_key: '', sns_topic: '' } : previous,
    ),
  isWeaker: (state, previous) =>
    (['bucket', 'kms_key', 'sns_topic'] as const).some(
      (name) => previous[name] !== null && state[name] !== null && previous[name] !== state[name],
    ),
  isAllOff: () => false,
};

/** What is said now, and for the rest what was so before. */
function overlaid<State extends object>(now: State, before: State | null): State {
  const said = Object.entries(now).filter(([, value]) => value !== null);
  return { ...now, ...before, ...Object.fromEntries(said) };
}

/** Which management events a trail records. */
export interface ManagementEvents {
  readonly management: ReadWrite;
  /** Such as `kms.amazonaws.com`; sorted. */
  readonly excluded_sources: readonly string[];
  /** Creation of the trail, ISO 8601; null when it was not seen. */
  readonly created_at: string | null;
}

/** A trail that is being set up loses nothing: its selectors of the first hour are no change. */
const setUpMs = 3_600_000;

/** The management events of a trail. A new trail records all of them until its selectors are set. */
export const managementEvents: Control<ManagementEvents> = {
  ...ofTrails,
  name: 'management-events',
  setBy: ['PutEventSelectors', 'CreateTrail'],
  stateAfter: (event, previous) => {
    if (event.eventName === 'CreateTrail')
      return { management: 'All', excluded_sources: [], created_at: new Date(timeMs(event)).toISOString() };
    const coverage = coveredBySelectors(event.parameters);
    if (coverage === null) return null;
    const createdAt = previous?.created_at ?? null;
    return {
      management: coverage.managementReadWrite,
      excluded_sources: coverage.excludedManagementSources,
      created_at: createdAt !== null && timeMs(event) - Date.parse(createdAt) <= setUpMs ? createdAt : null,
    };
  },
  isWeaker: (state, previous) => state.created_at === null && recordsLess(state, previous),
  isAllOff: ({ management }) => management === 'None',
};

function recordsLess(state: ManagementEvents, previous: ManagementEvents): boolean {
  if (previous.management === 'None') return false;
  return (
    (state.management !== previous.management && state.management !== 'All') ||
    state.excluded_sources.some((source) => !previous.excluded_sources.includes(source))
  );
}

function timeMs({ timeUs }: ConfigurationEvent): number {
  return Number(timeUs / 1000n);
}
