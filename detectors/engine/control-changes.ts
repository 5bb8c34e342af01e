/** The table `control_changes`: what the window and the day before it did to the protective controls, beside what they were set to before. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, VARCHAR } from '@duckdb/node-api';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import type { ControlChange } from './control-states.js';

/**
 * Who made a change is joined from the log; what it changed was worked out in TypeScript. Of a change of the day before the
 * window nobody is named when the window itself has no change.
 */
const joinSql = `
create or replace temp table control_changes as
select
  judged.row_id, make_timestamp(judged.time_us) as event_time, judged.event_name, judged.control, judged.resource, judged.account_id,
  judged.region, made.principal, made.principal_kind, made.source_ip, made.user_agent, judged.new_value, judged.previous_value,
  judged.is_weaker, judged.all_off
from judged_changes as judged
left join recent_changes as made on made.row_id = judged.row_id
`;

const columns: readonly AppendColumn<ControlChange>[] = [
  { type: VARCHAR, value: ({ event }) => event.rowId },
  { type: BIGINT, value: ({ event }) => event.timeUs },
  { type: VARCHAR, value: ({ event }) => event.eventName },
  { type: VARCHAR, value: ({ event }) => event.region },
  { type: VARCHAR, value: ({ control }) => control },
  { type: VARCHAR, value: ({ resource }) => resource },
  { type: VARCHAR, value: ({ event }) => event.accountId },
  { type: VARCHAR, value: ({ state }) => JSON.stringify(state) },
  { type: VARCHAR, value: ({ previous }) => (previous === null ? null : JSON.stringify(previous)) },
  { type: BOOLEAN, value: ({ isWeaker }) => isWeaker },
  { type: BOOLEAN, value: ({ isAllOff }) => isAllOff },
];

/** Creates `control_changes` from the judged changes. Detectors of the window ask for its times. */
export async function createControlChanges(
  connection: DuckDBConnection,
  changes: readonly ControlChange[],
): Promise<void> {
  await connection.run(`
    create or replace temp table judged_changes (
      row_id varchar, time_us bigint, event_name varchar, region varchar, control varchar, resource varchar, account_id varchar, new_value varchar, previous_value varchar,
      is_weaker boolean, all_off boolean
    )`);
  await appendTempRows(connection, 'judged_changes', columns, changes);
  await connection.run(joinSql);
  await connection.run('drop table judged_changes');
}
