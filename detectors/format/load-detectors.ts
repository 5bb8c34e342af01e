/** Lists a folder of detectors: the shipped one, or a user's own. The only module here that reads files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Detector } from './detector.js';
import { parseDetector } from './parse-detector.js';

export interface LoadedDetectors {
  /** In the order of their ids. */
  readonly detectors: readonly Detector[];
  /** Of all files; a file with problems gives no detector and does not keep the others from loading. */
  readonly problems: readonly string[];
}

/**
 * Reads every `<folder>/<family>/<id>.sql`. Other files are left alone, except that SQL which lies deeper or directly in
 * the folder and has a header is a problem: it would be skipped silently. Throws what `fs` throws when the folder cannot be read.
 */
export function loadDetectors(folder: string): LoadedDetectors {
  const detectors = new Map<string, Detector>();
  const problems: string[] = [];
  for (const path of sqlFiles(folder)) {
    const text = readFileSync(join(folder, path), 'utf8');
    const depth = path.split('/').length;
    if (depth !== 2) {
      if (text.startsWith('/*---'))
        problems.push(`${path}:1 (file): lies in the wrong place; expected <family>/<id>.sql`);
      continue;
    }
    const parsed = parseDetector(text, path);
    if ('problems' in parsed) problems.push(...parsed.problems);
    else if (detectors.has(parsed.detector.id)) problems.push(duplicate(parsed.detector, detectors));
    else detectors.set(parsed.detector.id, parsed.detector);
  }
  return { detectors: [...detectors.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), problems };
}

function duplicate({ id, path }: Detector, detectors: ReadonlyMap<string, Detector>): string {
  return `${path}:2 id: ${id} is the id of ${detectors.get(id)!.path} as well; expected one file an id`;
}

/** Paths with `/`, sorted, so that messages are the same on every system. */
function sqlFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.sql'))
    .sort();
}
