/**
 * What sequences look back on: the 24 hours before a window. The views of the lake read the files near the window; these
 * read those of the day before as well, through views of their own, so that a window costs no more than its own files.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows } from '../../store/duckdb.js';

/** How far back sequences reach. */
export const reachMs = 86_400_000;

/** Views of the lake that are read again on more files, by the variable that lists theirs. */
const reaching = {
  lake_cloudtrail: 'cloudtrail_files',
  cloudtrail_events: 'cloudtrail_files',
  access_log_events: 'access_log_files',
} as const;

/** What `createEarlierViews` creates. */
export const earlierViews = [
  'earlier_events',
  'earlier_cloudtrail',
  ...Object.keys(reaching).map((view) => `reaching_${view}`),
];

/** CloudTrail as detectors see it, with columns that every one of them would compute. */
export const trailColumns = `
  *,
  log_uri || '#' || cast(log_index as varchar) as row_id,
  kind_of_principal(principal) as principal_kind,
  error_code is null and error_message is null as is_success,
  is_service_identity(user_identity_type, user_identity_invoked_by, source_ip_address) as is_aws_service`;

const between = `event_time >= getvariable('earlier_from') and event_time < getvariable('window_from')`;

const eventColumns = `
  event_time, source, account_id, bucket, key, action, action_class, principal, kind_of_principal(principal) as principal_kind,
  source_ip, user_agent, is_success, is_aws_service, bytes_in, bytes_out, version_id, request_id, row_id, operation`;

/** Each log by itself: joining them again would cost as much as the window did. */
const views = `
create or replace temp view earlier_events as
select ${eventColumns} from reaching_access_log_events where ${between}
union all
select ${eventColumns} from reaching_cloudtrail_events where ${between};

create or replace temp view earlier_cloudtrail as
select ${trailColumns}
from reaching_lake_cloudtrail
where ${between};
`;

/** Who made the changes of the day before: asked only when the window has a change that may go on from there. */
const earlierChanges = `
insert into recent_changes
select
  row_id, event_time, event_name, bucket, coalesce(bucket_account_id, recipient_account_id), aws_region, principal,
  principal_kind, source_ip_address, user_agent, request_parameters
from earlier_cloudtrail
where event_source in ('s3.amazonaws.com', 's3control.amazonaws.com', 'cloudtrail.amazonaws.com')
  and list_contains(getvariable('judged_events'), event_name)
  and is_success
`;

/**
 * Creates `earlier_events` (a request that both logs saw is two rows there) and `earlier_cloudtrail` of the 24 hours before
 * the window, and the table `recent_changes`: `window_changes` and what went before. Expects the variables `earlier_from`,
 * `window_from` and `reaching_…_files`.
 */
export async function createEarlierViews(connection: DuckDBConnection): Promise<void> {
  for (const [view, files] of Object.entries(reaching)) await readOnMoreFiles(connection, view, files);
  await connection.run(views);
  await connection.run('create or replace temp table recent_changes as select * from window_changes');
  const [changes] = await queryRows<{ any: boolean }>(connection, 'select count(*) > 0 as any from window_changes');
  if (changes!.any) await connection.run(earlierChanges);
}

async function readOnMoreFiles(connection: DuckDBConnection, view: string, files: string): Promise<void> {
  const [row] = await queryRows<{ sql: string }>(
    connection,
    'select sql from duckdb_views() where temporary and view_name = $1',
    [view],
  );
  const definition = row!.sql.slice(row!.sql.indexOf(' AS ') + ' AS '.length);
  const reachingFiles = definition.replaceAll(`getvariable('${files}')`, `getvariable('reaching_${files}')`);
  if (reachingFiles === definition) throw new Error(`the view ${view} does not read ${files}`);
  await connection.run(`create or replace temp view reaching_${view} as ${reachingFiles}`);
}
