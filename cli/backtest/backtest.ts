/**
 * What the detectors would have found in a period, without recording or sending anything: the same plan, detectors and
 * lifecycle as a run, but findings are recorded in a scratch store that is thrown away.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { recordDetections } from '../../alerts/lifecycle.js';
import type { Config } from '../../config/load.js';
import type { Severity } from '../../config/severity.js';
import { detectorSettings } from '../../detectors/engine/detector-settings.js';
import { runDetectors } from '../../detectors/engine/run.js';
import type { Detector } from '../../detectors/format/detector.js';
import { shippedDetectors } from '../../detectors/shipped.js';
import { planDetection, takesPart, type Look, type Window } from '../../detectors/windows.js';
import { queryRows } from '../../store/duckdb.js';
import { hoursBetween } from '../../store/pending-hours.js';
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
  /** Called before each look. */
  readonly onLook?: (look: Look) => void;
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

async function replay(connection: DuckDBConnection, store: Store, options: BacktestOptions): Promise<Backtest> {
  const { config, window, nowMs, signal, onLook } = options;
  const detectors = shippedDetectors().filter((detector) => detectorSettings(config, detector).enabled);
  const problems = new Map<string, string>();
  const noisy = new Set<string>();
  const hours = await hoursBetween(connection, window.fromMs, window.toMs);
  for (const look of planDetection(hours, maxWindowEvents).flatMap((plan) => plan.looks)) {
    if (signal.aborted) break;
    onLook?.(look);
    const taking = detectors.filter((detector) => takesPart(detector, look));
    const result = await runDetectors(connection, taking, { ...look.window, config });
    for (const { detector, message } of result.problems) {
      if (!problems.has(detector)) problems.set(detector, message);
    }
    const recorded = await store.transact((catalog) =>
      recordDetections(catalog, {
        detections: result.detections,
        detectors: taking,
        window: look.window,
        // Without sinks nothing is put into the outbox of the scratch store either.
        config: { ...config, sinks: [] },
        runId: store.runId,
        nowMs,
      }),
    );
    for (const id of recorded.noisyDetectors) noisy.add(id);
  }
  const findings = await store.transact((catalog) => readFindings(catalog));
  return { window, detectors, findings, problems, noisy: [...noisy].sort(), isComplete: !signal.aborted };
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
