/** A detector that works by the hour finds the same whether a day is looked at whole or hour by hour. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDetectors } from '../../detectors/engine/run.js';
import { loadDetectors } from '../../detectors/format/load-detectors.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { caseConfig } from '../../fixtures/cases/case-config.js';
import { readCase } from '../../fixtures/cases/case-format.js';
import { expandCase, windowOf } from '../../fixtures/cases/expand.js';
import { packageRoot } from '../../store/sql-files.js';

const casesFolder = path.join(packageRoot, 'fixtures/detectors');
const { detectors } = loadDetectors(path.join(packageRoot, 'detectors'));
const hourMs = 3_600_000;

/** Cases that find something in a window of several hours: of a single hour there is nothing to compare. */
function casesOf(id: string): string[] {
  const folder = path.join(casesFolder, id);
  return fs.readdirSync(folder).filter((name) => {
    if (!name.startsWith('fires-')) return false;
    const { fromMs, toMs } = windowOf(readCase(path.join(folder, name)));
    return toMs - fromMs > hourMs;
  });
}

let bench: CaseBench;
beforeAll(async () => {
  bench = await CaseBench.open();
});
afterAll(() => bench.close());

const hourly = detectors
  .filter(({ id, window }) => window === 'hour' && casesOf(id).length > 0)
  .map((detector) => ({ id: detector.id, detector }));

describe.each(hourly)('$id', ({ id, detector }) => {
  test.each(casesOf(id))('%s', { timeout: 60_000 }, async (name) => {
    const file = path.join(casesFolder, id, name);
    const detectorCase = readCase(file);
    const connection = await bench.lay(expandCase(detectorCase, `${id}/${name}`));
    const config = caseConfig(detectorCase, file);
    const { fromMs, toMs } = windowOf(detectorCase);
    const whole = await runDetectors(connection, [detector], { config, fromMs, toMs });
    const hours = new Set(whole.detections.map(({ windowStartUs }) => windowStartUs / 1000));
    const found = [];
    for (const hour of [...hours].sort((a, b) => a - b)) {
      const one = await runDetectors(connection, [detector], { config, fromMs: hour, toMs: hour + hourMs });
      found.push(...one.detections);
    }
    expect(found).toEqual(whole.detections);
  });
});
