/** The table `policy_grants`: who outside was let into a bucket by the policies and ACLs that the window set. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BOOLEAN, LIST, VARCHAR, listValue } from '../../store/duckdb-package.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows } from '../../store/duckdb.js';
import type { PublicAccessBlock } from '../policy/bucket-settings.js';
import type { Audience } from '../policy/caller.js';
import { evaluateAcl, type AclGrant } from '../policy/evaluate-acl.js';
import { evaluatePolicy } from '../policy/evaluate-policy.js';
import { policyOfRequest } from '../policy/policy-document.js';
import type { KnownAccounts } from './account-facts.js';
import type { ControlStates } from './control-states.js';
import { accountPublicAccessBlock, bucketPublicAccessBlock } from './public-access-block.js';

/** CloudTrail events that can carry a grant on a bucket. */
export const grantingEvents: readonly string[] = ['PutBucketPolicy', 'PutBucketAcl', 'CreateBucket'];

/** One event of the window that set a policy or an ACL. */
interface GrantingEvent {
  readonly row_id: string;
  readonly time_us: bigint | number;
  readonly event_name: string;
  readonly bucket: string | null;
  readonly account_id: string | null;
  readonly request_parameters: string;
}

const eventsSql = `
select row_id, epoch_us(event_time) as time_us, event_name, bucket, account_id, request_parameters
from window_changes
where event_name in ('PutBucketPolicy', 'PutBucketAcl', 'CreateBucket')
  and request_parameters is not null
order by event_time, row_id
`;

/** Owners of buckets by their canonical ids, which only access logs show. */
const ownersSql = `
select distinct bucket_owner
from s3_access_log
where event_time >= getvariable('window_from') and event_time < getvariable('window_to') and bucket_owner is not null
`;

interface GrantRow {
  readonly event: GrantingEvent;
  readonly via: 'policy' | 'acl';
  readonly audience: Audience;
  readonly accounts: readonly string[];
  readonly canonicalUsers: readonly string[];
  readonly allowsWrite: boolean;
  readonly statement: string;
  readonly restrictedBy: readonly string[];
  /** Which Block Public Access holds the grant back: of the bucket, of the account, or null for none that is known. */
  readonly heldBackBy: 'bucket' | 'account' | null;
}

/** Creates `policy_grants`, a row a statement of a policy, or a grant of an ACL, that lets outsiders in. */
export async function createPolicyGrants(
  connection: DuckDBConnection,
  accounts: KnownAccounts,
  states: ControlStates,
): Promise<void> {
  const events = await queryRows<GrantingEvent>(connection, eventsSql);
  const owners = events.length === 0 ? [] : await queryRows<{ bucket_owner: string }>(connection, ownersSql);
  const knownCanonicalUsers = owners.map((row) => row.bucket_owner);
  const rows = events.flatMap((event) =>
    event.event_name === 'PutBucketPolicy'
      ? policyRows(event, accounts, knownCanonicalUsers)
      : aclRows(event, knownCanonicalUsers),
  );
  await writeGrants(
    connection,
    rows.map((row) => ({ ...row, heldBackBy: holderOf(row, states) })),
  );
}

type JudgedRow = Omit<GrantRow, 'heldBackBy'>;

/** A policy that is malformed grants nothing: S3 refuses it. Canonical ids of 96 digits are CloudFront identities. */
function policyRows(
  event: GrantingEvent,
  { own, trusted }: KnownAccounts,
  knownCanonicalUsers: readonly string[],
): JudgedRow[] {
  const context = { ownerAccount: event.account_id, ownAccounts: own, trustedAccounts: trusted };
  const result = evaluatePolicy(policyOfRequest(event.request_parameters), context);
  if ('malformed' in result) return [];
  return result.grants.map((grant) => ({
    event,
    via: 'policy' as const,
    audience: grant.audience,
    accounts: grant.accounts,
    canonicalUsers: grant.canonicalUsers.filter((id) => id.length !== 96 && !knownCanonicalUsers.includes(id)),
    allowsWrite: grant.allowsWrite,
    statement: typeof grant.statement === 'number' ? `statement ${grant.statement}` : grant.statement,
    restrictedBy: grant.restrictedBy,
  }));
}

const audiences: Readonly<Record<AclGrant['grantee'], Audience>> = {
  'all-users': 'anonymous',
  'authenticated-users': 'authenticated',
  'canonical-user': 'cross-account',
  email: 'cross-account',
};

function aclRows(event: GrantingEvent, knownCanonicalUsers: readonly string[]): JudgedRow[] {
  return evaluateAcl(event.request_parameters, { knownCanonicalUsers }).map((grant) => ({
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

/** RestrictPublicBuckets holds public policies back, IgnorePublicAcls public ACLs; named accounts pass both. */
function holderOf({ event, via, audience }: JudgedRow, states: ControlStates): GrantRow['heldBackBy'] {
  if (audience === 'cross-account') return null;
  const moment = { timeUs: BigInt(event.time_us), rowId: event.row_id };
  const isOn = (state: PublicAccessBlock | null): boolean =>
    state !== null && (via === 'policy' ? state.RestrictPublicBuckets : state.IgnorePublicAcls);
  if (event.bucket !== null && isOn(states.before(bucketPublicAccessBlock, event.bucket, moment))) return 'bucket';
  const ofAccount =
    event.account_id === null ? null : states.before(accountPublicAccessBlock, event.account_id, moment);
  return isOn(ofAccount) ? 'account' : null;
}

const texts = (items: readonly string[]) => listValue([...items]);

const columns: readonly AppendColumn<GrantRow>[] = [
  { type: VARCHAR, value: ({ event }) => event.row_id },
  { type: VARCHAR, value: ({ event }) => event.account_id },
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
      row_id varchar, account_id varchar, via varchar, audience varchar, accounts varchar[], canonical_users varchar[],
      allows_write boolean, statement varchar, restricted_by varchar, held_back_by varchar
    )`);
  await appendTempRows(connection, 'judged_grants', columns, rows);
  await connection.run(joinSql);
  await connection.run('drop table judged_grants');
}

const joinSql = `
create or replace temp table policy_grants as
select
  judged.row_id, made.event_time, made.event_name, made.bucket, judged.account_id, made.region, made.principal, made.source_ip,
  made.user_agent, judged.via, judged.audience, judged.accounts, judged.canonical_users, judged.allows_write, judged.statement,
  judged.restricted_by, judged.held_back_by
from judged_grants as judged
join window_changes as made on made.row_id = judged.row_id
`;
