/** The parts of a finding that people are shown, under the names of the contract `bucketwatch.finding/1`. */
import type { Severity } from '../../config/severity.js';

/** One row of evidence. */
export interface FindingEvidence {
  readonly event_time: string;
  readonly log_uri: string | null;
  readonly log_line: number | null;
  readonly request_id: string | null;
  readonly action: string | null;
  readonly key: string | null;
  readonly status: number | string | null;
}

/** What was normal and what was seen. */
export interface FindingBaseline {
  readonly expected: number | string | null;
  readonly observed: number | string | null;
  readonly history_days: number | null;
  readonly factors: readonly string[];
}

/** A finding, structurally: whatever the alerts stage produces fits. Times are ISO 8601 UTC. */
export interface FindingFields {
  readonly id: string;
  readonly dedupe_key: string;
  readonly state: string;
  readonly detector: string;
  readonly detector_version: string | number;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity;
  readonly account_id: string | null;
  readonly region: string | null;
  readonly bucket: string | null;
  readonly key: string | null;
  readonly principal: string | null;
  readonly source_ip: string | null;
  readonly user_agent: string | null;
  readonly first_event_at: string;
  readonly last_event_at: string;
  readonly event_count: number | bigint;
  readonly evidence: readonly FindingEvidence[];
  readonly baseline: FindingBaseline | null;
  readonly mitre: readonly string[];
  readonly query: string | null;
  readonly next_steps: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly run_id: string | null;
}

/** Characters of an id that are shown and accepted where one is asked for. */
export const shortIdLength = 10;

/** What a line of the list needs. */
export type FindingSummary = Pick<
  FindingFields,
  'id' | 'state' | 'severity' | 'title' | 'principal' | 'source_ip' | 'bucket' | 'last_event_at' | 'event_count'
>;

/** An ARN without what is the same in all of them: `111122223333:role/backup`. Other names stay as they are. */
export function shortPrincipal(principal: string): string {
  return principal.replace(/^arn:aws[a-z-]*:(?:iam|sts)::(?=\d{12}:)/, '');
}

/** `2026-01-31 07:00:05` from ISO 8601 UTC; anything else stays as it is. */
export function shortTime(time: string): string {
  return time.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/, '$1 $2');
}
