/**
 * The finding as the rest of the world sees it, `bucketwatch.finding/1`, and how its two ids are made. Scripts stand on
 * these names: a change of meaning needs a new schema number.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { severities } from '../config/severity.js';

/** The value of `schema` in every finding. */
export const findingSchemaName = 'bucketwatch.finding/1';

/**
 * `open` and `updated` want attention (updated: something changed since it was opened), `acknowledged` and `closed` are
 * set by people (closed also when nothing is left of it), `suppressed` is expected and never sent.
 */
export const findingStates = ['open', 'updated', 'acknowledged', 'closed', 'suppressed'] as const;
export type FindingState = (typeof findingStates)[number];

const time = z.iso.datetime();
const name = z.string().nullable();
const count = z.number().int().nonnegative();
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

const evidence = z.strictObject({
  event_time: time,
  log_uri: z.string(),
  log_line: count,
  request_id: name,
  action: name,
  key: name,
  status: z.number().int().nullable(),
});

const baseline = z.strictObject({
  expected: name,
  observed: name,
  history_days: count.nullable(),
  factors: z.array(z.string()),
});

/** Every key is there in every finding; null means that the detector says nothing about it. Times are event time, UTC. */
export const findingSchema = z.strictObject({
  schema: z.literal(findingSchemaName),
  id: sha256Hex,
  dedupe_key: sha256Hex,
  state: z.enum(findingStates),
  detector: z.string(),
  detector_version: z.number().int().positive(),
  title: z.string(),
  description: z.string(),
  severity: z.enum(severities),
  account_id: name,
  region: name,
  bucket: name,
  key: name,
  principal: name,
  source_ip: name,
  user_agent: name,
  first_event_at: time,
  last_event_at: time,
  event_count: count,
  /** The earliest rows. */
  evidence: z.array(evidence).max(10),
  baseline: baseline.nullable(),
  mitre: z.array(z.string()),
  /** SQL that shows the rows; log text in it is quoted and printable. */
  query: z.string(),
  next_steps: z.array(z.string()),
  created_at: time,
  updated_at: time,
  /** The last run that changed it. */
  run_id: z.string(),
});

export type Finding = Readonly<z.output<typeof findingSchema>>;
export type FindingEvidence = Finding['evidence'][number];
export type FindingBaseline = NonNullable<Finding['baseline']>;

/** What findings of one kind share: there is one open finding a key. */
export interface DedupeFacts {
  readonly detector: string;
  /** A detector that finds other things than before has a new version, and its findings start anew. */
  readonly version: number;
  /** Values of the detector's entity columns, in the order of its header. */
  readonly entity: readonly (string | null)[];
}

/** SHA-256, hex. The parts are hashed as JSON, so that no value can run into its neighbour. */
export function dedupeKey({ detector, version, entity }: DedupeFacts): string {
  return sha256([detector, version, ...entity]);
}

/**
 * SHA-256, hex, of the dedupe key and the first event that was known when the finding was made. It stays when earlier
 * events turn up. `attempt` counts up from 0 for the rare case that the id is taken.
 */
export function findingId(key: string, firstEventAt: string, attempt = 0): string {
  return sha256(attempt === 0 ? [key, firstEventAt] : [key, firstEventAt, attempt]);
}

/** Hashes a list of values as JSON. */
export function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** ISO 8601 UTC with milliseconds, from microseconds since 1970. */
export function isoTime(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}
