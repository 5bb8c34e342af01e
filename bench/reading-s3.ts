/** Many small log objects out of S3: how many a second, and what an object costs in CPU time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import { median, type Benchmark, type Findings } from './benchmark.js';
import { runFresh, type FinishedRun } from './fresh-process.js';
import { bucketwatch, expectAccounts, type Workspace } from './workspace.js';

const objects = 5000;
const linesPerObject = 15;
const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

async function measure(workspace: Workspace): Promise<Findings> {
  const server = spawn(process.execPath, [
    path.join(packageRoot, 'dist/bench/s3-server.js'),
    String(objects),
    String(linesPerObject),
  ]);
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    Object.assign(process.env, credentials, { AWS_ENDPOINT_URL: `http://127.0.0.1:${port.toString().trim()}` });
    return await measureWith(workspace);
  } finally {
    delete process.env['AWS_ENDPOINT_URL'];
    server.stdin.end();
    await once(server, 'exit');
  }
}

async function measureWith(workspace: Workspace): Promise<Findings> {
  const config = path.join(workspace.freshFolder('s3'), 'bucketwatch.yaml');
  fs.mkdirSync(path.dirname(config), { recursive: true });
  fs.writeFileSync(config, 'sources: [{ type: s3, uri: "s3://bench/logs/" }]\n');
  const ingest = (dataDir: string): Promise<FinishedRun> =>
    runFresh([bucketwatch, 'ingest', '--config', config, '--data-dir', dataDir, '--json', '--quiet']);
  const first: FinishedRun[] = [];
  const again: FinishedRun[] = [];
  for (let repetition = 0; repetition < workspace.repetitions; repetition++) {
    const dataDir = workspace.freshFolder('lake-s3');
    const lines = objects * linesPerObject;
    first.push(await ingest(dataDir));
    expectAccounts(first.at(-1)!, { objects, objects_failed: 0, lines, rows: lines, duplicates: 0 });
    again.push(await ingest(dataDir));
    expectAccounts(again.at(-1)!, { objects: 0, objects_skipped: objects });
  }
  const seconds = median(first.map((run) => run.seconds));
  return {
    measures: [
      { name: 'objects a second', value: objects / seconds, unit: 'objects/s', target: null },
      // What the second run takes is the start of the program and the listing.
      {
        name: 'CPU time of an object',
        value: ((cpuSeconds(first) - cpuSeconds(again)) / objects) * 1000,
        unit: 'ms',
        target: { bound: 'at most', value: 3 },
      },
      { name: 'run that finds nothing new', value: median(again.map((run) => run.seconds)), unit: 's', target: null },
    ],
    series: [
      { label: `first run, ${objects} objects`, samples: first },
      { label: 'second run, all known', samples: again },
    ],
    checked: [`every first run read ${objects} objects and their lines, every second run none`],
    unfair: [
      { to: 'us', because: 'the emulator works on the same cores, and takes more of them than we do' },
      {
        to: 'both',
        because: 'the network is the loopback: S3 answers after tens of milliseconds, and to many at once',
      },
    ],
  };
}

function cpuSeconds(runs: readonly FinishedRun[]): number {
  return median(runs.map((run) => run.cpuSeconds ?? Number.NaN));
}

export const readingS3: Benchmark = {
  name: 'reading-s3',
  question: `\`bucketwatch ingest\` of ${objects} objects of ${linesPerObject} lines from an emulator of S3 in another process, and again.`,
  run: measure,
};
