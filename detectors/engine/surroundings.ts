/**
 * The files of the config that say what addresses are: lists of bad ones, AWS's own, MaxMind databases. Read once a config,
 * however many windows are looked at. A file that cannot be used is a problem and not the end: a list that failed to
 * download must not stop everything else from being watched.
 */
import fs from 'node:fs';
import type { FileConfig } from '../../config/schema.js';
import type { ThreatListConfig } from '../../config/surroundings-schema.js';
import { parseAwsRanges } from '../network/aws-ranges.js';
import { openLocations, type Locations } from '../network/locations.js';
import { createNetworkSet, type NetworkSet } from '../network/network-set.js';
import { parseThreatList } from '../network/threat-list.js';

/** A list that could be read; lines that are no addresses are left out and said. */
export interface LoadedThreatList extends Omit<ThreatListConfig, 'path'> {
  readonly networks: NetworkSet;
}

/** Something about a file that somebody should put right. */
export interface SurroundingsProblem {
  /** `path:line: what` or `path: what`, ready to be read. */
  readonly text: string;
  /** True when the whole file is unusable. */
  readonly isFatal: boolean;
}

export interface Surroundings {
  readonly threatLists: readonly LoadedThreatList[];
  /** Null when the config names no file, or it is unusable: then nobody knows what is AWS. */
  readonly awsRanges: NetworkSet | null;
  readonly locations: Locations;
  readonly problems: readonly SurroundingsProblem[];
}

/** A list of 600,000 addresses is 10 MB, and its set takes 40 MB; feeds of that size are rare. */
const maxListBytes = 32 << 20;
/** Beyond this the file is something else, and saying every line helps nobody. */
const maxLinesSaid = 5;

const known = new WeakMap<FileConfig, Promise<Surroundings>>();

/** What the files of a config say; read at the first call for a config object. Never rejects for a bad file. */
export function surroundingsOf(config: FileConfig): Promise<Surroundings> {
  const before = known.get(config);
  if (before !== undefined) return before;
  const surroundings = readSurroundings(config);
  known.set(config, surroundings);
  return surroundings;
}

async function readSurroundings({ threatLists, networks, geoip }: FileConfig): Promise<Surroundings> {
  const problems: SurroundingsProblem[] = [];
  const locations = await openLocations(geoip);
  problems.push(...locations.problems.map((text) => ({ text, isFatal: true })));
  return {
    threatLists: threatLists.flatMap((list) => readThreatList(list, problems)),
    awsRanges: networks.awsRanges === null ? null : readAwsRanges(networks.awsRanges, problems),
    locations: locations.locations,
    problems,
  };
}

function readThreatList({ path, ...list }: ThreatListConfig, problems: SurroundingsProblem[]): LoadedThreatList[] {
  const text = readText(path, problems);
  if (text === null) return [];
  const { entries, problems: lines } = parseThreatList(text);
  const said = lines.slice(0, maxLinesSaid).map(({ line, text: what }) => `${path}:${line}: ${what}`);
  problems.push(...said.map((line) => ({ text: line, isFatal: false })));
  if (lines.length > said.length) {
    problems.push({ text: `${path}: ${lines.length - said.length} more lines are no addresses`, isFatal: false });
  }
  if (entries.length === 0) {
    problems.push({ text: `${path}: holds no addresses; expected one address or CIDR a line`, isFatal: true });
    return [];
  }
  return [{ ...list, networks: createNetworkSet(entries.map(({ network }) => network)) }];
}

function readAwsRanges(path: string, problems: SurroundingsProblem[]): NetworkSet | null {
  const text = readText(path, problems);
  if (text === null) return null;
  const networks = parseAwsRanges(text);
  if (typeof networks !== 'string') return createNetworkSet(networks);
  problems.push({ text: `${path}: ${networks}`, isFatal: true });
  return null;
}

/** Null, with its problem, when the file is missing, unreadable or too large. */
function readText(path: string, problems: SurroundingsProblem[]): string | null {
  try {
    const { size } = fs.statSync(path);
    if (size <= maxListBytes) return fs.readFileSync(path, 'utf8');
    problems.push({ text: `${path}: has ${size} bytes; expected at most ${maxListBytes}`, isFatal: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push({
      text: `${path}: cannot be read (${code}); expected a file that this user may read`,
      isFatal: true,
    });
  }
  return null;
}
