/** What a detector found in one window: its output columns, checked and typed, with the rows that show it. */
import type { Severity } from '../../config/severity.js';
import type { Detector } from '../format/detector.js';

/** One row of the logs that shows what happened. */
export interface Evidence {
  /** Microseconds since 1970, UTC. */
  readonly eventTimeUs: number;
  readonly logUri: string;
  /** Line of an access log from 1, or record of a CloudTrail object from 0. */
  readonly logLine: number;
  readonly requestId: string | null;
  readonly action: string | null;
  readonly key: string | null;
  /** HTTP status; null in CloudTrail. */
  readonly status: number | null;
}

/** The columns that can say who and what a detection is about. */
export const identityColumns = [
  'account_id',
  'region',
  'bucket',
  'key',
  'principal',
  'source_ip',
  'user_agent',
] as const;
export type IdentityColumn = (typeof identityColumns)[number];

/** One detection: at most one a detector, window and entity. Null means that the detector says nothing about it. */
export interface Detection {
  readonly detector: Detector;
  /** The config's, else the row's, else the header's. */
  readonly severity: Severity;
  /** True when the config asks to keep findings and send no alert. */
  readonly dryRun: boolean;
  /** Start of the hour or day that the detection belongs to, microseconds since 1970, UTC. */
  readonly windowStartUs: number;
  /** The values of the detector's entity columns, in the order of its header: what findings are deduplicated by. */
  readonly entity: readonly (string | null)[];
  readonly summary: string | null;
  readonly identity: Readonly<Record<IdentityColumn, string | null>>;
  readonly firstEventAtUs: number;
  readonly lastEventAtUs: number;
  readonly eventCount: number;
  /** At most 10, in the order of events. */
  readonly evidence: readonly Evidence[];
  readonly expected: string | null;
  readonly observed: string | null;
  readonly historyDays: number | null;
  readonly factors: readonly string[];
}

/** A detector that could not run, or rows of it that were not usable. Other detectors are not affected. */
export interface DetectorProblem {
  readonly detector: string;
  readonly message: string;
  /** False when detections of it were kept nevertheless. */
  readonly isFatal: boolean;
}
