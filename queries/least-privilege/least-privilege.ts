/**
 * What each principal really used on a bucket, as an IAM policy with its evidence, and what no log can say about it.
 * Made of requests that succeeded: what was refused is not granted.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from '../../store/catalog.js';
import { queryRows, setList, setValue } from '../../store/duckdb.js';
import { runSqlFile } from '../../store/sql-files.js';
import { policyCharacters, policyDocument, type PolicyDocument, type Used, type UsedKey } from './policy-document.js';
import { requiredPermissions, type Permission, type RequestFlags } from './required-actions.js';

export interface LeastPrivilegeOptions {
  readonly bucket: string;
  /** As in s3_events; null for all. */
  readonly principal: string | null;
  /** Days up to the last one of the logs; null for all. */
  readonly days: number | null;
}

/** How a permission is known to be needed. */
export interface Evidence {
  readonly action: string;
  readonly requests: number;
  readonly days: number;
  readonly first_seen: string;
  readonly last_seen: string;
  /** The newest row, for `select * from s3_events where row_id = …`; null for KMS. */
  readonly sample: string | null;
}

export interface PrincipalPolicy {
  readonly principal: string;
  readonly requests: number;
  /** Days on which it was seen. */
  readonly days: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly policy: PolicyDocument;
  /** As IAM counts them, without white space; 6,144 at most. */
  readonly characters: number;
  readonly evidence: readonly Evidence[];
  /** What the logs do not show, in sentences. */
  readonly not_shown: readonly string[];
}

export interface LeastPrivilege {
  readonly schema: 'bucketwatch.least-privilege/1';
  readonly bucket: string;
  readonly period: { readonly from: string | null; readonly to: string | null; readonly days: number };
  readonly policies: readonly PrincipalPolicy[];
  /** Callers that no policy of yours can be attached to. */
  readonly left_out: readonly { readonly principal: string; readonly requests: number; readonly why: string }[];
}

interface Activity {
  readonly principal: string;
  readonly action: string;
  readonly has_version: boolean;
  readonly sets_acl: boolean;
  readonly sets_tags: boolean;
  readonly sets_retention: boolean;
  readonly sets_legal_hold: boolean;
  readonly bypasses_retention: boolean;
  readonly folder: string | null;
  readonly listed: string | null;
  readonly requests: bigint;
  readonly from_cloudtrail: bigint;
  readonly days: readonly string[];
  readonly first_at: Date;
  readonly last_at: Date;
  readonly sample: string;
  readonly kms_requests: bigint;
}

interface KeyUse {
  readonly principal: string;
  readonly action: string;
  readonly region: string;
  readonly key_arn: string;
  readonly requests: bigint;
  readonly days: readonly string[];
  readonly first_at: Date;
  readonly last_at: Date;
}

const dayMs = 86_400_000;

export async function leastPrivilege(
  connection: DuckDBConnection,
  options: LeastPrivilegeOptions,
): Promise<LeastPrivilege> {
  await prepare(connection, options);
  const activity = await queryRows<Activity>(
    connection,
    'select * from least_privilege_activity where $1 is null or principal = $1 order by principal, action, folder, listed',
    [options.principal],
  );
  const keys = await queryRows<KeyUse>(connection, 'select * from least_privilege_keys order by all');
  const suspects = await queryRows<{ principal: string; findings: bigint }>(
    connection,
    `select principal, count(*) as findings
     from findings
     where bucket = $1 and principal is not null and state in ('open', 'updated', 'acknowledged')
     group by principal`,
    [options.bucket],
  );
  const principals = [...new Set(activity.map(({ principal }) => principal))];
  const of = (principal: string): Activity[] => activity.filter((row) => row.principal === principal);
  const days = new Set(activity.flatMap((row) => row.days));
  return {
    schema: 'bucketwatch.least-privilege/1',
    bucket: options.bucket,
    period: { from: firstOf(activity), to: lastOf(activity), days: days.size },
    policies: principals
      .filter((principal) => whyLeftOut(principal) === null)
      .map((principal) =>
        principalPolicy(
          {
            principal,
            bucket: options.bucket,
            findings: Number(suspects.find((one) => one.principal === principal)?.findings ?? 0),
          },
          of(principal),
          keys.filter((use) => use.principal === principal),
        ),
      )
      .sort((a, b) => b.requests - a.requests),
    left_out: principals.flatMap((principal) => {
      const why = whyLeftOut(principal);
      return why === null ? [] : [{ principal, requests: requestsOf(of(principal)), why }];
    }),
  };
}

async function prepare(connection: DuckDBConnection, { bucket, days }: LeastPrivilegeOptions): Promise<void> {
  const fromMs = days === null ? Date.UTC(2006, 0, 1) : await firstDayMs(connection, days);
  await setList(connection, 'preview_buckets', [bucket]);
  await setValue(connection, 'least_privilege_bucket', bucket);
  await setValue(connection, 'preview_from', timestampValue(fromMs * 1000));
  await setValue(connection, 'preview_to', timestampValue(Date.UTC(9999, 0, 1) * 1000));
  await runSqlFile(connection, 'queries/preview/requests.sql');
  await runSqlFile(connection, 'queries/least-privilege/activity.sql');
}

/** The start of the first of so many days, of which the newest of the logs is the last. */
async function firstDayMs(connection: DuckDBConnection, days: number): Promise<number> {
  const [row] = await queryRows<{ last: string | null }>(
    connection,
    `select cast(max(last) as varchar) as last
     from (select max(dt) as last from s3_access_log union all select max(dt) from cloudtrail)`,
  );
  return row?.last === null || row === undefined ? 0 : Date.parse(row.last) - (days - 1) * dayMs;
}

/** Why no policy can be attached to a caller; null when one can. */
function whyLeftOut(principal: string): string | null {
  if (principal === 'anonymous' || principal === 'unauthenticated')
    return 'Nobody: only the bucket policy and ACLs decide about it.';
  if (principal.startsWith('service:')) return 'An AWS service: it is permitted by the bucket policy.';
  if (/:iam::\d{12}:(role|user)\//.test(principal) || principal.includes(':federated-user/')) return null;
  if (/:iam::\d{12}:root$/.test(principal)) return 'The account root: no policy narrows what it may do.';
  return 'The log does not name the role or user: it is of another account, or was logged by its canonical id.';
}

interface Subject {
  readonly principal: string;
  readonly bucket: string;
  /** Open findings about what it did there. */
  readonly findings: number;
}

/** A permission while its requests are gathered. */
interface Gathered extends Permission {
  readonly folders: Set<string | null>;
  readonly rows: Activity[];
}

function principalPolicy(
  { principal, bucket, findings }: Subject,
  rows: readonly Activity[],
  keys: readonly KeyUse[],
): PrincipalPolicy {
  const gathered = new Map<string, Gathered>();
  const unknown = new Set<string>();
  for (const row of rows) {
    const permissions = requiredPermissions(nameOf(row), flagsOf(row));
    if (permissions === null) unknown.add(row.action);
    for (const permission of permissions ?? []) gather(gathered, permission, row);
  }
  const used: Used[] = [...gathered.values()];
  const usedKeys = keys.map(({ action, key_arn, region }): UsedKey => ({
    action: `kms:${action}`,
    keyArn: key_arn,
    region,
  }));
  const policy = policyDocument(`arn:${partitionOf(principal)}:s3:::${bucket}`, { used, keys: usedKeys });
  return {
    principal,
    requests: requestsOf(rows),
    days: new Set(rows.flatMap((row) => row.days)).size,
    first_seen: firstOf(rows)!,
    last_seen: lastOf(rows)!,
    policy,
    characters: policyCharacters(policy),
    evidence: [
      ...[...gathered.values()].map(({ action, rows: own }) => ({
        action,
        ...evidenceOf(own),
        sample: newest(own).sample,
      })),
      ...keys.map((use) => ({ action: `kms:${use.action}`, ...evidenceOf([use]), sample: null })),
    ].sort((a, b) => b.requests - a.requests || (a.action < b.action ? -1 : 1)),
    not_shown: notShown(rows, { unknown, findings, hasKeys: keys.length > 0 }),
  };
}

/** ACLs of an object are in the log under the name of the bucket's when there is no key, and the other way round. */
function nameOf({ action, folder }: Activity): string {
  if (action === 'REST.GET.ACL' || action === 'REST.PUT.ACL') {
    return `${action === 'REST.GET.ACL' ? 'Get' : 'Put'}${folder === null ? 'Bucket' : 'Object'}Acl`;
  }
  return action;
}

function flagsOf(row: Activity): RequestFlags {
  return {
    hasVersion: row.has_version,
    setsAcl: row.sets_acl,
    setsTags: row.sets_tags,
    setsRetention: row.sets_retention,
    setsLegalHold: row.sets_legal_hold,
    bypassesRetention: row.bypasses_retention,
  };
}

function gather(gathered: Map<string, Gathered>, permission: Permission, row: Activity): void {
  const { action, level } = permission;
  // Without a key nothing says where: batch deletes of which only the request was logged.
  if (level === 'object' && row.folder === null) return;
  const one = gathered.get(action) ?? { ...permission, folders: new Set(), rows: [] };
  one.folders.add(level === 'list' ? row.listed : row.folder);
  one.rows.push(row);
  gathered.set(action, one);
}

function evidenceOf(rows: readonly (Activity | KeyUse)[]): Omit<Evidence, 'action' | 'sample'> {
  return {
    requests: requestsOf(rows),
    days: new Set(rows.flatMap((row) => row.days)).size,
    first_seen: firstOf(rows)!,
    last_seen: lastOf(rows)!,
  };
}

function notShown(
  rows: readonly Activity[],
  {
    unknown,
    findings,
    hasKeys,
  }: { readonly unknown: ReadonlySet<string>; readonly findings: number; readonly hasKeys: boolean },
): string[] {
  const did = (...actions: readonly string[]): Activity[] => rows.filter(({ action }) => actions.includes(action));
  const writes = did('PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload');
  const copies = did('CopyObject', 'UploadPartCopy');
  const unseen = (list: readonly Activity[]): boolean => list.some((row) => row.from_cloudtrail < row.requests);
  const encrypted = rows.some(({ kms_requests }) => kms_requests > 0n);
  const remarks: [boolean, string][] = [
    [
      findings > 0,
      `There are ${findings} findings about this principal here: whatever it did then is in the policy, too. Look at them first.`,
    ],
    [
      unknown.size > 0,
      `These requests have no permission that is known here: ${[...unknown].sort().join(', ')}. Grant it by hand.`,
    ],
    [
      unseen(writes),
      'Some writes are in the access log only, which shows no headers: if they set an ACL, tags, a retention or a legal hold, they need s3:PutObjectAcl, s3:PutObjectTagging, s3:PutObjectRetention or s3:PutObjectLegalHold, too.',
    ],
    [
      copies.length > 0,
      'A copy also reads its source (s3:GetObject in the source bucket, which has a policy of its own here), and copies tags if there are any: s3:GetObjectTagging there and s3:PutObjectTagging here.',
    ],
    [
      did('DeleteObjects').length > 0 && did('DeleteObject', 'DeleteObjectVersion').length === 0,
      'Batch deletes were logged without their keys, so s3:DeleteObject is not granted: it would have to be for every key.',
    ],
    [
      did('HeadObject', 'GetObject').length > 0 && did('ListObjects').length === 0,
      'Reads of keys that do not exist were answered with 403 if s3:ListBucket is missing, and with 404 if it is there: a program that tells them apart needs it.',
    ],
    [
      encrypted && !hasKeys,
      'Objects are encrypted with KMS, and no KMS event names the key for this principal: writing needs kms:GenerateDataKey, reading kms:Decrypt. Bucket keys and other trails hide those events.',
    ],
    [
      !encrypted && !hasKeys,
      'Whether KMS keys are needed is in CloudTrail only: data events of S3, and management events of KMS.',
    ],
  ];
  return remarks.filter(([isSo]) => isSo).map(([, text]) => text);
}

function partitionOf(principal: string): string {
  return /^arn:([a-z-]+):/.exec(principal)?.[1] ?? 'aws';
}

function newest(rows: readonly Activity[]): Activity {
  return rows.reduce((last, row) => (row.last_at > last.last_at ? row : last));
}

function requestsOf(rows: readonly { readonly requests: bigint }[]): number {
  return rows.reduce((sum, { requests }) => sum + Number(requests), 0);
}

function firstOf(rows: readonly { readonly first_at: Date }[]): string | null {
  return rows.length === 0 ? null : new Date(Math.min(...rows.map(({ first_at }) => Number(first_at)))).toISOString();
}

function lastOf(rows: readonly { readonly last_at: Date }[]): string | null {
  return rows.length === 0 ? null : new Date(Math.max(...rows.map(({ last_at }) => Number(last_at)))).toISOString();
}
