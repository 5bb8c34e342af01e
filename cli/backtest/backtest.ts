/**
 * What the detectors would have found in a period, without recording or sending anything: the same plan, detectors and
 * lifecycle as a run, but findings are recorded in a scratch store that is thrown away.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { recordDetections } from '../../alerts/lifecycle.js';
import { readSignals } from '../../alerts/signals.js';
import type { Config } from '../../config/load.js';
import type { Severity } from '../../config/severity.js';
import { availableDetectors } from '../../detectors/available.js';
import { detectorSettings } from '../../detectors/engine/detector-settings.js';
import { runRollUps } from '../../detectors/engine/roll-up.js';
import { runDetectors, type RunResult } from '../../detectors/engine/run.js';
import { isRollUp, signalReachMs } from '../../detectors/engine/signals.js';
import type { DetectionWindow } from '../../detectors/engine/window-views.js';
import type { Detector } from '../../detectors/format/detector.js';
import { planDetection, takesPart, type DetectionPlan, type Window } from '../../detectors/windows.js';
import { queryRows } from '../../store/duckdb.js';
import { hoursBetween } from '../../store/pending-hours.js';
import { lockDown } from '../../store/read-only.js';
import { Store } from '../../store/store.js';
import { maxWindowEvents } from '../detect-step.js';

/** A finding of the period, as a run would have recorded it by its end. */
export interface BacktestFinding {
  readonly detector: string;
  readonly dedupeKey: string;
  readonly severity: Severity;
  /** `suppressed` findings are those that the config or a dry run holds back. */
  readonly isSuppressed: boolean;
  readonly principal: string | null;
  readonly bucket: string | null;
  readonly sourceIp: string | null;
  /** `YYYY-MM-DD` of its first event. */
  readonly day: string;
  readonly events: number;
}

export interface Backtest {
  readonly window: Window;
  readonly detectors: readonly Detector[];
  readonly findings: readonly BacktestFinding[];
  /** Detectors that failed over some of it, with the first thing that went wrong. */
  readonly problems: ReadonlyMap<string, string>;
  /** Detectors that fired so often in one look that it became one finding. */
  readonly noisy: readonly string[];
  /** False when it was interrupted. */
  readonly isComplete: boolean;
}

export interface BacktestOptions {
  readonly config: Config;
  /** Whole days. */
  readonly window: Window;
  readonly nowMs: number;
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** `connection` is a reader's, which nothing is written to. */
export async function backtest(connection: DuckDBConnection, options: BacktestOptions): Promise<Backtest> {
  const { config, nowMs, threads } = options;
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'bucketwatch-backtest-'));
  try {
    const store = await Store.open({
      dataDir: scratch,
      threads,
      memoryBytes: config.limits.memoryBytes / 4,
      command: 'backtest',
      now: () => nowMs,
    });
    try {
      return await replay(connection, store, options);
    } finally {
      store.close();
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** What a replay works with, and what it gathers on the way. */
interface Replay {
  readonly connection: DuckDBConnection;
  readonly store: Store;
  readonly options: BacktestOptions;
  readonly detectors: readonly Detector[];
  readonly problems: Map<string, string>;
  readonly noisy: Set<string>;
}

async function replay(connection: DuckDBConnection, store: Store, options: BacktestOptions): Promise<Backtest> {
  const { config, window, signal } = options;
  const { detectors: all, problems: unreadable } = availableDetectors(config);
  const detectors = all.filter((detector) => detectorSettings(config, detector).enabled);
  const problems = new Map(unreadable.map((problem) => [problem.split(':')[0]!, problem]));
  const work: Replay = { connection, store, options, detectors, problems, noisy: new Set() };
  await lockDown(connection, config.dataDir);
  for (const plan of planDetection(await hoursBetween(connection, window.fromMs, window.toMs), maxWindowEvents)) {
    if (signal.aborted) break;
    await replayPlan(work, plan);
  }
  const findings = await store.transact((catalog) => readFindings(catalog));
  return { window, detectors, findings, problems, noisy: [...work.noisy].sort(), isComplete: !signal.aborted };
}

/** The looks of a plan, then what their findings come to, as in detect-step.ts. */
async function replayPlan(work: Replay, { looks, span }: DetectionPlan): Promise<void> {
  const { connection, store, options, detectors } = work;
  const { config, nowMs, signal } = options;
  for (const look of looks) {
    if (signal.aborted) return;
    const taking = detectors.filter((detector) => takesPart(detector, look));
    await record(work, await runDetectors(connection, taking, { ...look.window, config }), {
      taking,
      window: look.window,
    });
  }
  const taking = detectors.filter(isRollUp);
  if (taking.length === 0) return;
  const window = { fromMs: span.fromMs, toMs: span.toMs + dayMs };
  const rules = { suppressions: config.suppressions, nowMs };
  const reach = { fromMs: window.fromMs - signalReachMs, toMs: window.toMs, detectors, rules };
  const signals = await store.transact((catalog) => readSignals(catalog, reach));
  await record(work, await runRollUps(connection, taking, { ...window, config, signals }), { taking, window });
}

const dayMs = 86_400_000;

interface Taken {
  readonly taking: readonly Detector[];
  readonly window: DetectionWindow;
}

async function record(work: Replay, { detections, problems }: RunResult, { taking, window }: Taken): Promise<void> {
  const { store, options } = work;
  for (const { detector, message } of problems) {
    if (!work.problems.has(detector)) work.problems.set(detector, message);
  }
  const failed = new Set(problems.filter(({ isFatal }) => isFatal).map(({ detector }) => detector));
  const recorded = await store.transact((catalog) =>
    recordDetections(catalog, {
      detections,
      detectors: taking.filter(({ id }) => !failed.has(id)),
      window,
      // Without sinks nothing is put into the outbox of the scratch store either.
      config: { ...options.config, sinks: [] },
      runId: store.runId,
      nowMs: options.nowMs,
    }),
  );
  for (const id of recorded.noisyDetectors) work.noisy.add(id);
}

interface FindingRow {
  readonly detector: string;
  readonly dedupe_key: string;
  readonly severity: Severity;
  readonly state: string;
  readonly principal: string | null;
  readonly bucket: string | null;
  readonly source_ip: string | null;
  readonly day: string;
  readonly events: bigint;
}

/** A finding of which nothing was left is closed; nobody closes another one here. */
async function readFindings(catalog: DuckDBConnection): Promise<BacktestFinding[]> {
  const rows = await queryRows<FindingRow>(
    catalog,
    `select detector, dedupe_key, severity, state, principal, bucket, source_ip,
       cast(cast(first_event_at as date) as varchar) as day, event_count as events
     from findings
     where state <> 'closed'
     order by first_event_at, id`,
  );
  return rows.map((row) => ({
    detector: row.detector,
    dedupeKey: row.dedupe_key,
    severity: row.severity,
    isSuppressed: row.state === 'suppressed',
    principal: row.principal,
    bucket: row.bucket,
    sourceIp: row.source_ip,
    day: row.day,
    events: Number(row.events),
  }));
}
