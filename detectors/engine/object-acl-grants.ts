/** The table `object_acl_grants`: objects of the window that an ACL opened to everybody, or to everybody with an AWS account. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BOOLEAN, VARCHAR } from '@duckdb/node-api';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { queryRows } from '../../store/duckdb.js';
import { evaluateAcl } from '../policy/evaluate-acl.js';
import type { ControlStates } from './control-states.js';
import { audiences, holderOf } from './policy-grants.js';

/** Few uploads differ in their ACL, so each ACL is judged once, for each bucket that it was used in. */
const aclsSql = `
select bucket, account_id, acl, max(epoch_us(event_time)) as time_us
from window_object_acls
group by bucket, account_id, acl
order by bucket, account_id, acl
`;

interface UsedAcl {
  readonly bucket: string | null;
  readonly account_id: string | null;
  readonly acl: string;
  readonly time_us: bigint | number;
}

interface JudgedAcl extends UsedAcl {
  readonly audience: 'anonymous' | 'authenticated';
  readonly allowsWrite: boolean;
  readonly statement: string;
  readonly heldBackBy: string | null;
}

const columns: readonly AppendColumn<JudgedAcl>[] = [
  { type: VARCHAR, value: ({ bucket }) => bucket },
  { type: VARCHAR, value: ({ account_id: account }) => account },
  { type: VARCHAR, value: ({ acl }) => acl },
  { type: VARCHAR, value: ({ audience }) => audience },
  { type: BOOLEAN, value: ({ allowsWrite }) => allowsWrite },
  { type: VARCHAR, value: ({ statement }) => statement },
  { type: VARCHAR, value: ({ heldBackBy }) => heldBackBy },
];

/** One row an object: of several grants the one to the widest audience that allows the most. */
const joinSql = `
create or replace temp table object_acl_grants as
select
  stored.row_id, stored.event_time, stored.event_name, stored.account_id, stored.region, stored.bucket, stored.key, stored.principal,
  stored.source_ip, stored.user_agent, judged.audience, judged.allows_write, judged.statement, judged.held_back_by
from window_object_acls as stored
join judged_acls as judged
  on judged.acl = stored.acl
  and judged.bucket is not distinct from stored.bucket
  and judged.account_id is not distinct from stored.account_id
`;

/** Creates `object_acl_grants`. Block Public Access counts as it was at the last use of an ACL in the bucket. */
export async function createObjectAclGrants(connection: DuckDBConnection, states: ControlStates): Promise<void> {
  const used = await queryRows<UsedAcl>(connection, aclsSql);
  await connection.run(`
    create or replace temp table judged_acls (
      bucket varchar, account_id varchar, acl varchar, audience varchar, allows_write boolean, statement varchar, held_back_by varchar
    )`);
  await appendTempRows(
    connection,
    'judged_acls',
    columns,
    used.flatMap((one) => judgedAcl(one, states) ?? []),
  );
  await connection.run(joinSql);
  await connection.run('drop table judged_acls');
}

function judgedAcl(used: UsedAcl, states: ControlStates): JudgedAcl | null {
  const grants = evaluateAcl(used.acl).flatMap((grant) => {
    const audience = audiences[grant.grantee];
    return audience === 'cross-account' ? [] : [{ ...grant, audience }];
  });
  const widest = grants.find(({ audience }) => audience === 'anonymous') ?? grants[0];
  if (widest === undefined) return null;
  const { audience, permission, form } = widest;
  const place = { via: 'acl' as const, audience, bucket: used.bucket, accountId: used.account_id };
  return {
    ...used,
    audience,
    allowsWrite: grants.some((grant) => grant.audience === audience && grant.allowsWrite),
    statement: `${permission} by ${form.replace('-', ' ')}`,
    heldBackBy: holderOf(place, { timeUs: BigInt(used.time_us) + 1n, rowId: '' }, states),
  };
}
