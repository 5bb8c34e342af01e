-- The whole lake is read once, here; everything that is printed comes from these groups.
create or replace temp table preview_groups as
select
  bucket, principal, reason,
  count(*) as requests,
  count(*) filter (where source = 'access_log') as from_access_log,
  count(*) filter (where has_trail) as from_cloudtrail,
  coalesce(sum(bytes), 0)::bigint as bytes,
  list_sort(list(distinct action)) as actions,
  min(event_time) as first_at,
  max(event_time) as last_at,
  max_by(row_id, event_time, 3) as samples,
  list(distinct cast(dt as varchar)) filter (where source = 'access_log') as access_log_days,
  list(distinct cast(dt as varchar)) filter (where has_trail) as cloudtrail_days
from preview_judged
group by bucket, principal, reason;
