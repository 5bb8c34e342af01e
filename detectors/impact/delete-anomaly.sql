/*---
id: delete-anomaly
version: 1
title: deletions far from the principal's baseline
severity: high
severity_rules:
  - low when the principal deleted as much in some other hour of the baseline (only the hour is odd)
family: impact
sources: [access_log, cloudtrail_data]
tactic: impact
mitre: [T1485]
window: hour
entity: [bucket, principal]
needs_learning: true
learns: How many objects each principal deletes in each bucket, by hour of the week.
params:
  min_objects:
    default: 20
    unit: objects
    description: Deleted objects in an hour, by one principal in one bucket, from which on the count is judged.
  first_delete_objects:
    default: 5
    unit: objects
    description: Deleted objects from which on a principal's first deletes in a bucket, from a network that is new for it, alert.
  max_probability:
    default: 0.000001
    unit: probability
    description: The count is an anomaly when so many deletes or more are at most this likely.
  baseline_days:
    default: 30
    unit: days
    description: History that gives the expected count.
  min_expected:
    default: 0.5
    unit: objects per hour
    description: Floor of the expected count; a principal that never deletes is not expected at zero.
  min_active_days:
    default: 5
    unit: days
    description: Days with activity that a bucket needs before it counts as learned.
description: >-
  One principal deleted far more objects of a bucket in an hour than its own history lets expect. The expected count is
  the greatest of three means over the baseline (this hour of the week, this hour of the day, any hour), with one hour of
  tolerance to either side, so that a weekly compaction and a nightly clean-up are normal at their time and an hour around it. The mean of
  the week is drawn towards that of the other principals of the bucket, which is also what a principal without history is
  held against. The count is taken as negative binomial, with its dispersion from the principal's own busy hours (drawn
  towards a geometric distribution); its tail is bounded by Chernoff, P(X >= x) <= exp((x+r) ln((x+r)/(m+r)) - x ln(x/m))
  for mean m and size r, which is never smaller than the true tail. A principal's first deletes in a bucket alert from
  five objects on when they come from a network that is new for a principal whose networks are known.
false_positives:
  - A clean-up job that runs monthly or for the first time.
  - A person who tidies a folder of more than min_objects objects in a bucket where nobody deletes.
known_gaps:
  - What a principal always deletes at this hour is normal, whichever keys it deletes.
  - Slow deletes below min_objects an hour are not judged.
  - The user agent has no history in the rollups, so only the network tells a first delete from a usual one.
next_steps:
  - "See the deletes beside the baseline: select date_trunc('hour', event_time), count(*) from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'delete' group by 1 order by 1."
  - "See what was deleted: select event_time, key, version_id, source_ip, user_agent from s3_events where bucket = '<bucket>' and principal = '<principal>' and action_class = 'delete' order by event_time desc limit 100."
  - Compare address and agent with the principal's usual ones; ask its owner whether a job changed.
  - Restore from versions or backup if nobody knows the job, and revoke the principal's sessions.
references:
  - https://attack.mitre.org/techniques/T1485/
  - https://arxiv.org/abs/2209.09769
---*/
with
deletions as (
  select
    date_trunc('hour', event_time) as window_start,
    event_time, account_id, region, bucket, key, principal, source_ip, user_agent, row_id, is_success,
    coalesce(regexp_like(key, '(^|/)(_temporary|[.]spark-staging[^/]*|[.]hive-staging[^/]*|athena-results|athena-query-results|query-results)/'),
      false) as is_working_file,
    -- A batch delete is its keys where a log shows them (a key may be refused while the batch succeeds), else an estimate.
    case
      when action <> 'DeleteObjects' then 1
      when sum(case when action <> 'DeleteObjects' then 1 else 0 end) over (partition by coalesce(request_id, row_id)) > 0
        then 0
      else greatest(1, least(1000, cast(floor(coalesce(bytes_in, 0) / 100.0) as bigint)))
    end as objects
  from s3_events
  where action_class = 'delete'
    and bucket is not null
    and principal_kind not in ('service', 'anonymous', 'unauthenticated')
    and not is_aws_service
),
totals as (
  select
    window_start, bucket, principal,
    max(account_id) as account_id,
    max(region) as region,
    min_by(key, row(event_time, row_id)) as key,
    min_by(source_ip, row(event_time, row_id)) as source_ip,
    min_by(user_agent, row(event_time, row_id)) as user_agent,
    min(event_time) as first_event_at,
    max(event_time) as last_event_at,
    cast(sum(objects) as bigint) as objects,
    min_by(row_id, row(event_time, row_id), 10) as row_ids
  from deletions
  where is_success and objects > 0 and not is_working_file
  group by window_start, bucket, principal
  having sum(objects) >= least($min_objects, $first_delete_objects)
),
tested_buckets as (
  select distinct window_start, bucket
  from totals
),
-- An access-log row and its CloudTrail twin are both in the rollup: the greater of the two, never their sum. CloudTrail
-- may hold a batch as one row; its size then tells about how many keys it had.
history as (
  select
    tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class,
    max(activity.requests) as requests,
    greatest(max(activity.requests - activity.errors), max(case
      when activity.action_class = 'delete' then cast(floor(activity.bytes_in / 100.0) as bigint)
      else 0
    end)) as objects
  from tested_buckets
  join activity on activity.bucket = tested_buckets.bucket
  where activity.hour < tested_buckets.window_start
    and activity.hour >= tested_buckets.window_start - interval '90' day
  group by tested_buckets.window_start, tested_buckets.bucket, activity.hour, activity.principal, activity.action_class
),
bucket_history as (
  select
    history.window_start, history.bucket,
    min(history.hour) as first_hour,
    count(distinct date_trunc('day', history.hour)) as active_days,
    sum(history.requests) as requests
  from history
  group by history.window_start, history.bucket
),
learned_buckets as (
  select
    bucket_history.window_start, bucket_history.bucket, bucket_history.first_hour,
    least($baseline_days, date_diff('hour', bucket_history.first_hour, bucket_history.window_start) / 24.0) as days
  from bucket_history
  cross join settings
  where bucket_history.first_hour <= bucket_history.window_start - settings.learning_days * interval '1' day
    and bucket_history.requests >= settings.learning_min_events
    and bucket_history.active_days >= least($min_active_days, settings.learning_days)
),
-- Deletes of each principal an hour of the baseline, with the number of days back from the hour under test (rounded to
-- the nearest) and the hours that remain: -1, 0 or 1 is the same hour of the day, one hour of tolerance to either side.
delete_hours as (
  select
    history.window_start, history.bucket, history.principal, history.objects,
    floor((date_diff('hour', history.hour, history.window_start) + 1) / 24.0) as days_back,
    mod(date_diff('hour', history.hour, history.window_start) + 1, 24) - 1 as hours_off
  from history
  where history.action_class = 'delete'
    and history.objects > 0
    and history.hour >= history.window_start - $baseline_days * interval '1' day
),
same_hours as (
  select window_start, bucket, principal, days_back, max(objects) as objects
  from delete_hours
  where hours_off between -1 and 1
    and days_back >= 1
  group by window_start, bucket, principal, days_back
),
rhythms as (
  select
    window_start, bucket, principal,
    sum(objects) as day_objects,
    sum(case when mod(cast(days_back as bigint), 7) = 0 then objects else 0 end) as week_objects
  from same_hours
  group by window_start, bucket, principal
),
habits as (
  select
    window_start, bucket, principal,
    sum(objects) as objects,
    max(objects) as greatest_hour,
    count(*) as busy_hours,
    avg(cast(objects as double)) as busy_mean,
    coalesce(var_samp(cast(objects as double)), 0) as busy_variance
  from delete_hours
  group by window_start, bucket, principal
),
ever_deleted as (
  select distinct window_start, bucket, principal
  from history
  where action_class = 'delete'
    and objects > 0
),
-- What the other principals that delete in the bucket delete at this hour of the day, or in any hour; the mean of them.
peers as (
  select
    totals.window_start, totals.bucket, totals.principal,
    greatest(
      sum(coalesce(rhythms.day_objects, 0)) / (count(*) * floor(max(learned_buckets.days))),
      sum(habits.objects) / (count(*) * max(learned_buckets.days) * 24.0)
    ) as mean
  from totals
  join learned_buckets
    on learned_buckets.window_start = totals.window_start
    and learned_buckets.bucket = totals.bucket
  join habits
    on habits.window_start = totals.window_start
    and habits.bucket = totals.bucket
  left join rhythms
    on rhythms.window_start = habits.window_start
    and rhythms.bucket = habits.bucket
    and rhythms.principal = habits.principal
  where habits.principal <> totals.principal
  group by totals.window_start, totals.bucket, totals.principal
),
-- Days since the principal was first seen in the bucket, at most the baseline; hours and weeks without deletes count.
presences as (
  select
    window_start, bucket, principal,
    least($baseline_days, date_diff('hour', min(hour), window_start) / 24.0) as days
  from history
  group by window_start, bucket, principal
),
expectations as (
  select
    totals.window_start, totals.bucket, totals.principal, totals.objects, learned_buckets.first_hour,
    coalesce(habits.greatest_hour, 0) as greatest_hour,
    ever_deleted.principal is null as is_first_delete,
    greatest(
      $min_expected,
      coalesce(habits.objects / (greatest(1.0, presences.days) * 24.0), 0),
      coalesce(rhythms.day_objects / greatest(1.0, floor(presences.days)), 0),
      -- One week of the peers' mean stands beside the principal's own weeks.
      (coalesce(rhythms.week_objects, 0) + coalesce(peers.mean, 0)) / (coalesce(floor(presences.days / 7.0), 0) + 1)
    ) as mean,
    -- Size of the distribution: from the busy hours' own spread, drawn towards 1 by five busy hours' worth.
    (coalesce(habits.busy_hours, 0) + 5.0) / (5.0 + coalesce(habits.busy_hours
      * least(5.0, greatest(0.05, (habits.busy_variance - habits.busy_mean) / (habits.busy_mean * habits.busy_mean))), 0)) as size
  from totals
  join learned_buckets
    on learned_buckets.window_start = totals.window_start
    and learned_buckets.bucket = totals.bucket
  left join habits
    on habits.window_start = totals.window_start
    and habits.bucket = totals.bucket
    and habits.principal = totals.principal
  left join rhythms
    on rhythms.window_start = totals.window_start
    and rhythms.bucket = totals.bucket
    and rhythms.principal = totals.principal
  left join presences
    on presences.window_start = totals.window_start
    and presences.bucket = totals.bucket
    and presences.principal = totals.principal
  left join peers
    on peers.window_start = totals.window_start
    and peers.bucket = totals.bucket
    and peers.principal = totals.principal
  left join ever_deleted
    on ever_deleted.window_start = totals.window_start
    and ever_deleted.bucket = totals.bucket
    and ever_deleted.principal = totals.principal
),
tails as (
  select
    window_start, bucket, principal, objects, first_hour, greatest_hour, is_first_delete, mean,
    case
      when objects <= mean then 1.0
      else exp((objects + size) * ln((objects + size) / (mean + size)) - objects * ln(objects / mean))
    end as probability
  from expectations
),
-- First deletes from a network that the principal, whose networks are known, did not use before this day.
first_deletes as (
  select distinct tails.window_start, tails.bucket, tails.principal, networks.network
  from tails
  join deletions
    on deletions.window_start = tails.window_start
    and deletions.bucket = tails.bucket
    and deletions.principal = tails.principal
  join networks on networks.source_ip = deletions.source_ip
  where tails.is_first_delete
    and tails.objects >= $first_delete_objects
    and deletions.is_success
    and not networks.is_trusted
    and networks.is_global
),
principal_history as (
  select
    tested.window_start, tested.principal,
    min(sightings.day) as first_day,
    count(distinct sightings.day) as active_days
  from (select distinct window_start, principal from first_deletes) as tested
  join sightings on sightings.entity = tested.principal
  where sightings.dimension = 'principal-network'
    and sightings.day < cast(tested.window_start as date)
  group by tested.window_start, tested.principal
),
new_networks as (
  select
    first_deletes.window_start, first_deletes.bucket, first_deletes.principal,
    count(distinct first_deletes.network) as networks
  from first_deletes
  cross join settings
  join principal_history
    on principal_history.window_start = first_deletes.window_start
    and principal_history.principal = first_deletes.principal
  where date_diff('day', principal_history.first_day, cast(first_deletes.window_start as date)) >= settings.learning_days
    and principal_history.active_days >= least($min_active_days, settings.learning_days)
    and not exists (
      select 1
      from sightings
      where sightings.entity = first_deletes.principal
        and sightings.value = first_deletes.network
        and sightings.dimension = 'principal-network'
        and sightings.day < cast(first_deletes.window_start as date)
    )
  group by first_deletes.window_start, first_deletes.bucket, first_deletes.principal
)
select
  totals.window_start,
  case
    when totals.objects <= tails.greatest_hour and new_networks.principal is null then 'low'
    else 'high'
  end as severity,
  totals.principal || ' deleted ' || cast(totals.objects as varchar) || ' objects from the bucket ' || totals.bucket
    || ' in an hour in which about ' || cast(cast(tails.mean as decimal(18, 1)) as varchar) || ' are expected'
    || case when tails.is_first_delete then ', its first deletes there' else '' end
    || case when new_networks.principal is not null then ', from a network that is new for it' else '' end as summary,
  totals.account_id, totals.region, totals.bucket, totals.key, totals.principal, totals.source_ip, totals.user_agent,
  totals.first_event_at, totals.last_event_at,
  totals.objects as event_count,
  totals.row_ids as evidence,
  cast(cast(tails.mean as decimal(18, 1)) as varchar) || ' deletes in this hour, at most '
    || cast(cast(tails.greatest_hour as bigint) as varchar) || ' in any hour of ' || cast($baseline_days as varchar) || ' days' as expected,
  cast(totals.objects as varchar) || ' deletes' as observed,
  cast(date_diff('day', tails.first_hour, totals.window_start) as integer) as history_days,
  filter(array[
    case when tails.probability <= $max_probability and totals.objects > tails.greatest_hour then 'volume: RARE' end,
    case when tails.probability <= $max_probability and totals.objects <= tails.greatest_hour then 'hour of week: RARE' end,
    case when tails.is_first_delete then 'deletes of this principal: UNSEEN' end,
    case when new_networks.principal is not null then 'network: UNSEEN' end
  ], factor -> factor is not null) as factors
from totals
join tails
  on tails.window_start = totals.window_start
  and tails.bucket = totals.bucket
  and tails.principal = totals.principal
left join new_networks
  on new_networks.window_start = totals.window_start
  and new_networks.bucket = totals.bucket
  and new_networks.principal = totals.principal
where (totals.objects >= $min_objects and tails.probability <= $max_probability)
  or (new_networks.principal is not null and totals.objects >= $first_delete_objects)
order by totals.window_start, totals.bucket, totals.principal
