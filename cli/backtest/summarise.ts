/** Findings of a backtest by detector, with the entities that make the most of them. */
import { severities, type Severity } from '../../config/severity.js';
import type { Backtest, BacktestFinding } from './backtest.js';

/** Who or what a detector keeps firing for. */
export interface NoisyEntity {
  readonly principal: string | null;
  readonly bucket: string | null;
  readonly findings: number;
  /** Days on which one of them began. */
  readonly days: number;
  readonly worst: Severity;
  readonly events: number;
}

export interface DetectorNoise {
  readonly detector: string;
  readonly findings: number;
  readonly per_day: number;
  readonly suppressed: number;
  readonly by_severity: Readonly<Partial<Record<Severity, number>>>;
  /** The noisiest first. */
  readonly entities: readonly NoisyEntity[];
  /** What went wrong, when it failed; null otherwise. */
  readonly problem: string | null;
  /** It fired so often in one look that its detections became one finding. */
  readonly is_storm: boolean;
}

export interface BacktestSummary {
  readonly schema: 'bucketwatch.backtest/1';
  readonly period: { readonly from: string; readonly to: string; readonly days: number };
  readonly complete: boolean;
  readonly findings: number;
  readonly suppressed: number;
  readonly by_severity: Readonly<Partial<Record<Severity, number>>>;
  readonly by_day: readonly { readonly day: string; readonly findings: Readonly<Partial<Record<Severity, number>>> }[];
  /** Those that found something or failed, the noisiest first; the others are counted in `quiet`. */
  readonly detectors: readonly DetectorNoise[];
  readonly quiet: number;
}

const dayMs = 86_400_000;

export function summarise(result: Backtest): BacktestSummary {
  const { window, findings, isComplete } = result;
  const loud = findings.filter(({ isSuppressed }) => !isSuppressed);
  const days = Math.round((window.toMs - window.fromMs) / dayMs);
  const detectors = result.detectors
    .map(({ id }) => detectorNoise(id, result, days))
    .filter((one) => one.findings + one.suppressed > 0 || one.problem !== null);
  return {
    schema: 'bucketwatch.backtest/1',
    period: { from: new Date(window.fromMs).toISOString(), to: new Date(window.toMs).toISOString(), days },
    complete: isComplete,
    findings: loud.length,
    suppressed: findings.length - loud.length,
    by_severity: bySeverity(loud),
    by_day: Array.from({ length: days }, (_, index) => {
      const day = new Date(window.fromMs + index * dayMs).toISOString().slice(0, 10);
      return { day, findings: bySeverity(loud.filter((finding) => finding.day === day)) };
    }),
    detectors: detectors.sort((a, b) => b.findings - a.findings || (a.detector < b.detector ? -1 : 1)),
    quiet: result.detectors.length - detectors.length,
  };
}

function detectorNoise(id: string, { findings, problems, noisy }: Backtest, days: number): DetectorNoise {
  const own = findings.filter(({ detector }) => detector === id);
  const loud = own.filter(({ isSuppressed }) => !isSuppressed);
  return {
    detector: id,
    findings: loud.length,
    per_day: Math.round((loud.length / days) * 100) / 100,
    suppressed: own.length - loud.length,
    by_severity: bySeverity(loud),
    entities: entitiesOf(loud),
    problem: problems.get(id) ?? null,
    is_storm: noisy.includes(id),
  };
}

function bySeverity(findings: readonly BacktestFinding[]): Partial<Record<Severity, number>> {
  const counts: Partial<Record<Severity, number>> = {};
  for (const severity of severities) {
    const count = findings.filter((finding) => finding.severity === severity).length;
    if (count > 0) counts[severity] = count;
  }
  return counts;
}

function entitiesOf(findings: readonly BacktestFinding[]): NoisyEntity[] {
  const groups = new Map<string, BacktestFinding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.principal, finding.bucket]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()]
    .map((group) => ({
      principal: group[0]!.principal,
      bucket: group[0]!.bucket,
      findings: group.length,
      days: new Set(group.map(({ day }) => day)).size,
      worst: severities.find((severity) => group.some((finding) => finding.severity === severity))!,
      events: group.reduce((sum, { events }) => sum + events, 0),
    }))
    .sort((a, b) => b.findings - a.findings || b.days - a.days || (entityText(a) < entityText(b) ? -1 : 1));
}

/** An entity in one line. */
export function entityText({ principal, bucket }: Pick<NoisyEntity, 'principal' | 'bucket'>): string {
  return [principal, bucket].filter((part) => part !== null).join(' in ') || 'nobody in particular';
}
