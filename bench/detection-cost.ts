/**
 * What one new hour costs the detectors: with 1, 10 and 90 days of the same account's history before it, and in a day of
 * ten million requests.
 */
import fs from 'node:fs';
import path from 'node:path';
import { writeLogs, generateLogs } from '../fixtures/generator/write.js';
import { packageRoot } from '../store/sql-files.js';
import { medianSeconds, type Benchmark, type Findings, type Series } from './benchmark.js';
import { runFresh, type Sample } from './fresh-process.js';
import { bucketwatch, type Workspace } from './workspace.js';

const demoConfig = path.join(packageRoot, 'fixtures/demo/bucketwatch.yaml');
const lastDayMs = Date.UTC(2026, 9, 19);
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const histories = [1, 10, 90];
/** About 5,000 requests a day. */
const scale = 60;

/** A lake with some days of history, the last of which is the same in all. */
async function lakeWithHistory(workspace: Workspace, days: number): Promise<string> {
  const logs = workspace.freshFolder(`history-${days}-logs`);
  const from = new Date(lastDayMs - (days - 1) * dayMs);
  const objects = { accessLogObjectsPerDay: 24, cloudTrailObjectsPerDay: 96 };
  writeLogs(logs, generateLogs({ seed: 1, from, days, scale, ...objects }));
  const lake = workspace.freshFolder(`history-${days}-lake`);
  const argv = [bucketwatch, 'ingest', path.join(logs, 'logs'), '--config', demoConfig, '--data-dir', lake, '--quiet'];
  await runFresh(argv);
  fs.rmSync(logs, { recursive: true });
  return lake;
}

/** Looks at an hour of the last day, as a run does to which its rows are new. */
function detect(lake: string, hour: number): Promise<Sample> {
  const from = new Date(lastDayMs + hour * hourMs).toISOString();
  const to = new Date(lastDayMs + (hour + 1) * hourMs).toISOString();
  const period = ['--from', from, '--to', to];
  return runFresh([bucketwatch, 'detect', ...period, '--config', demoConfig, '--data-dir', lake, '--quiet']);
}

interface MeasuredHour {
  readonly label: string;
  readonly lake: string;
  readonly hour: number;
}

async function detectHour(workspace: Workspace, { label, lake, hour }: MeasuredHour): Promise<Series> {
  const samples: Sample[] = [];
  for (let repetition = 0; repetition < workspace.repetitions; repetition++) samples.push(await detect(lake, hour));
  return { label, samples };
}

async function measure(workspace: Workspace): Promise<Findings> {
  const series: Series[] = [];
  for (const days of histories)
    series.push(
      await detectHour(workspace, {
        label: `${days} days of history`,
        lake: await lakeWithHistory(workspace, days),
        hour: 10,
      }),
    );
  const seconds = series.map(medianSeconds);
  const large = await largeDay(workspace);
  return {
    measures: [
      ...series.map(({ label }, index) => ({ name: label, value: seconds[index]!, unit: 's' as const, target: null })),
      {
        name: 'growth from 1 day to 90',
        value: seconds.at(-1)! / seconds[0]!,
        unit: 'times',
        target: { bound: 'at most', value: 1.5 },
      },
      {
        name: 'an hour of a day of ten million requests',
        value: medianSeconds(large),
        unit: 's',
        target: { bound: 'at most', value: 10 },
      },
    ],
    series: [...series, large],
    checked: ['every run ends with exit code 0'],
    unfair: [],
  };
}

/** A day that came hour by hour; the hour that is measured is new, the one before it was looked at when it came. */
async function largeDay(workspace: Workspace): Promise<Series> {
  const { folders } = workspace.dataSet('access-day');
  const lake = workspace.freshFolder('lake-large-day');
  for (const folder of folders) await runFresh([bucketwatch, 'ingest', folder, '--data-dir', lake, '--quiet']);
  await detect(lake, 22);
  return detectHour(workspace, { label: 'large day', lake, hour: 23 });
}

export const detectionCost: Benchmark = {
  name: 'detection-cost',
  question: 'All detectors over one new hour.',
  run: measure,
};
