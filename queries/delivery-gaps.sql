/*---
title: Gaps in the logs
question: For which hours does a log say nothing about a bucket that it says something about before?
group: coverage
note: Silence may be a bucket that nobody used; a gap that all buckets of one log share is one of delivery.
parameters:
  hours: { description: "At least so many silent hours.", default: 24 }
columns:
  bucket: ~
  source: "access_log or cloudtrail: the silent log."
  gap_from: First silent hour, UTC.
  gap_to: "End of the silence, UTC: the next event, or the last hour of this log when there is none."
  silent_hours: Number of silent hours.
  requests_in_other_log: Requests that the other log saw meanwhile; above zero the silence is a loss.
---*/
with
hours as (
  select distinct source, bucket, hour
  from activity_rows
  where bucket is not null
),
ends as (
  select source, max(hour) + interval '1' hour as last_end
  from hours
  group by source
),
gaps as (
  select
    hours.source,
    hours.bucket,
    hours.hour + interval '1' hour as gap_from,
    coalesce(lead(hours.hour) over (partition by hours.source, hours.bucket order by hours.hour), ends.last_end) as gap_to
  from hours
  join ends on ends.source = hours.source
),
long_gaps as (
  select source, bucket, gap_from, gap_to, date_diff('hour', gap_from, gap_to) as silent_hours
  from gaps
  where date_diff('hour', gap_from, gap_to) >= cast($hours as integer)
)
select
  long_gaps.bucket,
  long_gaps.source,
  long_gaps.gap_from,
  long_gaps.gap_to,
  long_gaps.silent_hours,
  cast(coalesce(sum(other.requests), 0) as bigint) as requests_in_other_log
from long_gaps
left join activity_rows as other
  on other.bucket = long_gaps.bucket
  and other.source <> long_gaps.source
  and other.hour >= long_gaps.gap_from
  and other.hour < long_gaps.gap_to
group by long_gaps.bucket, long_gaps.source, long_gaps.gap_from, long_gaps.gap_to, long_gaps.silent_hours
order by requests_in_other_log desc, silent_hours desc, long_gaps.bucket, long_gaps.source, long_gaps.gap_from;
