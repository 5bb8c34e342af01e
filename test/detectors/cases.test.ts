/** Every detector has cases under fixtures/detectors/<id>/, and every case comes out as its name says. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDetectors } from '../../detectors/format/load-detectors.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { runCase } from '../../fixtures/cases/run-case.js';
import { packageRoot } from '../../store/sql-files.js';

const casesFolder = path.join(packageRoot, 'fixtures/detectors');
const { detectors, problems } = loadDetectors(path.join(packageRoot, 'detectors'));

let bench: CaseBench;
beforeAll(async () => {
  bench = await CaseBench.open();
});
afterAll(() => bench.close());

test('every detector file can be loaded', () => {
  expect(problems).toEqual([]);
});

test('every folder of cases belongs to a detector', () => {
  const folders = fs.readdirSync(casesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const ids = detectors.map(({ id }) => id);
  expect(folders.map(({ name }) => name).filter((name) => !ids.includes(name))).toEqual([]);
});

describe.each(detectors.map((detector) => ({ id: detector.id, detector })))('$id', ({ id, detector }) => {
  const names = caseNames(id);

  test('has cases in which it fires and cases in which it stays quiet', () => {
    const kinds = names.map((name) => name.split('-')[0]);
    expect(new Set(kinds)).toEqual(new Set(['fires', 'quiet']));
  });

  test.each(names)('%s', { timeout: 30_000 }, async (name) => {
    const result = await runCase(bench, path.join(casesFolder, id, name), detector);
    expect(result.problems).toEqual([]);
  });
});

function caseNames(id: string): string[] {
  const folder = path.join(casesFolder, id);
  return fs.existsSync(folder)
    ? fs
        .readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort()
    : [];
}
