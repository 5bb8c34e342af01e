/** Runs all benchmarks or the named ones, prints the table, and writes a page and its JSON. Exit code 1 after a failure. */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../store/sql-files.js';
import type { Benchmark } from './benchmark.js';
import { comparisons } from './comparisons.js';
import { detect } from './detect.js';
import { detectionCost } from './detection-cost.js';
import { help } from './help.js';
import { libraryQueries } from './library-queries.js';
import { libraryQuery } from './library-query.js';
import { describeMachine, loadAverage, machineSlug } from './machine.js';
import { memory } from './memory.js';
import { readingS3 } from './reading-s3.js';
import { renderPage, renderTable, type Outcome, type Report } from './report.js';
import { secondRun } from './second-run.js';
import { Workspace } from './workspace.js';

const benchmarks: readonly Benchmark[] = [
  ...comparisons,
  memory,
  secondRun,
  readingS3,
  help,
  libraryQuery,
  libraryQueries,
  detect,
  detectionCost,
];

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string', default: path.join(packageRoot, 'bench/data') },
    runs: { type: 'string', default: path.join(packageRoot, 'bench/runs') },
    repetitions: { type: 'string', default: '3' },
    machine: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const usage = `usage: npm run bench -- [options] [names...]

  names             ${benchmarks.map(({ name }) => name).join(' ')}; all when left out
  --data DIR        logs are generated there and kept, about 9 GB for all (default: bench/data)
  --runs DIR        the page and the JSON are written there (default: bench/runs)
  --repetitions N   runs of each program (default: 3)
  --machine NAME    ends the name of the files (default: from the CPU)
`;

function tell(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

async function outcomeOf(benchmark: Benchmark, workspace: Workspace): Promise<Outcome> {
  const { name, question } = benchmark;
  tell(name);
  const load = loadAverage();
  try {
    const findings = await benchmark.run(workspace);
    return { benchmark: { name, question }, findings, error: null, loadAverage: load };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    tell(`${name} failed: ${text}`);
    return { benchmark: { name, question }, findings: null, error: text, loadAverage: load };
  }
}

async function runAll(chosen: readonly Benchmark[]): Promise<Report> {
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  const workspace = new Workspace({
    data: options.data,
    scratch: path.join(options.data, `scratch-${process.pid}`),
    repetitions: Number(options.repetitions),
    tell,
  });
  const outcomes: Outcome[] = [];
  try {
    for (const benchmark of chosen) outcomes.push(await outcomeOf(benchmark, workspace));
  } finally {
    workspace.clear();
  }
  return {
    startedAt,
    seconds: (performance.now() - startedMs) / 1000,
    version: (JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { version: string })
      .version,
    repetitions: Number(options.repetitions),
    machine: describeMachine(),
    outcomes,
  };
}

/** A run of some benchmarks says which in its name, so that it does not replace the run of all. */
function writeReport(report: Report): string {
  const some = names.length === 0 ? [] : [names.join('-')];
  const machine = options.machine ?? machineSlug(report.machine);
  const file = path.join(options.runs, [report.startedAt.slice(0, 10), machine, ...some].join('-'));
  fs.mkdirSync(options.runs, { recursive: true });
  fs.writeFileSync(`${file}.json`, `${JSON.stringify(report, withoutOutput, 2)}\n`);
  fs.writeFileSync(`${file}.md`, renderPage(report));
  return `${file}.md`;
}

function withoutOutput(key: string, value: unknown): unknown {
  return key === 'stdout' ? undefined : value;
}

const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (options.help || unknown.length > 0 || !(Number(options.repetitions) >= 1)) {
  process.stderr.write(usage);
  process.exitCode = options.help ? 0 : 2;
} else {
  const chosen = names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
  const report = await runAll(chosen);
  const page = writeReport(report);
  process.stdout.write(`\n${renderTable(report.outcomes)}\n\n${page}\n`);
  if (report.outcomes.some(({ error }) => error !== null)) process.exitCode = 1;
}
