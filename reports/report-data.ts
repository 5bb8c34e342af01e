/** What a report shows, asked of the rollups and the catalog, so that it costs the same for any number of requests. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Finding } from '../alerts/finding.js';
import { listFindings } from '../alerts/findings-store.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';
import { sqlText } from '../store/sql-files.js';
import { readStatus, type Status } from '../store/status.js';

export interface ActivitySlot {
  readonly slot: Date;
  readonly requests: bigint;
  readonly errors: bigint;
  readonly bytes_out: bigint;
}

export interface HeatCell {
  readonly bucket: string;
  readonly hour_of_day: number;
  readonly requests: bigint;
}

export interface PrincipalSum {
  readonly principal: string;
  readonly requests: bigint;
  readonly errors: bigint;
  readonly bytes_out: bigint;
  readonly buckets: bigint;
}

export interface FirstSeen {
  readonly dimension: string;
  readonly value: string;
  readonly context: string | null;
  readonly first_at: Date;
  readonly requests: bigint;
}

export interface BucketCoverage {
  readonly bucket: string;
  readonly access_log: bigint;
  readonly cloudtrail: bigint;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly days: bigint;
}

export interface RejectSum {
  readonly reason: string;
  readonly records: bigint;
  readonly example: string;
}

/** What came from a country: its ISO 3166 code, or null where the database does not know. */
export interface CountrySum {
  readonly country: string | null;
  readonly networks: number;
  readonly requests: number;
  readonly bytesOut: number;
}

/** A detector as `detectors list` shows it. */
export interface DetectorState {
  readonly id: string;
  readonly family: string;
  readonly severity: string;
  readonly state: string;
  readonly title: string;
}

/** Times in milliseconds since 1970; `toMs` is not included. */
export interface ReportData {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepSeconds: number;
  readonly baselineDays: number;
  readonly findings: readonly Finding[];
  readonly activity: readonly ActivitySlot[];
  readonly heat: readonly HeatCell[];
  readonly principals: readonly PrincipalSum[];
  /** Null without a database of countries. */
  readonly countries: readonly CountrySum[] | null;
  readonly firstSeen: readonly FirstSeen[];
  readonly coverage: readonly BucketCoverage[];
  readonly rejects: readonly RejectSum[];
  readonly status: Status;
  readonly detectors: readonly DetectorState[];
}

export interface ReportOptions {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly baselineDays: number;
  readonly detectors: readonly DetectorState[];
  /** The country of an address; null when no database is configured. */
  readonly countryOf: ((ip: string) => string | null) | null;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Without a period: from the first to the last hour of the logs. */
export async function reportData(connection: DuckDBConnection, options: ReportOptions): Promise<ReportData> {
  const { fromMs, toMs } = await periodOf(connection, options);
  const { baselineDays, detectors, countryOf } = options;
  const stepSeconds = slotSeconds(toMs - fromMs);
  const all = { from: timestampValue(fromMs * 1000), to: timestampValue(toMs * 1000) };
  const ask = <Row>(name: string, values: Parameters<typeof queryRows>[2]): Promise<Row[]> =>
    queryRows<Row>(connection, sqlText(`reports/sql/${name}.sql`), values);
  const findings = await listFindings(connection, { states: ['open', 'updated', 'acknowledged'], sinceMs: fromMs });
  return {
    fromMs,
    toMs,
    stepSeconds,
    baselineDays,
    findings: findings.filter(({ first_event_at }) => Date.parse(first_event_at) < toMs),
    activity: await ask<ActivitySlot>('activity', { ...all, step_seconds: stepSeconds }),
    heat: await ask<HeatCell>('heat', all),
    principals: await ask<PrincipalSum>('principals', all),
    countries: countryOf === null ? null : countrySums(await ask<NetworkSum>('networks', all), countryOf),
    firstSeen: await ask<FirstSeen>('first-seen', { ...all, baseline_days: baselineDays }),
    coverage: await ask<BucketCoverage>('coverage', all),
    rejects: await ask<RejectSum>('rejects', undefined),
    status: await readStatus(connection),
    detectors,
  };
}

interface NetworkSum {
  readonly network: string;
  readonly requests: bigint;
  readonly bytes_out: bigint;
}

/** A network is where its first address is: databases hardly ever cut a /24 or a /48 in two. */
function countrySums(networks: readonly NetworkSum[], countryOf: (ip: string) => string | null): CountrySum[] {
  const sums = new Map<string | null, CountrySum>();
  for (const { network, requests, bytes_out } of networks) {
    const country = countryOf(network.split('/')[0]!);
    const known = sums.get(country) ?? { country, networks: 0, requests: 0, bytesOut: 0 };
    sums.set(country, {
      country,
      networks: known.networks + 1,
      requests: known.requests + Number(requests),
      bytesOut: known.bytesOut + Number(bytes_out),
    });
  }
  return [...sums.values()].sort((a, b) => b.bytesOut - a.bytesOut || b.requests - a.requests);
}

async function periodOf(
  connection: DuckDBConnection,
  { fromMs, toMs }: ReportOptions,
): Promise<{ fromMs: number; toMs: number }> {
  const [row] = await queryRows<{ first: Date | null; last: Date | null }>(
    connection,
    'select min(hour) as first, max(hour) as last from activity_rows',
  );
  const first = row?.first?.getTime() ?? 0;
  const last = (row?.last?.getTime() ?? 0) + hourMs;
  return { fromMs: fromMs ?? Math.min(first, toMs ?? first), toMs: toMs ?? Math.max(last, (fromMs ?? 0) + hourMs) };
}

/** At most some 120 bars, of a width that people think in. */
function slotSeconds(spanMs: number): number {
  if (spanMs <= 4 * dayMs) return 3600;
  return (spanMs <= 120 * dayMs ? dayMs : 7 * dayMs) / 1000;
}
