/** The detectors of this package. */
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import type { Detector } from './format/detector.js';
import { loadDetectors } from './format/load-detectors.js';

let loaded: readonly Detector[] | null = null;

/** All of them, by id; a malformed one is a defect of the package and throws. Read once a process. */
export function shippedDetectors(): readonly Detector[] {
  loaded ??= readShipped();
  return loaded;
}

function readShipped(): readonly Detector[] {
  const { detectors, problems } = loadDetectors(path.join(packageRoot, 'detectors'));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return detectors;
}
