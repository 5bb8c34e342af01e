select
  bucket,
  coalesce(sum("requests") filter (where source = 'access_log'), 0)::bigint as access_log,
  coalesce(sum("requests") filter (where source = 'cloudtrail'), 0)::bigint as cloudtrail,
  min(hour) as first_at,
  max(hour) as last_at,
  count(distinct cast(hour as date)) as days
from activity_rows
where hour >= $from and hour < $to and bucket is not null
group by bucket
order by bucket
limit 200
