/* What the library query top-principals answers, in the plainest SQL. Holds only for a
   lake without CloudTrail, where no request was seen twice. Not a -- comment, for a command line begins with it. */
select
  cast(event_time as date) as day,
  principal,
  count(*) as requests,
  coalesce(sum(bytes_sent), 0)::bigint as bytes_out
from s3_access_log
group by day, principal
order by bytes_out desc, day, principal
limit 50
