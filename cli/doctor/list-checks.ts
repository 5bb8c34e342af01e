/** The files of the config that detectors need: lists of addresses, databases, detectors of the user. */
import fs from 'node:fs';
import type { Config } from '../../config/load.js';
import { availableDetectors } from '../../detectors/available.js';
import { surroundingsOf } from '../../detectors/engine/surroundings.js';
import { formatCounted } from '../output/number-format.js';
import { checksOf, type Check } from './check.js';

const dayMs = 86_400_000;
/** Feeds of bad addresses change within days; the ranges of AWS every week. */
const oldAfterDays = 30;

export async function listChecks(config: Config, nowMs: number): Promise<Check[]> {
  const { warn, fail } = checksOf('lists');
  const { problems } = await surroundingsOf(config);
  const wrong = problems.map(({ text, isFatal }) =>
    isFatal
      ? fail('read', text, {
          todo: 'put the file there, or take it out of the config: nothing is found by it',
          kind: 'config',
        })
      : warn('lines', text, 'correct the line: it is left out'),
  );
  return [...wrong, ...ageChecks(config, nowMs), ...detectorChecks(config)];
}

/** A list that nobody fetches any more is silent, and looks like one in which there is nothing to find. */
function ageChecks({ threatLists, networks, geoip }: Config, nowMs: number): Check[] {
  const { ok, warn } = checksOf('lists');
  const current = threatLists.filter(({ toMs }) => toMs === null || toMs > nowMs).map(({ path }) => path);
  const files = [...current, networks.awsRanges, geoip.country, geoip.asn].filter((path) => path !== null);
  return [...new Set(files)].flatMap((path) => {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const days = Math.max(0, Math.floor((nowMs - stat.mtimeMs) / dayMs));
    const found = `${path}: ${formatCounted(days, 'day')} old`;
    return [days > oldAfterDays ? warn('age', found, 'fetch it again, and do so regularly') : ok('age', found)];
  });
}

function detectorChecks(config: Config): Check[] {
  const { ok, fail } = checksOf('detectors');
  if (config.detectorDirs.length === 0) return [];
  const { problems } = availableDetectors(config);
  if (problems.length === 0) return [ok('read', formatCounted(config.detectorDirs.length, 'folder'))];
  const todo = 'correct the file; bucketwatch detectors test FOLDER checks all of them';
  return problems.map((problem) => fail('read', problem, { todo, kind: 'config' }));
}
