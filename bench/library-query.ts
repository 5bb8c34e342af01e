/** A query of the library over 9.6 million rows, and the same question in plain SQL over the rows. */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import { medianSeconds, type Benchmark, type Findings } from './benchmark.js';
import { runFresh, type Sample } from './fresh-process.js';
import { bucketwatch, type Workspace } from './workspace.js';

async function measure(workspace: Workspace): Promise<Findings> {
  const { lines } = workspace.dataSet('access-tenfold');
  await workspace.ingests('access-tenfold');
  const plainSql = fs.readFileSync(path.join(packageRoot, 'bench/answers/top-principals.sql'), 'utf8');
  const ask = (query: string) =>
    runFresh([bucketwatch, 'query', query, '--format', 'jsonl', '--data-dir', workspace.lake('access-tenfold')]);
  const library: Sample[] = [];
  const plain: Sample[] = [];
  for (let repetition = 0; repetition < workspace.repetitions; repetition++) {
    const fromLibrary = await ask('top-principals');
    const fromRows = await ask(plainSql);
    if (fromLibrary.stdout !== fromRows.stdout || fromRows.stdout === '')
      throw new Error(`top-principals answers\n${fromLibrary.stdout}; expected\n${fromRows.stdout}`);
    library.push(fromLibrary);
    plain.push(fromRows);
  }
  const series = { label: 'bucketwatch query top-principals', samples: library };
  return {
    measures: [
      {
        name: `median over ${lines} rows`,
        value: medianSeconds(series),
        unit: 's',
        target: { bound: 'at most', value: 1 },
      },
    ],
    series: [series, { label: 'the same question in plain SQL over s3_access_log', samples: plain }],
    checked: ['the output is byte for byte that of the plain SQL'],
    unfair: [
      {
        to: 'us',
        because: 'top-principals also looks for requests that CloudTrail saw, bucket by bucket; the plain SQL does not',
      },
    ],
  };
}

export const libraryQuery: Benchmark = {
  name: 'library-query',
  question:
    '`bucketwatch query top-principals --format jsonl` over ten times access-many, start of the process included.',
  run: measure,
};
