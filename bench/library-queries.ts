/** Every query of the library over ten million rows of the access log. */
import { loadLibrary } from '../queries/library.js';
import { openReader } from '../store/reader.js';
import { median, medianSeconds, type Benchmark, type Findings } from './benchmark.js';
import type { Sample } from './fresh-process.js';
import type { Workspace } from './workspace.js';

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
  const reader = await openReader({ dataDir: workspace.lake('access-tenfold'), threads: 2, memoryBytes: 2e9 });
  try {
    const series = [];
    for (const { name, sql, parameters } of loadLibrary()) {
      const chosen = Object.entries(parameters).map(([key, parameter]) => [
        key,
        aboutOne.includes(name) ? (values[key] ?? parameter.default) : parameter.default,
      ]);
      const samples: Sample[] = [];
      for (let repetition = 0; repetition < workspace.repetitions; repetition++) {
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
    const slowest = series.toSorted((a, b) => medianSeconds(b) - medianSeconds(a))[0]!;
    const target = { bound: 'at most', value: 1 } as const;
    return {
      measures: [
        { name: `slowest over ${lines} rows (${slowest.label})`, value: medianSeconds(slowest), unit: 's', target },
        { name: 'median of the queries', value: median(series.map(medianSeconds)), unit: 's', target },
      ],
      series,
      checked: ['every query runs; test/queries checks what they answer'],
      unfair: [],
    };
  } finally {
    reader.close();
  }
}

export const libraryQueries: Benchmark = {
  name: 'queries',
  question: 'Every query of the library over ten times access-many, in an open process such as the shell.',
  run: measure,
};
