/**
 * What bucketwatch remembers of configuration changes: every successful one, in the order of events, up to the end of
 * the window. Changes of the window also say who made them.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from '../../store/duckdb.js';
import { loggedObject, type LoggedObject } from '../policy/logged-shapes.js';

/** One successful change of the configuration of a bucket, a trail or an account. */
export interface ConfigurationEvent {
  readonly rowId: string;
  /** Microseconds since 1970, UTC. */
  readonly timeUs: bigint;
  readonly eventName: string;
  /** Account that owns the resource, as far as the log says. */
  readonly accountId: string | null;
  readonly region: string | null;
  /** Bucket or trail as the store recorded it. */
  readonly resource: string | null;
  /** requestParameters; null when the record has none or they are not JSON. */
  readonly parameters: LoggedObject | null;
  /** True when the change lies in the window under test. */
  readonly isInWindow: boolean;
}

interface Row {
  readonly row_id: string;
  readonly time_us: bigint | number;
  readonly event_name: string;
  readonly account_id: string | null;
  readonly region: string | null;
  readonly resource: string | null;
  readonly parameters: string | null;
  readonly is_in_window: boolean;
}

/** Rows of the window come from the log itself, so that the engine also works on a lake whose catalog is behind. */
const historySql = `
select row_id, epoch_us(event_time) as time_us, event_name, account_id, aws_region as region, resource, parameters, false as is_in_window
from configuration
where event_time < getvariable('window_from')
  and list_contains(getvariable('configuration_names'), event_name)
union all
select
  row_id, epoch_us(event_time), event_name, account_id, region,
  coalesce(bucket, json_extract_string(request_parameters, '$.trailName'), json_extract_string(request_parameters, '$.name')),
  request_parameters, true
from window_changes
where list_contains(getvariable('configuration_names'), event_name)
order by time_us, row_id
`;

/**
 * All changes with one of these names, oldest first. Answers nothing, without reading the history, when the window has no
 * change that the engine judges: then nobody asks what was before.
 */
export async function readConfigurationHistory(
  connection: DuckDBConnection,
  names: readonly string[],
): Promise<ConfigurationEvent[]> {
  const [window] = await queryRows<{ changes: bigint | number }>(
    connection,
    'select count(*) as changes from window_changes',
  );
  if (Number(window!.changes) === 0) return [];
  await setList(connection, 'configuration_names', names);
  const rows = await queryRows<Row>(connection, historySql);
  return rows.map((row) => ({
    rowId: row.row_id,
    timeUs: BigInt(row.time_us),
    eventName: row.event_name,
    accountId: row.account_id,
    region: row.region,
    resource: row.resource,
    parameters: loggedObject(row.parameters),
    isInWindow: row.is_in_window,
  }));
}
