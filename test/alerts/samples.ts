/** Detectors and detections for the tests of alerts, and a store in a temporary folder to record them in. */
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach } from 'vitest';
import { listFindings } from '../../alerts/findings-store.js';
import type { Finding } from '../../alerts/finding.js';
import { recordDetections, type RecordOptions, type RecordSummary } from '../../alerts/lifecycle.js';
import { parseConfig } from '../../config/load.js';
import type { FileConfig } from '../../config/schema.js';
import { identityColumns, type Detection, type Evidence } from '../../detectors/engine/detection.js';
import type { Detector } from '../../detectors/format/detector.js';
import { Store } from '../../store/store.js';
import { temporaryFolder } from '../temporary-folder.js';

export const hourMs = 3_600_000;
/** The start of the tests' calendar, on a midnight. */
export const startMs = Date.parse('2026-03-01T00:00:00Z');

export const deletions: Detector = {
  id: 'log-bucket-object-deleted',
  version: 1,
  title: 'log objects deleted',
  severity: 'high',
  severityRules: [],
  family: 'logging',
  sources: ['access_log', 'cloudtrail_data'],
  tactic: 'defense-evasion',
  mitre: ['T1070'],
  window: 'hour',
  entity: ['bucket', 'principal'],
  needsLearning: false,
  learns: null,
  needs: null,
  enabled: true,
  params: [],
  description: 'Someone deleted logs.',
  falsePositives: ['A compaction job.'],
  knownGaps: ['Expiry rules.'],
  nextSteps: [
    "See what was deleted: select key from s3_events where bucket = '<bucket>'.",
    'Ask the owner of <principal>.',
  ],
  references: [],
  query: 'select 1',
  path: 'logging/log-bucket-object-deleted.sql',
};

export const newAddresses: Detector = {
  ...deletions,
  id: 'principal-new-source-ip',
  window: 'day',
  entity: ['principal'],
};

export const backupRole = 'arn:aws:iam::111122223333:role/backup';

export interface Sample extends Partial<Omit<Detection, 'identity' | 'windowStartUs'>> {
  /** Hours after `startMs`. */
  readonly hour: number;
  readonly identity?: Partial<Detection['identity']>;
}

/** A detection of one hour: `eventCount` events from five minutes past, a minute apart. */
export function detection({ hour, identity: given = {}, ...rest }: Sample): Detection {
  const detector = rest.detector ?? deletions;
  const atMs = startMs + hour * hourMs;
  const step = detector.window === 'day' ? 24 * hourMs : hourMs;
  const firstEventAtUs = (atMs + 5 * 60_000) * 1000;
  const eventCount = rest.eventCount ?? 2;
  const none = Object.fromEntries(identityColumns.map((column) => [column, null])) as Detection['identity'];
  const identity = { ...none, bucket: 'acme-logs', principal: backupRole, source_ip: '203.0.113.7', ...given };
  return {
    detector,
    severity: 'high',
    dryRun: false,
    windowStartUs: Math.floor(atMs / step) * step * 1000,
    entity: detector.entity.map((column) => identity[column]),
    summary: `${eventCount} objects deleted in hour ${hour}`,
    identity,
    firstEventAtUs,
    lastEventAtUs: firstEventAtUs + (eventCount - 1) * 60e6,
    eventCount,
    evidence: [evidence(firstEventAtUs, hour)],
    expected: null,
    observed: null,
    historyDays: null,
    factors: [],
    ...rest,
  };
}

export function evidence(eventTimeUs: number, logLine: number): Evidence {
  const row = {
    logUri: 's3://acme-access-logs/2026-03-01-00-00-00-AAAA',
    requestId: `R${logLine}`,
    action: 'DeleteObject',
  };
  return { eventTimeUs, logLine, key: 'AWSLogs/a.json.gz', status: 204, ...row };
}

/** The config that a text of bucketwatch.yaml gives. */
export function configOf(yaml = ''): FileConfig {
  return parseConfig(yaml, 'bucketwatch.yaml');
}

const stores: Store[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

export interface Recording extends Partial<Omit<RecordOptions, 'window'>> {
  /** First and last hour that was looked at; by default those of the detections. */
  readonly hours?: readonly [first: number, last: number];
}

/** A store, and a clock that the test sets: hours after `startMs`. */
export class AlertBench {
  clockHour = 48;
  #runs = 0;
  private constructor(readonly store: Store) {}

  static async open(): Promise<AlertBench> {
    const dataDir = join(temporaryFolder('alerts'), 'data');
    const store = await Store.open({ dataDir, threads: 1, memoryBytes: 256e6, command: 'test', now: () => startMs });
    stores.push(store);
    return new AlertBench(store);
  }

  get nowMs(): number {
    return startMs + this.clockHour * hourMs;
  }

  transact<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    return this.store.transact(work);
  }

  /** Records detections in a run of its own. */
  async record(detections: readonly Detection[], recording: Recording = {}): Promise<RecordSummary> {
    const { hours = hoursOf(detections), ...options } = recording;
    const window = { fromMs: startMs + hours[0] * hourMs, toMs: startMs + (hours[1] + 1) * hourMs };
    const defaults = { detectors: [deletions, newAddresses], config: configOf(), runId: `run-${++this.#runs}` };
    return this.transact((connection) =>
      recordDetections(connection, { detections, window, nowMs: this.nowMs, ...defaults, ...options }),
    );
  }

  findings(): Promise<Finding[]> {
    return this.transact((connection) => listFindings(connection));
  }

  /** The one finding there is. */
  async finding(): Promise<Finding> {
    const findings = await this.findings();
    if (findings.length !== 1) throw new Error(`${findings.length} findings; expected 1`);
    return findings[0]!;
  }
}

function hoursOf(detections: readonly Detection[]): [number, number] {
  const hours = detections.map(({ windowStartUs }) => (windowStartUs / 1000 - startMs) / hourMs);
  return [Math.min(...hours), Math.max(...hours)];
}
