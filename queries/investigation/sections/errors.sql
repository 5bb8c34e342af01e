select
  action,
  bucket,
  coalesce(error_code, cast(status as varchar)) as error,
  count(*) as failed,
  min(event_time) as first_at,
  max(event_time) as last_at,
  (
    select count(*)
    from subject_events as later
    where later.is_success
      and later.action = failures.action
      and later.bucket is not distinct from failures.bucket
      and later.event_time > min(failures.event_time)
  ) as succeeded_later
from subject_events as failures
where not is_success
group by action, bucket, error
order by failed desc, action, bucket
limit 100
