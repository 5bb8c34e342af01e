/**
 * Where the date stands in the keys of delivered logs. Access logs: `[prefix]YYYY-MM-DD-hh-mm-ss-UNIQUE` by the time of
 * delivery (flat), or `[prefix]account/region/bucket/YYYY/MM/DD/…` by event or delivery time (partitioned). CloudTrail:
 * `[prefix/]AWSLogs/[o-org/]account/CloudTrail/region/YYYY/MM/DD/…` by the time of delivery, and its digests beside it. (S3 User Guide "Log object key
 * format", CloudTrail User Guide "Finding your CloudTrail log files", 2026.)
 */

/** `auto` looks at the folders and names of the bucket. */
export type Layout = 'auto' | 'flat' | 'partitioned' | 'cloudtrail';

/** Keys that begin with `prefix` and a date. */
export interface DatedPlace {
  readonly log: Exclude<Layout, 'auto'>;
  readonly prefix: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * How far back new objects are looked for. Keys by event time are written to for days: nearly all within two, the latest
 * seen after nine (lookback can say so). Keys by delivery time are written at that time, with some hours for a clock.
 */
export const usualLookbackMs: Readonly<Record<DatedPlace['log'], number>> = {
  partitioned: 3 * dayMs,
  flat: 26 * hourMs,
  cloudtrail: 24 * hourMs,
};

const regionName = String.raw`[a-z]{2}(?:-[a-z]+)+-\d{1,2}`;
const accountFolder = String.raw`(?:^|\/)AWSLogs\/(?:o-[a-z0-9]+\/)?\d{12}\/`;
const trailFolder = String.raw`CloudTrail(?:-Insight|-NetworkActivity|-Aggregated|-Digest)?\/`;
const trailPlace = new RegExp(`${accountFolder}${trailFolder}${regionName}/$`);
const insideTrail = new RegExp(`${accountFolder}${trailFolder}`);
const accessLogPlace = new RegExp(String.raw`(?:^|\/)\d{12}\/${regionName}\/[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]\/$`);
const insideAwsLogs = /(?:^|\/)AWSLogs\/(?:o-[a-z0-9]+\/)?(?:\d{12}\/)?$/;
const insideAccount = new RegExp(`${accountFolder}$`);
const yearFolder = /^(.*\/|)((?:19|20)\d\d)\/$/s;
/** Also `.json.gz` and `.parquet`, as deliveries through CloudWatch and copies are called. */
const datedName = /^(.*?)((?:19|20)\d\d)-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-Za-z]+(?:\.[A-Za-z.]+)?$/s;

/** The place that a folder is, told by its name alone; null when one must look inside. */
export function placeOfFolder(folder: string): DatedPlace | null {
  if (trailPlace.test(folder)) return { log: 'cloudtrail', prefix: folder };
  if (accessLogPlace.test(folder)) return { log: 'partitioned', prefix: folder };
  const [, parent] = yearFolder.exec(folder) ?? [];
  return parent === undefined ? null : { log: insideTrail.test(parent) ? 'cloudtrail' : 'partitioned', prefix: parent };
}

/** The place that a prefix lies in when it already goes on into the date, such as `logs/2026/11/`. */
export function placeAround(prefix: string): DatedPlace | null {
  const [, parent] = /^(.*\/|)(?:19|20)\d\d\/(?:\d{0,2}|\d\d\/(?:\d{0,2}|\d\d\/.*))$/s.exec(prefix) ?? [];
  return parent === undefined ? null : placeOfFolder(`${parent}2000/`);
}

/** The place of a flat access log by one of its keys, and a text behind all keys of the same year; null for other keys. */
export function placeOfKey(key: string): (DatedPlace & { readonly behindYear: string }) | null {
  const [, prefix, year] = datedName.exec(key) ?? [];
  if (prefix === undefined) return null;
  return { log: 'flat', prefix, behindYear: `${prefix}${year}-99` };
}

/** Whether a folder may hold logs. Below `AWSLogs` other services deliver theirs too. */
export function mayHoldLogs(folder: string): boolean {
  const parent = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  const name = folder.slice(parent.length);
  if (insideAccount.test(parent)) return new RegExp(`^(?:${trailFolder}|${regionName}/)$`).test(name);
  if (insideAwsLogs.test(parent)) return /^(?:\d{12}|o-[a-z0-9]+)\/$/.test(name);
  return true;
}

/** The prefix of the keys of one day, `day` as `YYYY-MM-DD`. */
export function dayPrefix({ log, prefix }: DatedPlace, day: string): string {
  return log === 'flat' ? `${prefix}${day}-` : `${prefix}${day.replaceAll('-', '/')}/`;
}

/** Days (UTC) that a period touches, ascending; `toMs` is not included. */
export function daysBetween(fromMs: number, toMs: number): string[] {
  const days: string[] = [];
  for (let startMs = Math.floor(fromMs / dayMs) * dayMs; startMs < toMs; startMs += dayMs)
    days.push(new Date(startMs).toISOString().slice(0, 10));
  return days;
}
