/** Runs the detectors that look at what others found. They see signals and no logs, so they run after all others. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Detector } from '../format/detector.js';
import type { Evidence } from './detection.js';
import { maxEvidence } from './evidence.js';
import { detectionOf, runQueries, type RunOptions, type RunResult } from './run.js';
import { createSignals, dropSignals, isRollUp, type Signal } from './signals.js';

/** What to run roll-ups over: the signals of the window and of `signalReachMs` before it, in any order. */
export interface RollUpOptions extends RunOptions {
  readonly signals: readonly Signal[];
}

/**
 * Runs the roll-ups among the detectors over [fromMs, toMs). In their rows `evidence` is a list of signal ids; a finding
 * shows the first row of each of these signals, then the second, up to ten.
 */
export async function runRollUps(
  connection: DuckDBConnection,
  detectors: readonly Detector[],
  options: RollUpOptions,
): Promise<RunResult> {
  const signals = options.signals.filter(({ detector }) => !isRollUp(detector)).sort(compareSignals);
  try {
    await createSignals(connection, signals, options.config);
    const { found, problems } = await runQueries(connection, detectors.filter(isRollUp), options);
    return {
      detections: found.map((finding) => detectionOf(finding, evidenceOf(signals, finding.row.rowIds))),
      problems,
    };
  } finally {
    await dropSignals(connection);
  }
}

/** One order for the same signals, so that their ids are the same. */
function compareSignals(a: Signal, b: Signal): number {
  if (a.firstEventAtUs !== b.firstEventAtUs) return a.firstEventAtUs - b.firstEventAtUs;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

function keyOf({ detector, identity, windowStartUs }: Signal): string {
  return JSON.stringify([detector.id, windowStartUs, ...Object.values(identity)]);
}

function evidenceOf(signals: readonly Signal[], ids: readonly string[]): Evidence[] {
  const named = ids.flatMap((id) => signals[Number(id)] ?? []);
  const rows = new Map<string, Evidence>();
  for (let nth = 0; nth < maxEvidence; nth++) {
    for (const { evidence } of named) {
      const row = evidence[nth];
      if (row !== undefined && rows.size < maxEvidence) rows.set(`${row.logUri}#${row.logLine}`, row);
    }
  }
  return [...rows.values()].sort((a, b) => a.eventTimeUs - b.eventTimeUs);
}
