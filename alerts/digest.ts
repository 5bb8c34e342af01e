/** What a sink gets instead of more alerts than anybody reads: the counts of the rest, and where they are. */
import { severities, type Severity } from '../config/severity.js';
import { sha256, type Finding } from './finding.js';
import { textLiteral } from '../store/sql-literal.js';

const digestSchemaName = 'bucketwatch.digest/1';

export interface DigestLine {
  readonly detector: string;
  readonly severity: Severity;
  readonly findings: number;
}

/** One a run and sink. */
export interface Digest {
  readonly schema: typeof digestSchemaName;
  readonly id: string;
  readonly title: string;
  /** The worst of the findings. */
  readonly severity: Severity;
  readonly finding_count: number;
  /** Worst and most first. */
  readonly detectors: readonly DigestLine[];
  /** SQL that lists the findings. */
  readonly query: string;
  /** ISO 8601 UTC. */
  readonly created_at: string;
  readonly run_id: string;
}

export function isDigest(content: Finding | Digest): content is Digest {
  return content.schema === digestSchemaName;
}

export interface DigestFacts {
  readonly sink: string;
  readonly runId: string;
  readonly createdAt: string;
  /** At least one. */
  readonly lines: readonly DigestLine[];
}

/** Stays the same through a run, so that a digest that grows replaces itself. */
function digestId(runId: string, sink: string): string {
  return sha256(['digest', runId, sink]);
}

export function digestOf({ sink, runId, createdAt, lines }: DigestFacts): Digest {
  const sorted = lines.toSorted(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      b.findings - a.findings ||
      (a.detector < b.detector ? -1 : 1),
  );
  const count = lines.reduce((sum, { findings }) => sum + findings, 0);
  return {
    schema: digestSchemaName,
    id: digestId(runId, sink),
    title: `${count.toLocaleString('en')} more ${count === 1 ? 'finding' : 'findings'}`,
    severity: sorted[0]!.severity,
    finding_count: count,
    detectors: sorted,
    query: digestQuery(runId, sink),
    created_at: createdAt,
    run_id: runId,
  };
}

function digestQuery(runId: string, sink: string): string {
  return [
    'select id, severity, detector, title, bucket, principal, last_event_at',
    'from findings',
    `where id in (select finding_id from outbox where state = 'digested' and run_id = ${textLiteral(runId)} and sink = ${textLiteral(sink)})`,
    'order by last_event_at desc',
  ].join('\n');
}
