/** The objects of a source, found by the dates in their keys; `whole` lists a prefix to its end instead. */
import type { BucketListing } from './bucket-listing.js';
import { dayPrefix, daysBetween, usualLookbackMs, type DatedPlace, type Layout } from './dated-keys.js';
import { findPlaces, undatedObjects, type FoundPlaces } from './find-places.js';
import { inOrder } from './in-order.js';
import { isFolderMarker, type ListedObject } from './object-address.js';

/** Which days are listed; keys without a date are listed in any case. */
export interface Period {
  /** Null looks back from the last complete listing, or from now when there was none. */
  readonly fromMs: number | null;
  /** Not included; null is now. */
  readonly toMs: number | null;
  /** Null is what the place is known to need. */
  readonly lookbackMs: number | null;
  readonly nowMs: number;
  /** When the source was last listed and read to the end; null when never. Only makes the period longer. */
  readonly listedAtMs: number | null;
}

const listingsAtOnce = 8;

type Page = readonly ListedObject[];

/** Everything under a prefix. */
export async function* listWhole(listing: BucketListing, prefix: string): AsyncGenerator<Page> {
  for await (const { objects } of listing.pages(prefix))
    yield objects.filter(({ key, size }) => !isFolderMarker(key, size));
}

/** Objects of the days of a period, day by day. `found` answers false when the prefix holds no logs at all. */
export async function* listByDate(
  listing: BucketListing,
  {
    prefix,
    layout,
    period,
    onEmpty,
  }: {
    readonly prefix: string;
    readonly layout: Layout;
    readonly period: Period;
    readonly onEmpty: () => void;
  },
): AsyncGenerator<Page> {
  const found = await placesOf(listing, prefix, layout);
  if (found.places.length + found.undated.length === 0) onEmpty();
  const listings = [
    ...dayPrefixes(found.places, prefix, period).map((day) => () => listWhole(listing, day)),
    ...found.undated.map((folder) => () => undatedObjects(listing, folder)),
  ];
  yield* inOrder(listings, listingsAtOnce);
}

async function placesOf(listing: BucketListing, prefix: string, layout: Layout): Promise<FoundPlaces> {
  // Nothing needs to be looked for: the prefix runs straight into the date.
  if (layout === 'flat')
    return { places: [{ log: 'flat', prefix: prefix.replace(/(?:19|20)\d\d-[\d-]*$/, '') }], undated: [] };
  const found = await findPlaces(listing, prefix);
  if (layout === 'auto') return found;
  return { places: found.places.filter(({ log }) => log === layout), undated: [] };
}

/** Oldest days first, and all places of a day together, so that rows of a day are read together. */
export function dayPrefixes(places: readonly DatedPlace[], root: string, period: Period): string[] {
  const dated = places.flatMap((place) => daysOf(place, period).map((day) => ({ day, prefix: dayPrefix(place, day) })));
  return dated
    .toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))
    .map(({ prefix }) => (root.startsWith(prefix) ? root : prefix))
    .filter((prefix) => prefix.startsWith(root));
}

function daysOf({ log }: DatedPlace, { fromMs, toMs, lookbackMs, nowMs, listedAtMs }: Period): string[] {
  const since = Math.min(nowMs, listedAtMs ?? nowMs) - (lookbackMs ?? usualLookbackMs[log]);
  return daysBetween(fromMs ?? since, toMs ?? nowMs + 1);
}
