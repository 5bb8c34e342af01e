/**
 * The views of the lake, cut down to the window under test. Detectors see them under the names of the lake, so the
 * views of the lake move aside to `lake_…` first.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from '../../store/duckdb.js';

/** Half-open span of event time, aligned to hours; milliseconds since 1970, UTC. */
export interface DetectionWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Days of rollups before the end of the window that detectors see. */
export const historyDays = 90;

const shadowedViews = ['s3_events', 'cloudtrail'];
const addedViews = ['activity', 'sightings', 'earlier_events', 'earlier_cloudtrail'];
/** The day that the store files the rowless file of a table under. */
const emptyDay = '1970-01-01';
const eventTables = ['access_log', 'cloudtrail'] as const;
const workTables = ['window_s3_events', 'window_names', 'window_changes'];

/**
 * The joined events are worked out once, into a table. CloudTrail stays a view: its rows are large, detectors read few
 * columns of them, and Parquet skips what is outside the window. It gains columns that every detector would compute.
 */
const windowViews = `
create or replace temp table window_s3_events as
select *
from lake_s3_events
where event_time >= getvariable('window_from') and event_time < getvariable('window_to');

create or replace temp view s3_events as
select * from window_s3_events;

create or replace temp view cloudtrail as
select
  *,
  log_uri || '#' || cast(log_index as varchar) as row_id,
  kind_of_principal(principal) as principal_kind,
  error_code is null and error_message is null as is_success,
  is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address) as is_aws_service
from lake_cloudtrail
where event_time >= getvariable('window_from') and event_time < getvariable('window_to');

-- What the facts about accounts, buckets and addresses need of CloudTrail: one pass over narrow columns.
create or replace temp table window_names as
select distinct recipient_account_id, bucket, source_ip_address as source_ip, source_network
from cloudtrail;

-- Successful changes that the engine judges. Few rows, so they may be wide; every judgement starts from here.
create or replace temp table window_changes as
select
  row_id, event_time, event_name, bucket, coalesce(bucket_account_id, recipient_account_id) as account_id,
  aws_region as region, principal, principal_kind, source_ip_address as source_ip, user_agent, request_parameters
from cloudtrail
where event_source in ('s3.amazonaws.com', 's3control.amazonaws.com', 'cloudtrail.amazonaws.com')
  and list_contains(getvariable('judged_events'), event_name)
  and is_success;

-- What sequences look back on. Each log by itself: joining them again would cost as much as the window did.
create or replace temp view earlier_events as
select
  event_time, source, account_id, bucket, key, action, action_class, principal, kind_of_principal(principal) as principal_kind,
  source_ip, user_agent, is_success, is_aws_service, bytes_in, bytes_out, version_id, request_id, row_id, operation
from access_log_events
where event_time >= getvariable('window_from') - interval '24' hour and event_time < getvariable('window_from')
union all
select
  event_time, source, account_id, bucket, key, action, action_class, principal, kind_of_principal(principal),
  source_ip, user_agent, is_success, is_aws_service, bytes_in, bytes_out, version_id, request_id, row_id, operation
from cloudtrail_events
where event_time >= getvariable('window_from') - interval '24' hour and event_time < getvariable('window_from');

create or replace temp view earlier_cloudtrail as
select
  *,
  log_uri || '#' || cast(log_index as varchar) as row_id,
  kind_of_principal(principal) as principal_kind,
  error_code is null and error_message is null as is_success,
  is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address) as is_aws_service
from lake_cloudtrail
where event_time >= getvariable('window_from') - interval '24' hour and event_time < getvariable('window_from');

create or replace temp view activity as
select *
from activity_history
where hour >= getvariable('history_from') and hour < getvariable('window_to');

create or replace temp view sightings as
select *
from sightings_history
where day >= cast(getvariable('history_from') as date) and first_event_at < getvariable('window_to');
`;

/**
 * Creates `s3_events`, `cloudtrail`, `activity` and `sightings` of a window, `earlier_events` and `earlier_cloudtrail` of the
 * 24 hours before it (a request that both logs saw is two rows there), and `window_changes` with its successful events of the
 * names in `judgedEvents`. May be called again for the next window.
 */
export async function createWindowViews(
  connection: DuckDBConnection,
  { fromMs, toMs }: DetectionWindow,
  judgedEvents: readonly string[],
): Promise<void> {
  await setList(connection, 'judged_events', judgedEvents);
  for (const table of eventTables) await narrowFiles(connection, table, { fromMs, toMs });
  await setMoment(connection, 'window_from', fromMs);
  await setMoment(connection, 'window_to', toMs);
  await setMoment(connection, 'history_from', toMs - historyDays * 86_400_000);
  for (const view of shadowedViews) await moveAside(connection, view);
  await connection.run(windowViews);
}

/** Drops the views of the window and gives the views of the lake their names back. */
export async function restoreLakeViews(connection: DuckDBConnection): Promise<void> {
  for (const view of [...shadowedViews, ...addedViews]) await connection.run(`drop view if exists temp.${view}`);
  for (const view of shadowedViews) await connection.run(`alter view if exists lake_${view} rename to ${view}`);
  for (const table of eventTables) {
    await connection.run(
      `set variable ${table}_files = coalesce(getvariable('all_${table}_files'), getvariable('${table}_files'))`,
    );
    await connection.run(`reset variable all_${table}_files`);
  }
  for (const table of workTables) await connection.run(`drop table if exists temp.${table}`);
}

const dayMs = 86_400_000;

/**
 * Leaves only the files of the days of the window, and of a day before and after for the other log's half of a request.
 * Opening the files of months would cost more than reading those of a day. What says no day, or the day of the file
 * without rows, stays.
 */
async function narrowFiles(
  connection: DuckDBConnection,
  table: string,
  { fromMs, toMs }: DetectionWindow,
): Promise<void> {
  const all = `coalesce(getvariable('all_${table}_files'), getvariable('${table}_files'))`;
  await connection.run(`set variable all_${table}_files = ${all}`);
  const [row] = await queryRows<{ files: string[] }>(connection, `select getvariable('all_${table}_files') as files`);
  const first = isoDay(fromMs - dayMs);
  const last = isoDay(toMs + dayMs);
  const files = row!.files.filter((file) => {
    const day = /\/dt=(\d{4}-\d\d-\d\d)\//.exec(file.replaceAll('\\', '/'))?.[1];
    return day === undefined || day === emptyDay || (day >= first && day <= last);
  });
  await setList(connection, `${table}_files`, files);
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

async function setMoment(connection: DuckDBConnection, variable: string, ms: number): Promise<void> {
  await connection.run(`set variable ${variable} = make_timestamp($1::bigint)`, [BigInt(ms) * 1000n]);
}

async function moveAside(connection: DuckDBConnection, view: string): Promise<void> {
  const sql = 'select 1 from duckdb_views() where temporary and view_name = $1';
  const moved = await queryRows(connection, sql, [`lake_${view}`]);
  if (moved.length === 0) await connection.run(`alter view ${view} rename to lake_${view}`);
}
