/** The detectors of a config: those of this package, and those of the user's own folders. */
import type { FileConfig } from '../config/schema.js';
import type { Detector } from './format/detector.js';
import { loadDetectors } from './format/load-detectors.js';
import { shippedDetectors } from './shipped.js';

export interface AvailableDetectors {
  /** In the order of their ids. */
  readonly detectors: readonly Detector[];
  /** What is wrong with files of the user: each begins with its path. Their detectors are left out. */
  readonly problems: readonly string[];
}

/** Reads the folders of `detector_dirs`. Never throws: a folder that is not there is a problem like a file that is wrong. */
export function availableDetectors({ detectorDirs }: Pick<FileConfig, 'detectorDirs'>): AvailableDetectors {
  const detectors = new Map(shippedDetectors().map((detector) => [detector.id, detector]));
  const problems: string[] = [];
  for (const folder of detectorDirs) {
    const own = ownDetectors(folder);
    problems.push(...own.problems);
    for (const detector of own.detectors) {
      const taken = detectors.get(detector.id);
      if (taken === undefined) detectors.set(detector.id, detector);
      else problems.push(takenId(folder, detector, taken));
    }
  }
  return { detectors: [...detectors.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), problems };
}

/** The detectors of one folder. */
export function ownDetectors(folder: string): AvailableDetectors {
  try {
    const { detectors, problems } = loadDetectors(folder);
    return { detectors, problems: problems.map((problem) => `${folder}/${problem}`) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      detectors: [],
      problems: [`${folder}: cannot be read (${code}); expected a folder with <family>/<id>.sql`],
    };
  }
}

function takenId(folder: string, { id, path }: Detector, taken: Detector): string {
  const owner = shippedDetectors().some((shipped) => shipped.id === id) ? 'of this package' : `of ${taken.path}`;
  return `${folder}/${path}:2 id: ${id} is the id of a detector ${owner}; expected one of your own, such as acme-${id}`;
}
