/** The detectors of this package. */
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import type { Detector } from './format/detector.js';
import { loadDetectors } from './format/load-detectors.js';

/** All of them, by id; a malformed one is a defect of the package and throws. */
export function shippedDetectors(): readonly Detector[] {
  const { detectors, problems } = loadDetectors(path.join(packageRoot, 'detectors'));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return detectors;
}
