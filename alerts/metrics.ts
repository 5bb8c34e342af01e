/**
 * The numbers of a run as metrics of a closed set. Every metric has a value in every run, zero too: an alarm stands on
 * zeros, and `RunSuccess` is the heartbeat. No dimension has values from a log: each value would be a series to pay for.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { severities, type Severity } from '../config/severity.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';

/** New and changed findings of a run that nobody has quietened. */
export interface FindingCount {
  readonly detector: string;
  readonly severity: Severity;
  readonly findings: number;
}

/** What the catalog says at the end of a run. */
export interface CatalogCounts {
  readonly findings: readonly FindingCount[];
  /** Time since the newest event, milliseconds; null while there is none. */
  readonly ingestLagMs: number | null;
  readonly alertsUndelivered: number;
  readonly deadLetters: number;
}

/** The numbers of a run. */
export interface RunMetrics {
  /** When the run ended, milliseconds since 1970. CloudWatch shows older points late, so event time is none of its. */
  readonly atMs: number;
  readonly isSuccess: boolean;
  readonly durationMs: number;
  readonly objects: number;
  readonly objectsFailed: number;
  readonly rejected: number;
  /** Null when the catalog could not be asked: metrics that stand on it are left out then. */
  readonly catalog: CatalogCounts | null;
  /** Pairs of a detector and a severity that it may give, for their zeros. */
  readonly detectors: readonly Omit<FindingCount, 'findings'>[];
}

export type MetricUnit = 'Count' | 'Seconds';

/** One point of one series. */
export interface MetricPoint {
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
  readonly unit: MetricUnit;
}

export async function catalogCounts(
  connection: DuckDBConnection,
  { runId, nowMs }: { readonly runId: string; readonly nowMs: number },
): Promise<CatalogCounts> {
  const findings = await queryRows<{ detector: string; severity: Severity; n: bigint }>(
    connection,
    `select detector, severity, count(*) as n
     from findings
     where run_id = $1 and state in ('open', 'updated')
     group by detector, severity
     order by detector, severity`,
    [runId],
  );
  // A file with an event of the future, which one wrong clock is enough for, would hide every lag.
  const [newest] = await queryRows<{ at: bigint | null }>(
    connection,
    'select epoch_ms(max(max_event_time)) as at from lake_files where max_event_time <= $1',
    [timestampValue(nowMs * 1000)],
  );
  const [outbox] = await queryRows<{ pending: bigint; dead: bigint }>(
    connection,
    `select count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'dead') as dead
     from outbox`,
  );
  return {
    findings: findings.map(({ detector, severity, n }) => ({ detector, severity, findings: Number(n) })),
    ingestLagMs: newest!.at === null ? null : nowMs - Number(newest!.at),
    alertsUndelivered: Number(outbox!.pending),
    deadLetters: Number(outbox!.dead),
  };
}

/** The points of a run: always the same series, but for a lag that there is none of and what could not be counted. */
export function metricPoints(metrics: RunMetrics, { perDetector }: { readonly perDetector: boolean }): MetricPoint[] {
  const { catalog } = metrics;
  const lagMs = catalog?.ingestLagMs ?? null;
  return [
    point('RunSuccess', metrics.isSuccess ? 1 : 0),
    point('RunDurationSeconds', metrics.durationMs / 1000, 'Seconds'),
    point('ObjectsProcessed', metrics.objects),
    point('ObjectsFailed', metrics.objectsFailed),
    point('RowsRejected', metrics.rejected),
    ...(lagMs === null ? [] : [point('IngestLagSeconds', lagMs / 1000, 'Seconds')]),
    ...(catalog === null
      ? []
      : [
          point('AlertsUndelivered', catalog.alertsUndelivered),
          point('DeadLetters', catalog.deadLetters),
          ...findingPoints(
            catalog.findings,
            severities.map((severity) => ({ Severity: severity })),
          ),
          ...(perDetector ? detectorPoints(catalog.findings, metrics.detectors) : []),
        ]),
  ];
}

function point(name: string, value: number, unit: MetricUnit = 'Count', dimensions = {}): MetricPoint {
  return { name, value: Math.max(0, value), unit, dimensions };
}

type FindingDimensions = { readonly Severity: Severity; readonly Detector?: string };

function findingPoints(counts: readonly FindingCount[], series: readonly FindingDimensions[]): MetricPoint[] {
  return series.map((dimensions) => {
    const { Severity, Detector } = dimensions;
    const own = counts.filter(
      ({ severity, detector }) => severity === Severity && (Detector === undefined || detector === Detector),
    );
    const findings = own.reduce((sum, { findings }) => sum + findings, 0);
    return point('Findings', findings, 'Count', dimensions);
  });
}

/** Also what a detector found at a severity that was not expected of it. */
function detectorPoints(
  counts: readonly FindingCount[],
  expected: readonly Omit<FindingCount, 'findings'>[],
): MetricPoint[] {
  const series = new Map(
    [...expected, ...counts].map(({ detector, severity }) => [
      `${detector} ${severity}`,
      { Detector: detector, Severity: severity },
    ]),
  );
  return findingPoints(counts, [...series.values()]);
}
