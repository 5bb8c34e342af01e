/**
 * The names that CloudTrail gives to its objects. A name holds account, Region, time and, for a log file, 16 random
 * characters, so it tells which object of which trail a file is wherever it was copied to.
 */
import { parseIsoTime } from './time.js';

/** A log file by its name. */
export interface TrailFileName {
  /** Without folders and without `.gz`, so that a copy which was inflated on the way has the same one. */
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** About when it was delivered, microseconds since 1970, UTC. */
  readonly deliveredAtUs: number;
}

/** A digest file by its name. */
export interface DigestFileName {
  /** As that of a log file. */
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly trail: string;
  /** The Region that the trail was made in. */
  readonly homeRegion: string;
  /** When its hour ended, microseconds since 1970, UTC. */
  readonly endTimeUs: number;
  /** True for a digest of files that an earlier digest missed. */
  readonly isBackfill: boolean;
}

/** Names are at most 1,024 bytes long in S3, folders included. */
const maxNameLength = 1024;
/** Old documentation shows names without the underscore before the random characters: both are delivered. */
const trailFile = /^(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8}T\d{4})Z_?([A-Za-z0-9]{16})\.json$/;
const digestFile = /^(\d{12})_CloudTrail-Digest_([a-z0-9-]+)_(.+)_([a-z0-9-]+)_(\d{8}T\d{6}Z)(_backfill)?\.json$/;

/** The last part of a path, a key or a URI, without `.gz`: what objects are compared by. */
export function comparedName(uri: string): string {
  const start = Math.max(uri.lastIndexOf('/'), uri.lastIndexOf('\\')) + 1;
  return uri.slice(start, uri.endsWith('.gz') ? -3 : undefined);
}

/** Null when the object is named otherwise than CloudTrail names its log files. */
export function trailFileName(uri: string): TrailFileName | null {
  if (!uri.includes('_CloudTrail_')) return null;
  const name = comparedName(uri);
  const [, accountId, region, time] = (name.length <= maxNameLength && trailFile.exec(name)) || [];
  if (accountId === undefined) return null;
  const deliveredAtUs = timeUs(`${time}00Z`);
  return Number.isNaN(deliveredAtUs) ? null : { name, accountId, region: region!, deliveredAtUs };
}

/** Null when the object is named otherwise than CloudTrail names its digest files. */
export function digestFileName(uri: string): DigestFileName | null {
  if (!uri.includes('_CloudTrail-Digest_')) return null;
  const name = comparedName(uri);
  const [, accountId, region, trail, homeRegion, time, backfill] =
    (name.length <= maxNameLength && digestFile.exec(name)) || [];
  if (accountId === undefined) return null;
  const endTimeUs = timeUs(time!);
  if (Number.isNaN(endTimeUs)) return null;
  return {
    name,
    accountId,
    region: region!,
    trail: trail!,
    homeRegion: homeRegion!,
    endTimeUs,
    isBackfill: backfill !== undefined,
  };
}

function timeUs(text: string): number {
  return parseIsoTime(Buffer.from(text, 'latin1'), 0, text.length);
}
