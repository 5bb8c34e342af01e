/** Prints results: the compact table, and the page and the JSON that are kept in `bench/runs`. */
import {
  median,
  meetsTarget,
  type Benchmark,
  type Findings,
  type Measure,
  type Series,
  type Unfairness,
} from './benchmark.js';
import type { Machine } from './machine.js';

/** A benchmark that ran; `error` says why there are no findings. */
export interface Outcome {
  readonly benchmark: Pick<Benchmark, 'name' | 'question'>;
  readonly findings: Findings | null;
  readonly error: string | null;
  /** When the benchmark began. */
  readonly loadAverage: number;
}

export interface Report {
  readonly startedAt: string;
  readonly seconds: number;
  readonly version: string;
  readonly repetitions: number;
  readonly machine: Machine;
  readonly outcomes: readonly Outcome[];
}

type Row = readonly [benchmark: string, measure: string, value: string, target: string, verdict: string];

const header: Row = ['benchmark', 'measure', 'value', 'target', ''];

/** One line a measure, aligned, for a terminal. */
export function renderTable(outcomes: readonly Outcome[]): string {
  const rows = [header, ...outcomes.flatMap(rowsOf)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: Row): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

export function renderPage(report: Report): string {
  const { startedAt, seconds, version, repetitions, machine, outcomes } = report;
  const { cpu, cores, memoryGigabytes, system, node, duckdb } = machine;
  return [
    `# Benchmarks of ${startedAt.slice(0, 10)} on ${cpu}, ${cores} cores`,
    '',
    `bucketwatch ${version}, Node ${node}, DuckDB ${duckdb}; ${memoryGigabytes} GB of memory, ${system}.`,
    `Started ${startedAt}, took ${Math.round(seconds)} s; ${repetitions} repetitions, each in fresh processes that take turns.`,
    'Values are medians, memory the largest peak. The benchmarks themselves keep the cores busy; a load average well above',
    'their number means that others were working too: then times are too long, unevenly, and the CPU time says more.',
    '',
    ...markdownTable(header.with(4, 'verdict'), outcomes.flatMap(rowsOf)),
    ...outcomes.flatMap(sectionOf),
    '',
  ].join('\n');
}

function rowsOf({ benchmark, findings }: Outcome): Row[] {
  if (findings === null) return [[benchmark.name, 'see the page', '', '', 'FAILED']];
  return findings.measures.map((measure) => [
    benchmark.name,
    measure.name,
    formatValue(measure.value, measure.unit),
    measure.target === null ? '' : `${measure.target.bound} ${formatValue(measure.target.value, measure.unit)}`,
    verdictOf(measure),
  ]);
}

function verdictOf(measure: Measure): string {
  const meets = meetsTarget(measure);
  if (meets === null) return 'told';
  return meets ? 'pass' : 'MISS';
}

function formatValue(value: number, unit: Measure['unit']): string {
  const decimals = unit === 'MB' || unit === 'objects/s' || (unit === 'ms' && value >= 10) ? 0 : 2;
  return unit === 'times' ? `${value.toFixed(decimals)}×` : `${value.toFixed(decimals)} ${unit}`;
}

function sectionOf({ benchmark, findings, error, loadAverage }: Outcome): string[] {
  const title = [
    '',
    `## ${benchmark.name}`,
    '',
    benchmark.question,
    `Load average when it began: ${loadAverage.toFixed(2)}.`,
    '',
  ];
  if (findings === null) return [...title, 'It failed:', '', '```', error ?? '', '```'];
  return [
    ...title,
    ...markdownTable(['', 'median s', 'all s', 'CPU s', 'peak MB'], findings.series.map(seriesRow)),
    '',
    ...findings.checked.map((text) => `Checked: ${text}.`),
    '',
    ...findings.unfair.map(unfairLine),
  ];
}

function seriesRow({ label, samples }: Series): string[] {
  const seconds = samples.map((sample) => sample.seconds);
  const cpu = samples.map(({ cpuSeconds }) => cpuSeconds ?? Number.NaN);
  const peaks = samples.map(({ peakBytes }) => (peakBytes ?? Number.NaN) / 1e6);
  const all = seconds.map((one) => one.toFixed(2)).join(' ');
  return [label, median(seconds).toFixed(2), all, measured(median(cpu), 2), measured(Math.max(...peaks), 0)];
}

/** Nothing where it was not measured. */
function measured(value: number, digits: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(digits);
}

function unfairLine({ to, because }: Unfairness): string {
  return `- Unfair to ${to}: ${because}.`;
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}
