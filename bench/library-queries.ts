/** Every query of the library, and investigations, over ten million rows of the access log. */
import fs from 'node:fs';
import { loadLibrary } from '../queries/library.js';
import { openReader } from '../store/reader.js';
import { median, medianSeconds, type Benchmark, type Findings, type Series } from './benchmark.js';
import { runFresh, type Sample } from './fresh-process.js';
import { bucketwatch, type Workspace } from './workspace.js';

/** Values with which queries about one thing find some of the benchmark data; others answer about all of it. */
const values: Readonly<Record<string, string>> = {
  bucket: 'acme-customer-docs',
  prefix: 'tenants/t-1',
  principal: 'arn:aws:iam::111122223333:role/orders-spark',
  address: '10.16.15.12',
};

/** Queries that are about one bucket or principal; elsewhere these parameters only narrow and are left out. */
const aboutOne: readonly string[] = [
  'address-activity',
  'bucket-requesters',
  'cloudfront-bypass',
  'object-history',
  'outside-access-point',
  'outside-vpc-endpoint',
  'prefix-access',
  'principal-activity',
  'role-sessions',
  'top-objects',
];

async function measure(workspace: Workspace): Promise<Findings> {
  const { lines } = workspace.dataSet('access-tenfold');
  await workspace.ingests('access-tenfold');
  // A copy: other benchmarks ask the lake as ingest leaves it.
  const dataDir = workspace.freshFolder('lake-compacted');
  fs.cpSync(workspace.lake('access-tenfold'), dataDir, { recursive: true });
  await runFresh([bucketwatch, 'compact', '--data-dir', dataDir, '--quiet']);
  const queries = await askLibrary(dataDir, workspace.repetitions);
  const investigations = await investigate(dataDir, workspace.repetitions);
  const slowest = slowestOf(queries);
  const longest = slowestOf(investigations);
  const target = { bound: 'at most', value: 1 } as const;
  return {
    measures: [
      { name: `slowest over ${lines} rows (${slowest.label})`, value: medianSeconds(slowest), unit: 's', target },
      { name: 'median of the queries', value: median(queries.map(medianSeconds)), unit: 's', target },
      { name: `slowest of ${longest.label}`, value: medianSeconds(longest), unit: 's', target },
    ],
    series: [...queries, ...investigations],
    checked: ['every query runs; test/queries checks what they answer'],
    unfair: [
      { to: 'us', because: 'investigate is a whole command: the start of Node and the opening of the lake are in it' },
      { to: 'both', because: 'the lake is compacted first, as runs do by themselves for days with many small files' },
    ],
  };
}

function slowestOf(series: readonly Series[]): Series {
  return series.toSorted((a, b) => medianSeconds(b) - medianSeconds(a))[0]!;
}

async function askLibrary(dataDir: string, repetitions: number): Promise<Series[]> {
  const reader = await openReader({ dataDir, threads: 2, memoryBytes: 2e9 });
  try {
    const series: Series[] = [];
    for (const { name, sql, parameters } of loadLibrary()) {
      const chosen = Object.entries(parameters).map(([key, parameter]) => [
        key,
        aboutOne.includes(name) ? (values[key] ?? parameter.default) : parameter.default,
      ]);
      const samples: Sample[] = [];
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const startedMs = performance.now();
        const before = process.cpuUsage();
        await reader.connection.runAndReadAll(sql, Object.fromEntries(chosen) as Record<string, string>);
        const { user, system } = process.cpuUsage(before);
        samples.push({
          seconds: (performance.now() - startedMs) / 1000,
          cpuSeconds: (user + system) / 1e6,
          peakBytes: null,
        });
      }
      series.push({ label: name, samples });
    }
    return series;
  } finally {
    reader.close();
  }
}

async function investigate(dataDir: string, repetitions: number): Promise<Series[]> {
  const series: Series[] = [];
  for (const subject of ['address', 'principal', 'bucket'] as const) {
    const samples: Sample[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++)
      samples.push(await runFresh([bucketwatch, 'investigate', values[subject]!, '--data-dir', dataDir, '--quiet']));
    series.push({ label: `investigate (${subject})`, samples });
  }
  return series;
}

export const libraryQueries: Benchmark = {
  name: 'queries',
  question:
    'Every query of the library over ten times access-many, in an open process such as the shell; and investigations.',
  run: measure,
};
