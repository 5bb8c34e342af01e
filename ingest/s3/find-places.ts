/**
 * Looks where a bucket holds logs, folder by folder and without listing what lies under a date: a year of flat keys costs
 * one request, because the next one begins behind them.
 */
import type { BucketListing } from './bucket-listing.js';
import { mayHoldLogs, placeAround, placeOfFolder, placeOfKey, type DatedPlace } from './dated-keys.js';
import { isFolderMarker, type ListedObject } from './object-address.js';

/** What a folder holds, without what its folders hold. */
interface FolderPart {
  readonly folders: readonly string[];
  readonly places: readonly DatedPlace[];
  /** Objects whose keys say no date. */
  readonly undated: readonly ListedObject[];
}

export interface FoundPlaces {
  readonly places: readonly DatedPlace[];
  /** Prefixes that have objects without a date directly below them: those are listed whole, every time. */
  readonly undated: readonly string[];
}

/** Folders below the prefix that are looked into; deeper ones are no log delivery. */
const deepest = 12;
const foldersAtOnce = 8;

export async function findPlaces(listing: BucketListing, root: string): Promise<FoundPlaces> {
  const around = placeAround(root) ?? placeOfFolder(root);
  if (around !== null) return { places: [around], undated: [] };
  const places = new Map<string, DatedPlace>();
  const undated: string[] = [];
  let level: readonly string[] = [root];
  for (let depth = 0; level.length > 0 && depth < deepest; depth++) {
    const next = new Set<string>();
    await inParallel(level, async (folder) => {
      let hasUndated = false;
      for await (const part of folderParts(listing, folder)) {
        for (const inner of part.folders) next.add(inner);
        for (const place of part.places) places.set(place.prefix, place);
        hasUndated ||= part.undated.length > 0;
      }
      if (hasUndated) undated.push(folder);
    });
    level = [...next].sort();
  }
  return { places: [...places.values()].toSorted((a, b) => (a.prefix < b.prefix ? -1 : 1)), undated: undated.sort() };
}

/** Objects without a date directly below a prefix. */
export async function* undatedObjects(listing: BucketListing, prefix: string): AsyncGenerator<readonly ListedObject[]> {
  for await (const { undated } of folderParts(listing, prefix)) yield undated;
}

async function* folderParts(listing: BucketListing, prefix: string): AsyncGenerator<FolderPart> {
  for (let startAfter: string | undefined = ''; startAfter !== undefined;) {
    const from: string = startAfter;
    startAfter = undefined;
    for await (const page of listing.pages(prefix, { byFolder: true, ...(from === '' ? {} : { startAfter: from }) })) {
      const dated = page.objects.map(({ key }) => placeOfKey(key));
      const folders = page.folders.filter(mayHoldLogs);
      const named = folders.map(placeOfFolder);
      yield {
        folders: folders.filter((_, index) => named[index] === null),
        places: [...named, ...dated].filter((place) => place !== null),
        undated: page.objects.filter(({ key, size }, index) => dated[index] === null && !isFolderMarker(key, size)),
      };
      // The last name of the page tells whether the next page would hold more of the same year.
      const last = dated.at(-1) ?? null;
      const lastKey = page.objects.at(-1)?.key ?? '';
      if (page.isLast || last === null || last.behindYear <= from || lastKey < (page.folders.at(-1) ?? '')) continue;
      startAfter = last.behindYear;
      break;
    }
  }
}

async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(foldersAtOnce, items.length) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
