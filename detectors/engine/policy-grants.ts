/** The table `policy_grants`: who outside was let into a bucket by the policies and ACLs that the window, or the day before it, set. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, LIST, VARCHAR, listValue } from '@duckdb/node-api';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows } from '../../store/duckdb.js';
import type { PublicAccessBlock } from '../policy/bucket-settings.js';
import type { Audience } from '../policy/caller.js';
import { evaluateAcl, type AclGrant } from '../policy/evaluate-acl.js';
import { evaluatePolicy } from '../policy/evaluate-policy.js';
import { firstText, loggedObject } from '../policy/logged-shapes.js';
import { policyOfRequest } from '../policy/policy-document.js';
import { accessPoint, accessPointName, type AccessPoint } from './access-point.js';
import type { KnownAccounts } from './account-facts.js';
import type { ConfigurationEvent } from './configuration-history.js';
import type { ControlStates, Moment } from './control-states.js';
import { accountPublicAccessBlock, bucketOfEvent, bucketPublicAccessBlock } from './public-access-block.js';

const policyEvents = [
  'PutBucketPolicy',
  'PutAccessPointPolicy',
  'PutMultiRegionAccessPointPolicy',
  'PutAccessPointPolicyForObjectLambda',
];

/** CloudTrail events that can carry a grant on a bucket, or on an access point of one. */
export const grantingEvents: readonly string[] = [...policyEvents, 'PutBucketAcl', 'CreateBucket'];

/** Owners of buckets by their canonical ids, which only access logs show. */
const ownersSql = `
select distinct bucket_owner
from s3_access_log
where event_time >= getvariable('window_from') and event_time < getvariable('window_to') and bucket_owner is not null
`;

interface GrantRow {
  readonly event: ConfigurationEvent;
  /** Access points keep no ACLs. */
  readonly via: 'policy' | 'acl' | 'access-point';
  /** Bucket, also the one behind an access point; null when the access point's creation was not seen. */
  readonly bucket: string | null;
  readonly audience: Audience;
  readonly accounts: readonly string[];
  readonly canonicalUsers: readonly string[];
  readonly allowsWrite: boolean;
  readonly statement: string;
  readonly restrictedBy: readonly string[];
  /** What holds the grant back: a Block Public Access, the VPC that an access point is limited to, or nothing known. */
  readonly heldBackBy: 'vpc' | 'access point' | 'bucket' | 'account' | null;
}

/** Creates `policy_grants`, a row a statement of a policy, or a grant of an ACL, that lets outsiders in; recent changes only. */
export async function createPolicyGrants(
  connection: DuckDBConnection,
  accounts: KnownAccounts,
  { history, states }: { readonly history: readonly ConfigurationEvent[]; readonly states: ControlStates },
): Promise<void> {
  const events = history.filter(({ eventName, isRecent }) => isRecent && grantingEvents.includes(eventName));
  const owners = events.length === 0 ? [] : await queryRows<{ bucket_owner: string }>(connection, ownersSql);
  const knownCanonicalUsers = owners.map((row) => row.bucket_owner);
  const rows = events.flatMap((event) =>
    policyEvents.includes(event.eventName)
      ? policyRows(event, accounts, knownCanonicalUsers)
      : aclRows(event, knownCanonicalUsers),
  );
  await writeGrants(
    connection,
    rows.map((row) => placed(row, states)),
  );
}

type JudgedRow = Omit<GrantRow, 'heldBackBy' | 'bucket'>;

/** A policy that is malformed grants nothing: S3 refuses it. Canonical ids of 96 digits are CloudFront identities. */
function policyRows(
  event: ConfigurationEvent,
  { own, trusted }: KnownAccounts,
  knownCanonicalUsers: readonly string[],
): JudgedRow[] {
  const context = { ownerAccount: event.accountId, ownAccounts: own, trustedAccounts: trusted };
  const result = evaluatePolicy(policyOfRequest(event.parameters), context);
  if ('malformed' in result) return [];
  const via = event.eventName === 'PutBucketPolicy' ? ('policy' as const) : ('access-point' as const);
  return result.grants.map((grant) => ({
    event,
    via,
    audience: grant.audience,
    accounts: grant.accounts,
    canonicalUsers: grant.canonicalUsers.filter((id) => id.length !== 96 && !knownCanonicalUsers.includes(id)),
    allowsWrite: grant.allowsWrite,
    statement: typeof grant.statement === 'number' ? `statement ${grant.statement}` : grant.statement,
    restrictedBy: grant.restrictedBy,
  }));
}

/** Whom the grantees of an ACL are, in the words of policies. */
export const audiences: Readonly<Record<AclGrant['grantee'], Audience>> = {
  'all-users': 'anonymous',
  'authenticated-users': 'authenticated',
  'canonical-user': 'cross-account',
  email: 'cross-account',
};

function aclRows(event: ConfigurationEvent, knownCanonicalUsers: readonly string[]): JudgedRow[] {
  return evaluateAcl(event.parameters, { knownCanonicalUsers }).map((grant) => ({
    event,
    via: 'acl' as const,
    audience: audiences[grant.grantee],
    accounts: [],
    canonicalUsers: grant.id === null ? [] : [grant.id],
    allowsWrite: grant.allowsWrite,
    statement: `${grant.permission} by ${grant.form.replace('-', ' ')}`,
    restrictedBy: [],
  }));
}

function placed(row: JudgedRow, states: ControlStates): GrantRow {
  const moment = row.event;
  if (row.via !== 'access-point') {
    const bucket = bucketOfEvent(row.event);
    return { ...row, bucket, heldBackBy: holderOf({ ...row, bucket, accountId: row.event.accountId }, moment, states) };
  }
  const name = accessPointName(row.event.parameters, row.event.accountId);
  const behind = name === null ? null : states.before(accessPoint, name, moment);
  const bucket = behind?.bucket ?? null;
  const heldBackBy = holderOf({ ...row, bucket, accountId: row.event.accountId }, moment, states);
  return { ...row, bucket, heldBackBy: ownHolderOf(behind, row.audience) ?? heldBackBy };
}

/** Access points are named at the top, those of several regions deep inside the request. */
function nameInRequest({ parameters, resource }: ConfigurationEvent): string | null {
  const request = loggedObject(parameters?.['PutMultiRegionAccessPointPolicyRequest']);
  const deep = firstText(loggedObject(request?.['Details'])?.['Name']);
  return firstText(parameters?.['name']) ?? deep ?? resource;
}

/** A VPC keeps the internet out, but not an account that is named. */
function ownHolderOf(behind: AccessPoint | null, audience: Audience): GrantRow['heldBackBy'] {
  if (behind === null || audience === 'cross-account') return null;
  if (behind.is_vpc_only) return 'vpc';
  return behind.restricts_public_buckets ? 'access point' : null;
}

/** Something that outsiders were let into. */
export interface GrantedPlace {
  readonly via: 'policy' | 'acl' | 'access-point';
  readonly audience: Audience;
  readonly bucket: string | null;
  readonly accountId: string | null;
}

/** RestrictPublicBuckets holds public policies back, IgnorePublicAcls public ACLs; named accounts pass both. */
export function holderOf(
  { via, audience, bucket, accountId }: GrantedPlace,
  moment: Moment,
  states: ControlStates,
): 'bucket' | 'account' | null {
  if (audience === 'cross-account') return null;
  const isOn = (state: PublicAccessBlock | null): boolean =>
    state !== null && (via === 'acl' ? state.IgnorePublicAcls : state.RestrictPublicBuckets);
  if (bucket !== null && isOn(states.before(bucketPublicAccessBlock, bucket, moment))) return 'bucket';
  const ofAccount = accountId === null ? null : states.before(accountPublicAccessBlock, accountId, moment);
  return isOn(ofAccount) ? 'account' : null;
}

const texts = (items: readonly string[]) => listValue([...items]);

const columns: readonly AppendColumn<GrantRow>[] = [
  { type: VARCHAR, value: ({ event }) => event.rowId },
  { type: BIGINT, value: ({ event }) => event.timeUs },
  { type: VARCHAR, value: ({ event }) => event.eventName },
  { type: VARCHAR, value: ({ event }) => event.region },
  { type: VARCHAR, value: ({ event }) => event.accountId },
  { type: VARCHAR, value: ({ bucket }) => bucket },
  { type: VARCHAR, value: ({ event, via }) => (via === 'access-point' ? nameInRequest(event) : event.resource) },
  { type: VARCHAR, value: ({ via }) => via },
  { type: VARCHAR, value: ({ audience }) => audience },
  { type: LIST(VARCHAR), value: ({ accounts }) => texts(accounts) },
  { type: LIST(VARCHAR), value: ({ canonicalUsers }) => texts(canonicalUsers) },
  { type: BOOLEAN, value: ({ allowsWrite }) => allowsWrite },
  { type: VARCHAR, value: ({ statement }) => statement },
  { type: VARCHAR, value: ({ restrictedBy }) => (restrictedBy.length === 0 ? null : restrictedBy.join('; ')) },
  { type: VARCHAR, value: ({ heldBackBy }) => heldBackBy },
];

async function writeGrants(connection: DuckDBConnection, rows: readonly GrantRow[]): Promise<void> {
  await connection.run(`
    create or replace temp table judged_grants (
      row_id varchar, time_us bigint, event_name varchar, region varchar, account_id varchar, bucket varchar, resource varchar, via varchar, audience varchar, accounts varchar[], canonical_users varchar[],
      allows_write boolean, statement varchar, restricted_by varchar, held_back_by varchar
    )`);
  await appendTempRows(connection, 'judged_grants', columns, rows);
  await connection.run(joinSql);
  await connection.run('drop table judged_grants');
}

const joinSql = `
create or replace temp table policy_grants as
select
  judged.row_id, make_timestamp(judged.time_us) as event_time, judged.event_name, judged.bucket, judged.resource, judged.account_id,
  judged.region, made.principal, made.source_ip, made.user_agent, judged.via, judged.audience, judged.accounts, judged.canonical_users,
  judged.allows_write, judged.statement, judged.restricted_by, judged.held_back_by
from judged_grants as judged
left join recent_changes as made on made.row_id = judged.row_id
`;
