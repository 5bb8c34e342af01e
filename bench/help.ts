/** How long the command takes to start, beside Node itself. */
import { medianSeconds, type Benchmark, type Findings } from './benchmark.js';
import { runFresh, type Sample } from './fresh-process.js';
import { bucketwatch } from './workspace.js';

const runs = 15;

async function measure(): Promise<Findings> {
  const ours: Sample[] = [];
  const bare: Sample[] = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await runFresh(['-e', '0']));
    const help = await runFresh([bucketwatch, '--help']);
    if (!help.stdout.startsWith('Usage: bucketwatch')) throw new Error('--help printed something else than the usage');
    ours.push(help);
  }
  const series = [
    { label: 'bucketwatch --help', samples: ours },
    { label: 'node -e 0', samples: bare },
  ];
  return {
    measures: [
      {
        name: `difference of the medians of ${runs}`,
        value: (medianSeconds(series[0]!) - medianSeconds(series[1]!)) * 1000,
        unit: 'ms',
        target: { bound: 'at most', value: 150 },
      },
    ],
    series,
    checked: ['the output is the usage'],
    unfair: [{ to: 'both', because: 'all modules are in the page cache; the first start after a boot takes longer' }],
  };
}

export const help: Benchmark = {
  name: 'help',
  question: 'The start of the command: `bucketwatch --help` less a Node that does nothing.',
  run: measure,
};
