/**
 * What bucketwatch remembers of configuration changes: every successful one, in the order of events, up to the end of
 * the window.
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
  /** True in the window under test and in the day before it, from where sequences reach into the window. */
  readonly isRecent: boolean;
}

interface Row {
  readonly row_id: string;
  readonly time_us: bigint | number;
  readonly event_name: string;
  readonly account_id: string | null;
  readonly region: string | null;
  readonly resource: string | null;
  readonly parameters: string | null;
  readonly is_recent: boolean;
}

/** Rows of the window come from the log itself, so that the engine also works on a lake whose catalog is behind. */
const historySql = `
select row_id, epoch_us(event_time) as time_us, event_name, account_id, aws_region as region, resource, parameters,
  event_time >= getvariable('earlier_from') as is_recent
from configuration
where event_time < getvariable('window_from')
  and list_contains(getvariable('configuration_names'), event_name)
union all
select
  row_id, epoch_us(event_time), event_name, account_id, region,
  coalesce(bucket, try(json_extract_string(request_parameters, '$.trailName')), try(json_extract_string(request_parameters, '$.name'))),
  request_parameters, true
from window_changes
where list_contains(getvariable('configuration_names'), event_name)
order by time_us, row_id
`;

/** What makes the history worth reading: a recent change, or an object that was uploaded with an ACL. */
const needSql = `
select
  exists (select 1 from window_changes)
  or exists (select 1 from window_object_acls)
  or exists (
    select 1
    from configuration
    where event_time >= getvariable('earlier_from') and event_time < getvariable('window_from')
      and list_contains(getvariable('configuration_names'), event_name)
  ) as is_needed
`;

/**
 * All changes with one of these names, oldest first. Answers nothing, without reading the history, when nothing recent is
 * judged: then nobody asks what was before.
 */
export async function readConfigurationHistory(
  connection: DuckDBConnection,
  names: readonly string[],
): Promise<ConfigurationEvent[]> {
  await setList(connection, 'configuration_names', names);
  const [need] = await queryRows<{ is_needed: boolean }>(connection, needSql);
  if (!need!.is_needed) return [];
  const rows = await queryRows<Row>(connection, historySql);
  return rows.map((row) => ({
    rowId: row.row_id,
    timeUs: BigInt(row.time_us),
    eventName: row.event_name,
    accountId: row.account_id,
    region: row.region,
    resource: row.resource,
    parameters: loggedObject(row.parameters),
    isRecent: row.is_recent,
  }));
}
