/** The table `expiry_rules`: what recent lifecycle configurations delete, and when that went before. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, INTEGER, VARCHAR } from '@duckdb/node-api';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { daysUntilExpiry, type ExpiryRule } from '../policy/lifecycle-rules.js';
import type { ControlChange } from './control-states.js';
import { daysBefore, lifecycle, type Lifecycle } from './lifecycle.js';

interface Row {
  readonly change: ControlChange;
  readonly rule: ExpiryRule;
  readonly days: number;
  /** Days until the configuration before deleted the same; null when it kept it, or when it is not known. */
  readonly previousDays: number | null;
}

const columns: readonly AppendColumn<Row>[] = [
  { type: VARCHAR, value: ({ change }) => change.event.rowId },
  { type: BIGINT, value: ({ change }) => change.event.timeUs },
  { type: VARCHAR, value: ({ change }) => change.event.accountId },
  { type: VARCHAR, value: ({ change }) => change.event.region },
  { type: VARCHAR, value: ({ change }) => change.resource },
  { type: VARCHAR, value: ({ rule }) => rule.id },
  { type: VARCHAR, value: ({ rule }) => rule.versions },
  { type: INTEGER, value: ({ days }) => Math.min(days, 2 ** 31 - 1) },
  { type: INTEGER, value: ({ rule }) => Math.min(rule.keptVersions, 2 ** 31 - 1) },
  { type: VARCHAR, value: ({ rule }) => rule.prefix },
  { type: VARCHAR, value: ({ rule }) => rule.condition },
  { type: BOOLEAN, value: ({ rule }) => rule.prefix !== '' || rule.hasTags },
  { type: BOOLEAN, value: ({ change }) => change.previous !== null },
  { type: INTEGER, value: ({ previousDays: days }) => (days === null ? null : Math.min(days, 2 ** 31 - 1)) },
];

const joinSql = `
create or replace temp table expiry_rules as
select
  judged.row_id, make_timestamp(judged.time_us) as event_time, judged.account_id, judged.region, judged.bucket, made.principal,
  made.source_ip, made.user_agent,
  judged.rule_id, judged.versions, judged.days, judged.kept_versions, judged.key_prefix, judged.condition, judged.is_filtered,
  judged.is_before_known, judged.previous_days
from judged_expiries as judged
left join recent_changes as made on made.row_id = judged.row_id
`;

/**
 * Creates `expiry_rules`, a row an enabled rule that deletes current (`versions` current) or replaced (noncurrent) versions
 * after `days`. `is_filtered` is a rule for some keys or tags only.
 */
export async function createExpiryRules(
  connection: DuckDBConnection,
  changes: readonly ControlChange[],
): Promise<void> {
  await connection.run(`
    create or replace temp table judged_expiries (
      row_id varchar, time_us bigint, account_id varchar, region varchar, bucket varchar, rule_id varchar, versions varchar, days integer, kept_versions integer, key_prefix varchar, condition varchar,
      is_filtered boolean, is_before_known boolean, previous_days integer
    )`);
  const rows = changes.filter(({ control }) => control === lifecycle.name).flatMap((change) => rowsOf(change));
  await appendTempRows(connection, 'judged_expiries', columns, rows);
  await connection.run(joinSql);
  await connection.run('drop table judged_expiries');
}

function rowsOf(change: ControlChange): Row[] {
  const momentUs = Number(change.event.timeUs);
  const previous = change.previous as Lifecycle | null;
  return (change.state as Lifecycle).expiries.map((rule) => ({
    change,
    rule,
    days: daysUntilExpiry(rule, momentUs),
    previousDays: previous === null ? null : daysBefore(rule, previous, momentUs),
  }));
}
