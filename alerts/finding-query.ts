/** The SQL of a finding: what an analyst pastes into `bucketwatch query` to see its rows. */
import type { Detection, Evidence } from '../detectors/engine/detection.js';
import type { Detector } from '../detectors/format/detector.js';
import { textLiteral, timestampLiteral } from '../store/sql-literal.js';

export interface QueryFacts {
  readonly detector: Pick<Detector, 'entity' | 'sources'>;
  readonly identity: Detection['identity'];
  readonly firstEventAtUs: number;
  readonly lastEventAtUs: number;
  readonly evidence: readonly Evidence[];
}

const eventColumns =
  'event_time, source, action, bucket, key, status, error_code, principal, source_ip, user_agent, request_id, row_id';
const trailColumns =
  'event_time, event_name, user_identity_arn, source_ip_address, user_agent, error_code, request_parameters, log_uri, log_index';

/**
 * A query over `s3_events` by entity and time, which shows more rows than the evidence; for detectors of management
 * events, whose rows `s3_events` does not all have, one over `cloudtrail` by the place of the rows.
 */
export function findingQuery(facts: QueryFacts): string {
  const { detector, identity, evidence } = facts;
  const isManagement = detector.sources.every((source) => source === 'cloudtrail_management');
  if (isManagement) return trailQuery(facts, placesOf(evidence, 'log_index'));
  const entity = detector.entity.flatMap((column) => {
    const value = identity[column];
    return value === null ? [] : [`${column} = ${textLiteral(value)}`];
  });
  const conditions = entity.length > 0 ? entity : placesOf(evidence, 'log_line');
  return query({ table: 's3_events', columns: eventColumns, conditions: [...timeRange(facts), ...conditions] });
}

function trailQuery(facts: QueryFacts, conditions: readonly string[]): string {
  return query({ table: 'cloudtrail', columns: trailColumns, conditions: [...timeRange(facts), ...conditions] });
}

function timeRange({ firstEventAtUs, lastEventAtUs }: QueryFacts): string[] {
  return [`event_time between ${timestampLiteral(firstEventAtUs)} and ${timestampLiteral(lastEventAtUs)}`];
}

/** One condition for all places, an alternative an object. */
function placesOf(evidence: readonly Evidence[], lineColumn: string): string[] {
  if (evidence.length === 0) return [];
  const lines = new Map<string, number[]>();
  for (const { logUri, logLine } of evidence) lines.set(logUri, [...(lines.get(logUri) ?? []), logLine]);
  const places = [...lines].map(
    ([uri, numbers]) => `(log_uri = ${textLiteral(uri)} and ${lineColumn} in (${numbers.join(', ')}))`,
  );
  return [places.length === 1 ? places[0]! : `(${places.join('\n    or ')})`];
}

interface QueryParts {
  readonly table: string;
  readonly columns: string;
  readonly conditions: readonly string[];
}

function query({ table, columns, conditions }: QueryParts): string {
  return [
    `select ${columns}`,
    `from ${table}`,
    `where ${conditions.join('\n  and ')}`,
    'order by event_time',
    'limit 1000',
  ].join('\n');
}
