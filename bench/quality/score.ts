/** Compares findings with what was really played: which attacks were found, and which findings nobody should have got. */
import { severities, type Severity } from '../../config/severity.js';
import { learningDays, type PlayedIntrusion, type Weeks } from '../../fixtures/weeks/weeks.js';
import { DAY } from '../../fixtures/generator/timestamps.js';

/** A finding of a run, with the times of its windows. */
export interface FoundFinding {
  readonly id: string;
  readonly detector: string;
  readonly severity: Severity;
  readonly principal: string | null;
  readonly sourceIp: string | null;
  readonly bucket: string | null;
  /** Of its evidence, at most ten rows a window. */
  readonly requestIds: readonly string[];
  readonly windows: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly firstMs: number;
}

export interface Alarm {
  readonly detector: string;
  readonly severity: Severity;
  readonly text: string;
}

export interface Score {
  readonly seed: number;
  /** Days after learning. */
  readonly days: number;
  readonly findings: number;
  readonly played: readonly { readonly kind: string; readonly family: string; readonly foundBy: readonly string[] }[];
  readonly falseAlarms: readonly Alarm[];
  /** Findings of one attack by one detector, beyond the first. */
  readonly duplicates: number;
}

const slackMs = 1000;

function isOf(finding: FoundFinding, intrusion: PlayedIntrusion): boolean {
  if (finding.requestIds.some((id) => intrusion.requestIds.has(id))) return true;
  // Ten rows of evidence may all be of the routine that the attack hides in.
  const isSame = finding.principal === intrusion.principal && finding.principal !== 'anonymous';
  return (
    isSame &&
    finding.windows.some(({ fromMs, toMs }) => fromMs <= intrusion.toMs + slackMs && toMs >= intrusion.fromMs - slackMs)
  );
}

export function scoreOf(seed: number, { period, played, repairs }: Weeks, found: readonly FoundFinding[]): Score {
  const learnedMs = period.fromMs + learningDays * DAY;
  const findings = found.filter(({ windows }) => windows.some(({ toMs }) => toMs >= learnedMs));
  let duplicates = 0;
  const scored = played.map((intrusion) => {
    const own = findings.filter((finding) => isOf(finding, intrusion));
    const foundBy = [...new Set(own.map(({ detector }) => detector))].sort();
    duplicates += own.length - foundBy.length;
    return { kind: intrusion.kind, family: intrusion.family, foundBy };
  });
  const falseAlarms = findings
    .filter((finding) => !played.some((intrusion) => isOf(finding, intrusion)))
    .filter(({ requestIds }) => !requestIds.some((id) => repairs.has(id)))
    .map(({ detector, severity, principal, bucket, sourceIp, firstMs }) => ({
      detector,
      severity,
      text: `${new Date(firstMs).toISOString().slice(0, 13)} ${principal ?? '-'} ${bucket ?? '-'} ${sourceIp ?? '-'}`,
    }));
  return { seed, days: period.days - learningDays, findings: findings.length, played: scored, falseAlarms, duplicates };
}

/** Counts by severity, the worst first. */
export function bySeverity(alarms: readonly Alarm[]): Record<Severity, number> {
  const counts = Object.fromEntries(severities.map((name) => [name, 0])) as Record<Severity, number>;
  for (const { severity } of alarms) counts[severity]++;
  return counts;
}
