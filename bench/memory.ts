/** Peak memory of ingests, and whether ten times the data needs more of it. */
import { peakMegabytes, type Benchmark, type Findings, type Measure } from './benchmark.js';
import type { Sample } from './fresh-process.js';
import type { Workspace } from './workspace.js';

const belowGigabyte = { bound: 'at most', value: 1000 } as const;
/** Peaks of the same run differ by a tenth, and the largest of more moments is larger: this much is no growth. */
const noGrowth = { bound: 'at most', value: 1.2 } as const;

function peak(name: string, runs: readonly Sample[]): Measure {
  return { name, value: peakMegabytes(runs), unit: 'MB', target: belowGigabyte };
}

async function measure(workspace: Workspace): Promise<Findings> {
  const many = await workspace.ingests('access-many');
  const tenfold = await workspace.ingests('access-tenfold');
  const cloudtrail = await workspace.ingests('cloudtrail');
  return {
    measures: [
      peak('access-many, peak', many),
      peak('ten times access-many, peak', tenfold),
      peak('cloudtrail, peak', cloudtrail),
      {
        name: 'peak of ten times the data ÷ peak of once',
        value: peakMegabytes(tenfold) / peakMegabytes(many),
        unit: 'times',
        target: noGrowth,
      },
    ],
    series: [
      { label: 'access-many', samples: many },
      { label: 'ten times access-many', samples: tenfold },
      { label: 'cloudtrail', samples: cloudtrail },
    ],
    checked: ['lines, rows, rejected and duplicates of every run are those of the generator'],
    unfair: [
      {
        to: 'us',
        because: 'the largest peak of all runs counts, and resident memory holds shared libraries and mapped files too',
      },
    ],
  };
}

export const memory: Benchmark = {
  name: 'memory',
  question:
    'Peak resident memory (VmHWM, read every 20 ms) of ingests with default settings, from 700 MB to 7 GB of logs.',
  run: measure,
};
