/** The long way: cases through the store's transactions and snapshot give what the bench of the other tests gives. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../config/load.js';
import type { Detection } from '../../detectors/engine/detection.js';
import { runDetectors } from '../../detectors/engine/run.js';
import { isRollUp } from '../../detectors/engine/signals.js';
import { loadDetectors } from '../../detectors/format/load-detectors.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { readCase } from '../../fixtures/cases/case-format.js';
import { openCaseLake } from '../../fixtures/cases/case-lake.js';
import { expandCase, windowOf } from '../../fixtures/cases/expand.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';

const { detectors } = loadDetectors(path.join(packageRoot, 'detectors'));
const chosen = [
  'bucket-policy-public-anonymous/fires-held-back.yaml',
  'server-access-logging-disabled/fires-switched-off.yaml',
  'plaintext-http-access/fires-once-for-both-logs.yaml',
];

/** Where a row came from differs between the two ways; everything else must not. */
function comparable(detections: readonly Detection[]): unknown[] {
  return detections.map(({ detector, evidence, ...rest }) => ({
    ...rest,
    detector: detector.id,
    evidence: evidence.map(({ logUri, ...row }) => ({ ...row, file: path.basename(logUri) })),
  }));
}

test.each(chosen)('%s', { timeout: 30_000 }, async (name) => {
  const detectorCase = readCase(path.join(packageRoot, 'fixtures/detectors', name));
  const objects = expandCase(detectorCase, name);
  const options = { config: parseConfig(stringify(detectorCase.config), name), ...windowOf(detectorCase) };
  const lake = await openCaseLake(temporaryFolder('case-lake'), objects);
  const bench = await CaseBench.open();
  try {
    const fromLake = await runDetectors(lake.connection, detectors, options);
    const fromBench = await runDetectors(await bench.lay(objects), detectors, options);
    expect(fromLake.problems).toEqual([]);
    expect(comparable(fromLake.detections)).toEqual(comparable(fromBench.detections));
    expect(fromLake.detections.map(({ detector }) => detector.id)).toContain(path.dirname(name));
  } finally {
    lake.close();
    bench.close();
  }
});

/** A case in which each detector that works by the day fires, and cases of requests that both logs saw. */
const dayCases = detectors
  .filter((detector) => detector.window === 'day' && !isRollUp(detector))
  .flatMap(({ id }) =>
    caseNames(id)
      .filter((name) => name.startsWith('fires-'))
      .slice(-1)
      .map((name) => `${id}/${name}`),
  );
const sharedCases = [
  'plaintext-http-access/fires-once-for-both-logs.yaml',
  'mass-object-delete/fires-batch-in-both-logs.yaml',
];

function caseNames(detector: string): string[] {
  return fs.readdirSync(path.join(packageRoot, 'fixtures/detectors', detector)).sort();
}

test.each([...dayCases, ...sharedCases])(
  '%s, in a window that is too large to be held',
  { timeout: 30_000 },
  async (name) => {
    const detectorCase = readCase(path.join(packageRoot, 'fixtures/detectors', name));
    const options = { config: parseConfig(stringify(detectorCase.config), name), ...windowOf(detectorCase) };
    const lake = await openCaseLake(temporaryFolder('case-lake'), expandCase(detectorCase, name));
    try {
      const chosenDetectors = detectors.filter(({ id, window }) => window === 'day' || id === path.dirname(name));
      const small = await runDetectors(lake.connection, chosenDetectors, options);
      const large = await runDetectors(lake.connection, chosenDetectors, { ...options, isLarge: true });
      const shownRows = small.detections.flatMap(({ evidence }) => evidence);
      const again = await runDetectors(lake.connection, chosenDetectors, { ...options, isLarge: true, shownRows });
      expect(large).toEqual(small);
      expect(again).toEqual(small);
      expect(small.detections.map(({ detector }) => detector.id)).toContain(path.dirname(name));
    } finally {
      lake.close();
    }
  },
);
