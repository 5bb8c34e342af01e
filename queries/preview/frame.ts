/**
 * The frame of every preview: prepares the requests of a period, lets one control judge them in one pass, and puts
 * together what that says of each bucket. Reads only; nothing is kept but temporary tables of the connection.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from '../../store/catalog.js';
import { queryRows, setList, setValue } from '../../store/duckdb.js';
import { runSqlFile } from '../../store/sql-files.js';
import { classifyAddresses } from './addresses.js';
import {
  frameReasons,
  type BucketFacts,
  type Change,
  type Control,
  type Group,
  type Settings,
  type Verdict,
} from './control.js';

export interface PreviewOptions {
  readonly control: Control;
  readonly settings: Settings;
  /** Empty for all. */
  readonly buckets: readonly string[];
  /** Milliseconds since 1970, the end not included; null for all there is. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Accounts of the config: if it is only one, buckets that CloudTrail does not know are taken as its own. */
  readonly ownAccounts: readonly string[];
}

/** Requests that came to the same. */
export interface Tally {
  readonly requests: number;
  readonly principals: number;
  readonly bytes: number;
  /** ISO 8601, UTC; null without requests. */
  readonly last_seen: string | null;
}

export interface Row {
  readonly principal: string;
  readonly reason: string;
  readonly why: string;
  readonly requests: number;
  readonly bytes: number;
  readonly actions: readonly string[];
  readonly first_seen: string;
  readonly last_seen: string;
  /** Row ids of the newest, for `select * from s3_events where row_id = …`. */
  readonly samples: readonly string[];
}

/** How much of the period the logs show of a bucket. */
export interface Coverage {
  readonly access_log_days: number;
  readonly cloudtrail_days: number;
  /** Days with requests in either log. */
  readonly days: number;
  readonly requests_from_access_log: number;
  readonly requests_from_cloudtrail: number;
  /** Requests that the logs do decide, of those that the control applies to. */
  readonly judged: number;
  readonly not_judged: number;
  /** False when neither an access log nor data events show requests for objects: then hardly anything is seen. */
  readonly sees_objects: boolean;
}

/** What a trail shows of a bucket only when it records data events. */
const dataEvents = new Set(
  'GetObject HeadObject PutObject CopyObject UploadPart DeleteObject DeleteObjects ListObjects HeadBucket'.split(' '),
);

export interface BucketPreview {
  readonly bucket: string;
  readonly account_id: string | null;
  readonly region: string | null;
  readonly partition: string;
  readonly breaks: Tally;
  readonly unclear: Tally;
  readonly passes: Tally;
  readonly exempt: Tally;
  readonly failed_already: Tally;
  /** Rows that are counted with the request they belong to. */
  readonly parts: number;
  readonly coverage: Coverage;
  readonly would_break: readonly Row[];
  readonly not_judged: readonly Row[];
  readonly change: Change;
}

export interface Preview {
  readonly schema: 'bucketwatch.preview/1';
  readonly control: string;
  readonly refuses: string;
  readonly parameters: Settings['parameters'];
  /** First and last request that was looked at; null when there is none. */
  readonly period: { readonly from: string | null; readonly to: string | null; readonly days: number };
  /** Those with the most to lose first. */
  readonly buckets: readonly BucketPreview[];
  readonly limits: readonly string[];
  readonly references: readonly string[];
}

/** Requests of a time before the first log and after the last. */
const everFromMs = Date.UTC(2006, 0, 1);
const everToMs = Date.UTC(9999, 0, 1);

export async function preview(connection: DuckDBConnection, options: PreviewOptions): Promise<Preview> {
  const { control, settings } = options;
  await prepare(connection, options);
  await runSqlFile(connection, `queries/preview/${control.name}.sql`);
  await runSqlFile(connection, 'queries/preview/groups.sql');
  const read = await readGroups(connection);
  const groups = control.refine?.(read) ?? read;
  const facts = await readBucketFacts(connection, groups);
  const buckets = facts.map((bucket) => bucketPreview(bucket, groups, options));
  return {
    schema: 'bucketwatch.preview/1',
    control: control.name,
    refuses: control.refuses,
    parameters: settings.parameters,
    period: periodOf(groups, options),
    buckets: buckets.sort((a, b) => b.breaks.requests - a.breaks.requests || compareTexts(a.bucket, b.bucket)),
    limits: control.limits,
    references: control.references,
  };
}

async function prepare(connection: DuckDBConnection, options: PreviewOptions): Promise<void> {
  await setList(connection, 'preview_buckets', options.buckets);
  await setValue(connection, 'preview_from', timestampValue((options.fromMs ?? everFromMs) * 1000));
  await setValue(connection, 'preview_to', timestampValue((options.toMs ?? everToMs) * 1000));
  for (const [name, value] of Object.entries(options.settings.variables)) {
    if (typeof value === 'object' && value !== null) await setList(connection, name, value);
    else await setValue(connection, name, value);
  }
  await setList(connection, 'preview_own_accounts', options.ownAccounts);
  await runSqlFile(connection, 'queries/preview/requests.sql');
  await runSqlFile(connection, 'queries/preview/owners.sql');
  await classifyAddresses(connection, options.settings.networks ?? []);
}

interface GroupRow {
  readonly bucket: string;
  readonly principal: string | null;
  readonly reason: string;
  readonly requests: bigint;
  readonly from_access_log: bigint;
  readonly from_cloudtrail: bigint;
  readonly bytes: bigint;
  readonly actions: readonly string[];
  readonly first_at: Date;
  readonly last_at: Date;
  readonly samples: readonly string[];
  readonly access_log_days: readonly string[] | null;
  readonly cloudtrail_days: readonly string[] | null;
}

async function readGroups(connection: DuckDBConnection): Promise<Group[]> {
  const rows = await queryRows<GroupRow>(connection, 'select * from preview_groups order by bucket, principal, reason');
  return rows.map((row) => ({
    bucket: row.bucket,
    principal: row.principal ?? 'unknown',
    reason: row.reason,
    requests: Number(row.requests),
    fromAccessLog: Number(row.from_access_log),
    fromCloudtrail: Number(row.from_cloudtrail),
    bytes: Number(row.bytes),
    actions: row.actions,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    samples: row.samples,
    accessLogDays: row.access_log_days ?? [],
    cloudtrailDays: row.cloudtrail_days ?? [],
  }));
}

async function readBucketFacts(connection: DuckDBConnection, groups: readonly Group[]): Promise<BucketFacts[]> {
  const rows = await queryRows<{ bucket: string; account_id: string | null; region: string | null }>(
    connection,
    'select bucket, account_id, region from preview_bucket_owners',
  );
  const known = new Map(rows.map((row) => [row.bucket, row]));
  return [...new Set(groups.map(({ bucket }) => bucket))].map((bucket) => {
    const region = known.get(bucket)?.region ?? null;
    const principals = groups.filter((group) => group.bucket === bucket).map(({ principal }) => principal);
    return {
      bucket,
      accountId: known.get(bucket)?.account_id ?? null,
      region,
      partition: partitionOf(region, principals),
    };
  });
}

/** By the Region, else by the ARNs of its callers, which are all of one partition. */
function partitionOf(region: string | null, principals: readonly string[]): BucketFacts['partition'] {
  for (const [partition, prefix] of [
    ['aws-cn', 'cn-'],
    ['aws-us-gov', 'us-gov-'],
  ] as const) {
    if (region?.startsWith(prefix) === true) return partition;
    if (region === null && principals.some((principal) => principal.startsWith(`arn:${partition}:`))) return partition;
  }
  return 'aws';
}

type Judged = Group & { readonly verdict: Verdict; readonly why: string };

function bucketPreview(
  facts: BucketFacts,
  groups: readonly Group[],
  { control, settings }: PreviewOptions,
): BucketPreview {
  const judged = groups.filter(({ bucket }) => bucket === facts.bucket).map((group) => judge(group, control));
  const of = (verdict: Verdict): Judged[] => judged.filter((group) => group.verdict === verdict);
  const requests = judged.filter(({ verdict }) => verdict !== 'part');
  return {
    bucket: facts.bucket,
    account_id: facts.accountId,
    region: facts.region,
    partition: facts.partition,
    breaks: tally(of('breaks')),
    unclear: tally(of('unclear')),
    passes: tally(of('passes')),
    exempt: tally(of('exempt')),
    failed_already: tally(of('failed')),
    parts: sum(of('part'), ({ requests }) => requests),
    coverage: {
      access_log_days: distinct(requests.flatMap(({ accessLogDays }) => accessLogDays)),
      cloudtrail_days: distinct(requests.flatMap(({ cloudtrailDays }) => cloudtrailDays)),
      days: distinct(requests.flatMap(({ accessLogDays, cloudtrailDays }) => [...accessLogDays, ...cloudtrailDays])),
      requests_from_access_log: sum(requests, ({ fromAccessLog }) => fromAccessLog),
      requests_from_cloudtrail: sum(requests, ({ fromCloudtrail }) => fromCloudtrail),
      judged: sum([...of('breaks'), ...of('passes')], ({ requests: count }) => count),
      not_judged: sum(of('unclear'), ({ requests: count }) => count),
      sees_objects: judged.some(
        ({ fromAccessLog, actions }) => fromAccessLog > 0 || actions.some((action) => dataEvents.has(action)),
      ),
    },
    would_break: rowsOf(of('breaks')),
    not_judged: rowsOf(of('unclear')),
    change: control.change(facts, settings),
  };
}

function judge(group: Group, control: Control): Judged {
  const reason = frameReasons[group.reason] ?? control.reasons[group.reason];
  if (reason === undefined)
    throw new Error(`queries/preview/${control.name}.sql answers the unknown reason ${group.reason}`);
  return { ...group, ...reason };
}

function rowsOf(groups: readonly Judged[]): Row[] {
  return groups
    .map((group) => ({
      principal: group.principal,
      reason: group.reason,
      why: group.why,
      requests: group.requests,
      bytes: group.bytes,
      actions: group.actions,
      first_seen: group.firstAt,
      last_seen: group.lastAt,
      samples: group.samples,
    }))
    .sort(
      (a, b) => b.requests - a.requests || compareTexts(a.principal, b.principal) || compareTexts(a.reason, b.reason),
    );
}

function tally(groups: readonly Group[]): Tally {
  return {
    requests: sum(groups, ({ requests }) => requests),
    principals: distinct(groups.map(({ principal }) => principal)),
    bytes: sum(groups, ({ bytes }) => bytes),
    last_seen: groups.reduce<string | null>(
      (last, { lastAt }) => (last === null || lastAt > last ? lastAt : last),
      null,
    ),
  };
}

const dayMs = 86_400_000;

function periodOf(groups: readonly Group[], { fromMs, toMs }: PreviewOptions): Preview['period'] {
  const first = groups.map(({ firstAt }) => firstAt).sort()[0];
  const last = groups
    .map(({ lastAt }) => lastAt)
    .sort()
    .at(-1);
  const from = fromMs === null ? first : new Date(fromMs).toISOString();
  const to = toMs === null ? last : new Date(toMs).toISOString();
  if (from === undefined || to === undefined) return { from: from ?? null, to: to ?? null, days: 0 };
  // The end that was asked for is not included; that of the logs is the last request.
  const lastMs = Date.parse(to) - (toMs === null ? 0 : 1);
  return { from, to, days: Math.floor(lastMs / dayMs) - Math.floor(Date.parse(from) / dayMs) + 1 };
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function distinct(items: readonly string[]): number {
  return new Set(items).size;
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
