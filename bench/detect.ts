/** How long all detectors take, over the demonstration and over the logs of access-many. For information: no target. */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import { medianSeconds, type Benchmark, type Findings, type Measure, type Series } from './benchmark.js';
import { runFresh, type Sample } from './fresh-process.js';
import { bucketwatch, type Workspace } from './workspace.js';

const demoConfig = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');

async function measure(workspace: Workspace): Promise<Findings> {
  const demo = workspace.freshFolder('lake-demo');
  await runFresh([bucketwatch, 'ingest', '--config', demoConfig, '--data-dir', demo, '--quiet']);
  await workspace.ingests('access-many');
  const series = [
    await detectOver(workspace, { label: 'demonstration', lake: demo, options: ['--config', demoConfig] }),
    await detectOver(workspace, { label: 'access-many', lake: workspace.lake('access-many'), options: [] }),
  ];
  const measures = series.map((one): Measure => ({
    name: `${one.label}, median`,
    value: medianSeconds(one),
    unit: 's',
    target: null,
  }));
  return {
    measures,
    series,
    checked: ['every run ends with exit code 0'],
    unfair: [
      {
        to: 'both',
        because:
          'access-many holds no attacks, four days and few callers: less to compare with than a year of an account',
      },
    ],
  };
}

interface DetectRuns {
  readonly label: string;
  readonly lake: string;
  readonly options: readonly string[];
}

/** Detects in a copy of the lake each time, for a second run would find nothing new. */
async function detectOver(workspace: Workspace, { label, lake, options }: DetectRuns): Promise<Series> {
  const samples: Sample[] = [];
  for (let repetition = 0; repetition < workspace.repetitions; repetition++) {
    const copy = workspace.freshFolder('lake-to-detect');
    fs.cpSync(lake, copy, { recursive: true });
    samples.push(await runFresh([bucketwatch, 'detect', ...options, '--data-dir', copy, '--quiet', '--json']));
  }
  return { label, samples };
}

export const detect: Benchmark = {
  name: 'detect',
  question: 'All detectors over what was just ingested.',
  run: measure,
};
