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

let bench: CaseBench;
beforeAll(async () => {
  bench = await CaseBench.open();
});
afterAll(() => bench.close());

describe.each(detectors.filter(({ window }) => window === 'hour').map((detector) => ({ id: detector.id, detector })))(
  '$id',
  ({ id, detector }) => {
    const names = fs.readdirSync(path.join(casesFolder, id)).filter((name) => name.startsWith('fires-'));

    test.each(names)('%s', { timeout: 60_000 }, async (name) => {
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
  },
);
