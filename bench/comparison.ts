/** Ingest beside a hand-tuned COPY of DuckDB: fresh processes that take turns, and the same answer or no number. */
import path from 'node:path';
import { packageRoot } from '../store/sql-files.js';
import { compareAnswers } from './answers.js';
import { medianSeconds, type Benchmark, type Findings, type Target, type Unfairness } from './benchmark.js';
import type { DataSetName } from './data-sets.js';
import { runFresh, type FinishedRun, type Sample } from './fresh-process.js';
import type { Workspace } from './workspace.js';

export interface Rival {
  readonly label: string;
  /** File of `bench/rivals`. */
  readonly sql: string;
  /** True when it writes every column of ours but the position in the log. */
  readonly isComplete: boolean;
  /** Of the ratio; null when it is only told. */
  readonly target: Target | null;
}

export interface Comparison {
  readonly name: DataSetName;
  readonly question: string;
  readonly table: 'access_log' | 'cloudtrail';
  readonly rivals: readonly Rival[];
  /** Read buffer of the CSV reader; null for the JSON reader. */
  readonly bufferBytes: number | null;
  readonly unfair: readonly Unfairness[];
}

/** The benchmark that compares; a ratio above 1 means that we are faster. */
export function comparisonBenchmark(comparison: Comparison): Benchmark {
  const { name, question } = comparison;
  return { name, question, run: (workspace) => compare(workspace, comparison) };
}

async function compare(workspace: Workspace, comparison: Comparison): Promise<Findings> {
  const ours: Turn = { run: () => workspace.ingest(comparison.name), samples: [] };
  const theirs = comparison.rivals.map((rival) => ({
    ...rival,
    run: () => runRival(workspace, comparison, rival),
    samples: [] as Sample[],
  }));
  const checked: string[] = [];
  for (let repetition = 0; repetition < workspace.repetitions; repetition++) {
    const turns = [ours, ...theirs];
    if (repetition % 2 === 1) turns.reverse();
    for (const turn of turns) turn.samples.push(await turn.run());
    if (repetition > 0) continue;
    for (const rival of comparison.rivals) checked.push(await check(workspace, comparison, rival));
  }
  const series = [{ label: 'bucketwatch ingest', samples: ours.samples }, ...theirs];
  const measures = theirs.map((rival) => ({
    name: `${rival.label}: its time ÷ ours`,
    value: medianSeconds(rival) / medianSeconds(ours),
    unit: 'times' as const,
    target: rival.target,
  }));
  return {
    measures,
    series: series.map(({ label, samples }) => ({ label, samples })),
    checked,
    unfair: comparison.unfair,
  };
}

/** One of the programs that take turns; every second round goes backwards, so that none is always the first. */
interface Turn {
  run(): Promise<FinishedRun>;
  readonly samples: Sample[];
}

function outputName({ sql }: Rival): string {
  return `rival-${path.basename(sql, '.sql')}`;
}

async function runRival(workspace: Workspace, { name, bufferBytes }: Comparison, rival: Rival): Promise<FinishedRun> {
  const { folders } = workspace.dataSet(name);
  const sqlFile = path.join(packageRoot, 'bench/rivals', rival.sql);
  const buffer = bufferBytes === null ? [] : [String(bufferBytes)];
  const out = workspace.freshFolder(outputName(rival));
  return runFresh([path.join(import.meta.dirname, 'rival.js'), sqlFile, `${folders[0]}/**`, out, ...buffer]);
}

/** Compares what the first repetition wrote. */
async function check(workspace: Workspace, { name, table }: Comparison, rival: Rival): Promise<string> {
  const { lines } = workspace.dataSet(name);
  const { isComplete, label } = rival;
  const lake = workspace.lake(name);
  const columns = await compareAnswers({ table, lake, rival: workspace.folder(outputName(rival)), isComplete });
  return `${label}: ${lines} rows, and type, count and digest of ${columns} columns are the same as ours`;
}
