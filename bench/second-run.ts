/** How long an ingest takes that finds nothing new. */
import { medianSeconds, type Benchmark, type Findings } from './benchmark.js';
import { runFresh, type Sample } from './fresh-process.js';
import { bucketwatch, expectAccounts, type Workspace } from './workspace.js';

async function measure(workspace: Workspace): Promise<Findings> {
  const { folders, files } = workspace.dataSet('access-many');
  await workspace.ingests('access-many');
  const argv = [bucketwatch, 'ingest', ...folders, '--data-dir', workspace.lake('access-many'), '--json', '--quiet'];
  const samples: Sample[] = [];
  for (let repetition = 0; repetition < workspace.repetitions; repetition++) {
    const run = await runFresh(argv);
    expectAccounts(run, { objects: 0, objects_skipped: files, lines: 0, rows: 0 });
    samples.push(run);
  }
  const series = { label: 'ingest of known objects', samples };
  return {
    measures: [{ name: 'median', value: medianSeconds(series), unit: 's', target: { bound: 'at most', value: 2 } }],
    series: [series],
    checked: [`every run skipped ${files} objects and read none`],
    unfair: [{ to: 'both', because: 'a local folder is listed; listing S3 takes a request for each thousand objects' }],
  };
}

export const secondRun: Benchmark = {
  name: 'second-run',
  question: '`bucketwatch ingest` over 20,000 local objects that the ledger knows.',
  run: measure,
};
