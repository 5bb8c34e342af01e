/** What a benchmark is and what it answers with; `run.ts` holds the list of all. */
import type { Sample } from './fresh-process.js';
import type { Workspace } from './workspace.js';

/** A bound that the project set itself before measuring. */
export interface Target {
  readonly bound: 'at least' | 'at most';
  readonly value: number;
}

/** One number of the table; `unit` `times` is a ratio. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'times' | 'MB' | 's' | 'ms' | 'objects/s';
  /** Null for what is only told. */
  readonly target: Target | null;
}

/** Runs of one program, in the order in which they were made. */
export interface Series {
  readonly label: string;
  readonly samples: readonly Sample[];
}

/** One way in which the comparison is unfair, and to whom. */
export interface Unfairness {
  readonly to: 'us' | 'the rival' | 'both';
  readonly because: string;
}

export interface Findings {
  readonly measures: readonly Measure[];
  readonly series: readonly Series[];
  /** What was checked before a number was believed. */
  readonly checked: readonly string[];
  readonly unfair: readonly Unfairness[];
}

export interface Benchmark {
  readonly name: string;
  /** What is measured, in one or two sentences. */
  readonly question: string;
  run(workspace: Workspace): Promise<Findings>;
}

/** Null when there is no target. */
export function meetsTarget({ value, target }: Measure): boolean | null {
  if (target === null) return null;
  return target.bound === 'at least' ? value >= target.value : value <= target.value;
}

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function medianSeconds({ samples }: Pick<Series, 'samples'>): number {
  return median(samples.map(({ seconds }) => seconds));
}

/** The largest peak of all runs in megabytes; memory is judged by its worst run. */
export function peakMegabytes(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ peakBytes }) => peakBytes ?? Number.NaN)) / 1e6;
}
