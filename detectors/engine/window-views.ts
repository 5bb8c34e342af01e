/**
 * The views of the lake, cut down to the window under test. Detectors see them under the names of the lake, so the
 * views of the lake move aside to `lake_…` first.
 */
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows, setList } from '../../store/duckdb.js';
import { createEarlierViews, earlierViews, reachMs, trailColumns } from './earlier-views.js';

/** Half-open span of event time, aligned to hours; milliseconds since 1970, UTC. */
export interface DetectionWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /**
   * True when the window holds more events than are worth joining once into a table: each detector then reads the columns
   * that it needs from the lake.
   */
  readonly isLarge?: boolean;
}

/** Days of rollups before the end of the window that detectors see. */
export const historyDays = 90;

const shadowedViews = ['s3_events', 'cloudtrail', 'request_identities', 'request_twins', 'batch_twins'];
const addedViews = ['activity', 'sightings', ...earlierViews];
const eventTables = ['access_log', 'cloudtrail'] as const;
const workTables = [
  'window_s3_events',
  'window_identities',
  'window_twins',
  'window_batch_twins',
  'window_names',
  'window_changes',
  'recent_changes',
  'window_object_acls',
  'window_activity',
];

/**
 * How far apart the two logs may place the same request: one has the time of its arrival, the other that of its end.
 * Long downloads take hours.
 */
const twinMarginMs = 6 * 3_600_000;

/** The events of the window, from a view of the lake. */
function eventsOf(view: string): string {
  return `select * from ${view} where event_time >= getvariable('window_from') and event_time < getvariable('window_to')`;
}

/** The joined events, worked out once into a table unless the window is too large for that. */
const smallEvents = `
create or replace temp view request_identities as select * from lake_request_identities;
create or replace temp view request_twins as select * from lake_request_twins;
create or replace temp view batch_twins as select * from lake_batch_twins;
create or replace temp table window_s3_events as ${eventsOf('lake_s3_events')};
create or replace temp view s3_events as select * from window_s3_events;
`;

/** What ties the two logs together, once for all detectors: it takes a pass over the ids of all requests. */
const windowTies = `
create or replace temp table window_identities as select * from lake_request_identities;
create or replace temp table window_twins as select * from lake_request_twins;
create or replace temp table window_batch_twins as select * from lake_batch_twins;
create or replace temp view request_identities as select * from window_identities;
create or replace temp view request_twins as select * from window_twins;
create or replace temp view batch_twins as select * from window_batch_twins;
`;

const joinedEvents = `create or replace temp view s3_events as ${eventsOf('lake_s3_events')}`;
const separateEvents = `create or replace temp view s3_events as ${eventsOf('separate_events')}`;

/**
 * CloudTrail stays a view: its rows are large, detectors read few columns of them, and Parquet skips what is outside the
 * window.
 */
const windowViews = `
create or replace temp view cloudtrail as
select ${trailColumns}
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

-- Objects that were stored or changed with a grant to a group: the ACL of each as one text, few of which differ.
create or replace temp table window_object_acls as
select
  row_id, event_time, event_name, coalesce(bucket_account_id, recipient_account_id) as account_id, aws_region as region, bucket, key,
  principal, source_ip_address as source_ip, user_agent,
  cast(json_object(
    'x-amz-acl', json_extract(request_parameters, '$."x-amz-acl"'),
    'x-amz-grant-read', json_extract(request_parameters, '$."x-amz-grant-read"'),
    'x-amz-grant-write', json_extract(request_parameters, '$."x-amz-grant-write"'),
    'x-amz-grant-read-acp', json_extract(request_parameters, '$."x-amz-grant-read-acp"'),
    'x-amz-grant-write-acp', json_extract(request_parameters, '$."x-amz-grant-write-acp"'),
    'x-amz-grant-full-control', json_extract(request_parameters, '$."x-amz-grant-full-control"'),
    'AccessControlPolicy', json_extract(request_parameters, '$.AccessControlPolicy'),
    'accessControlList', json_extract(request_parameters, '$.accessControlList')) as varchar) as acl
from cloudtrail
where event_source = 's3.amazonaws.com'
  and event_name in ('PutObjectAcl', 'PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload')
  and is_success
  and (contains(request_parameters, 'public-read') or contains(request_parameters, 'authenticated-read')
    or contains(request_parameters, 'AllUsers') or contains(request_parameters, 'AuthenticatedUsers'))
  and json_valid(request_parameters);

create or replace temp view sightings as
select *
from sightings_history
where day >= cast(getvariable('history_from') as date) and first_event_at < getvariable('window_to');
`;

const activityOfHistory = `
select *
from activity_history
where hour >= getvariable('history_from') and hour < getvariable('window_to')
`;

/** Two dozen detectors ask what was usual; each would sum the rollups again. So many rows of them take about 60 MB. */
const heldActivityRows = 500_000;
const heldActivity = `
create or replace temp table window_activity as ${activityOfHistory};
create or replace temp view activity as select * from window_activity;
`;

/**
 * Creates `s3_events`, `cloudtrail`, `activity` and `sightings` of a window, `window_changes` with its successful events of
 * the names in `judgedEvents`, and what sequences look back on (earlier-views.ts). May be called again for the next window.
 */
export async function createWindowViews(
  connection: DuckDBConnection,
  { fromMs, toMs, isLarge = false }: DetectionWindow,
  judgedEvents: readonly string[],
): Promise<void> {
  await setList(connection, 'judged_events', judgedEvents);
  for (const table of eventTables) {
    await rememberFiles(connection, table);
    await listFiles(connection, table, { fromMs: fromMs - twinMarginMs, toMs: toMs + twinMarginMs });
    await listFiles(connection, table, { fromMs: fromMs - reachMs, toMs: fromMs, prefix: 'reaching_' });
  }
  await setMoment(connection, 'window_from', fromMs);
  await setMoment(connection, 'window_to', toMs);
  await setMoment(connection, 'earlier_from', fromMs - reachMs);
  await setMoment(connection, 'history_from', toMs - historyDays * 86_400_000);
  for (const view of shadowedViews) await moveAside(connection, view);
  await (isLarge ? createLargeEvents(connection) : connection.run(smallEvents));
  await connection.run(windowViews);
  await createActivity(connection);
  await createEarlierViews(connection);
}

async function createActivity(connection: DuckDBConnection): Promise<void> {
  const [rollups] = await queryRows<{ rows: bigint }>(connection, 'select count(*) as "rows" from activity_rows');
  const isHeld = rollups!.rows <= heldActivityRows;
  await connection.run(isHeld ? heldActivity : `create or replace temp view activity as ${activityOfHistory}`);
}

async function createLargeEvents(connection: DuckDBConnection): Promise<void> {
  await connection.run(windowTies);
  const [row] = await queryRows<{ tied: boolean }>(
    connection,
    'select (select count(*) from window_twins) + (select count(*) from window_batch_twins) > 0 as tied',
  );
  await connection.run(row!.tied ? joinedEvents : separateEvents);
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

/** All files of a table, so that one window after another can be cut from them. */
async function rememberFiles(connection: DuckDBConnection, table: string): Promise<void> {
  const all = `coalesce(getvariable('all_${table}_files'), getvariable('${table}_files'))`;
  await connection.run(`set variable all_${table}_files = ${all}`);
}

interface FileSpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Of the variable that gets the list. */
  readonly prefix?: string;
}

/**
 * Lists the files that hold events of a span: opening the files of months would cost more than reading those of a day. They
 * come from the manifest; what it does not time, such as the file without rows, stays.
 */
async function listFiles(
  connection: DuckDBConnection,
  table: string,
  { fromMs, toMs, prefix = '' }: FileSpan,
): Promise<void> {
  await setMoment(connection, 'files_from', fromMs);
  await setMoment(connection, 'files_to', toMs);
  const [row] = await queryRows<{ files: string[]; distant: string[] }>(
    connection,
    `select
       getvariable('all_${table}_files') as files,
       (select coalesce(list(path), []) from lake_files
        where table_name = $1
          and (max_event_time < getvariable('files_from') or min_event_time >= getvariable('files_to'))) as distant`,
    [table],
  );
  const distant = new Set(row!.distant.map((file) => dayAndName(file)));
  await setList(
    connection,
    `${prefix}${table}_files`,
    row!.files.filter((file) => !distant.has(dayAndName(file))),
  );
}

/** A file by its day and name: the files that one commit wrote have the same name under every day. */
function dayAndName(file: string): string {
  return path.join(path.basename(path.dirname(file)), path.basename(file));
}

async function setMoment(connection: DuckDBConnection, variable: string, ms: number): Promise<void> {
  await connection.run(`set variable ${variable} = make_timestamp($1::bigint)`, [BigInt(ms) * 1000n]);
}

async function moveAside(connection: DuckDBConnection, view: string): Promise<void> {
  const sql = 'select 1 from duckdb_views() where temporary and view_name = $1';
  const moved = await queryRows(connection, sql, [`lake_${view}`]);
  if (moved.length === 0) await connection.run(`alter view ${view} rename to lake_${view}`);
}
