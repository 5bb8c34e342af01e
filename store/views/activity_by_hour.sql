-- The greater of what the two logs counted: a request that both saw is in both rollups.
create or replace temp macro greater_of_logs(source, number) as cast(greatest(
  sum(case when source = 'access_log' then number else 0 end),
  sum(case when source = 'cloudtrail' then number else 0 end)
) as bigint);

-- What was asked in an hour, of whichever log saw more of it. Summed from the rows of the files at once, because activity_history keeps
-- apart more than is asked here.
create or replace temp view activity_by_hour as
select
  hour, principal, kind_of_principal(principal) as principal_kind, bucket, action_class, greater_of_logs(source, "requests") as requests,
  greater_of_logs(source, errors) as errors, greater_of_logs(source, bytes_out) as bytes_out, greater_of_logs(source, bytes_in) as bytes_in
from read_parquet(getvariable('activity_files'))
group by hour, principal, bucket, action_class;
