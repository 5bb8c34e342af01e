-- Compares CloudTrail's digests with the log files that were read, and remembers what changed by it. What it gives
-- depends on what was read and not on the order of reading: everything from two days before the first change is worked
-- out anew. Runs in the catalog's transaction.

create or replace temp table fresh_runs as
select distinct run_id
from (select run_id from trail_files union all select run_id from digest_files)
where run_id = $run_id or run_id not in (select run_id from integrity_runs);

create or replace temp table fresh_digests as
select digest_files.* from digest_files semi join fresh_runs using (run_id);

create or replace temp table integrity_span as
with
moments as (
  select min(delivered_at) as moment from trail_files semi join fresh_runs using (run_id)
  union all
  select min(end_time) from fresh_digests
  union all
  select min(delivered_at) from digest_entries semi join fresh_runs using (run_id)
  union all
  -- A new digest fills the gap behind the one before it.
  select min(older.end_time)
  from fresh_digests as fresh
  asof join (select * from digest_files anti join fresh_runs using (run_id) where end_time is not null) as older
    on older.account_id = fresh.account_id and older.region = fresh.region and older.trail = fresh.trail
    and older.end_time < fresh.end_time
  union all
  -- It also has the signature of the one that it names.
  select min(named.end_time) from digest_files as named join fresh_digests as fresh on fresh.previous_name = named."name"
  union all
  -- How far the logs reached before: what is later was not expected yet.
  select max(delivered_at) from trail_files anti join fresh_runs using (run_id)
  union all
  select min("time") from integrity_problems where waiting_hours < 24
  union all
  select min(trail_digests.end_time)
  from trail_digests
  join digest_files using (uri)
  join digest_signatures on digest_signatures.uri = digest_files.uri and digest_signatures.etag = digest_files.etag
  where digest_signatures.state <> trail_digests.signature
)
select
  min(moment) - interval 2 days as from_time,
  (select max(read_at) from objects) as read_until
from moments;

-- The hours that each trail has digests of, with the end of those before.
create or replace temp table digest_hours as
select
  *,
  max(end_time) over (
    partition by account_id, region, trail order by end_time, start_time rows between unbounded preceding and 1 preceding
  ) as earlier_end
from (
  select distinct account_id, region, trail, start_time, end_time
  from digest_files
  where problem is null and not is_backfill
);

create or replace temp table checked_digests as
select
  digest_files.*,
  case
    when problem is not null then 'unread'
    when is_backfill and previous_name is null then 'start'
    when previous_name is null and earlier_end is null then 'start'
    when previous_name is null then 'restarted'
    when previous.is_changed then 'changed'
    when previous."name" is not null then 'linked'
    when earlier_end is null then 'begins'
    else 'missing'
  end as chain,
  earlier_end,
  coalesce(digest_signatures.state, 'unchecked') as signature_state
from digest_files
left join digest_hours using (account_id, region, trail, start_time, end_time)
left join (
  select
    later.uri, later.etag, any_value(earlier."name") as "name",
    bool_or(
      earlier.sha256 <> later.previous_sha256
      or coalesce(earlier.signature <> later.previous_signature, false)
    ) as is_changed
  from digest_files as later
  join digest_files as earlier on earlier."name" = later.previous_name
  group by later.uri, later.etag
) as previous on previous.uri = digest_files.uri and previous.etag = digest_files.etag
left join digest_signatures on digest_signatures.uri = digest_files.uri and digest_signatures.etag = digest_files.etag
where digest_files.end_time >= (select from_time from integrity_span)
-- A local file that was written again with the same content is the same digest.
qualify row_number() over (partition by digest_files.uri, digest_files.sha256 order by digest_files.etag) = 1;

-- Every log file that these digests name, and what was read under its name: one changed copy is enough.
create or replace temp table named_files as
select
  entry.digest_uri, entry.digest_etag, entry.bucket, entry."key", entry."name", entry.sha256, entry.delivered_at,
  count(trail_files."name") > 0 as is_read,
  coalesce(bool_or(trail_files.sha256 <> entry.sha256), false) as is_changed,
  coalesce(bool_or(trail_files.sha256 = entry.sha256), false) as is_verified,
  any_value(trail_files.uri) filter (where trail_files.sha256 <> entry.sha256) as changed_uri,
  min(trail_files.sha256) filter (where trail_files.sha256 <> entry.sha256) as changed_sha256
from digest_entries as entry
semi join checked_digests on checked_digests.uri = entry.digest_uri and checked_digests.etag = entry.digest_etag
left join trail_files on trail_files."name" = entry."name"
group by entry.digest_uri, entry.digest_etag, entry.bucket, entry."key", entry."name", entry.sha256, entry.delivered_at;

-- Objects that are there and were not hashed: read before digests were checked, stored inflated, or not readable so far.
create or replace temp table unhashed_names as
select known."name"
from (
  select regexp_replace(regexp_extract(uri, '[^/\\]+$'), '\.gz$', '') as "name" from objects
  union all
  select regexp_replace(regexp_extract(uri, '[^/\\]+$'), '\.gz$', '') from object_failures
) as known
semi join (select "name" from named_files where not is_read) as wanted on wanted."name" = known."name";

-- Files are missing only where files were read: from the first day of their account and Region to the last day of any.
-- A digest with a wrong signature proves nothing, neither way.
create or replace temp table judged_files as
select
  named_files.* exclude (is_read, is_changed, is_verified), digest.account_id, digest.region, digest.trail, digest.end_time,
  case
    when digest.signature_state in ('wrong', 'unlisted') then 'unchecked'
    when is_changed then 'changed'
    when is_verified then 'verified'
    when is_read or named_files."name" in (select "name" from unhashed_names) then 'unchecked'
    when cast(coalesce(delivered_at, digest.end_time) as date) between reach.first_day
      and (select cast(max(delivered_at) as date) from trail_files) then 'missing'
    else 'unchecked'
  end as state
from named_files
join checked_digests as digest on digest.uri = named_files.digest_uri and digest.etag = named_files.digest_etag
left join (
  select account_id, region, cast(min(delivered_at) as date) as first_day
  from trail_files
  group by account_id, region
) as reach on reach.account_id = digest.account_id and reach.region = digest.region;

-- Log files that no digest names although the digests from ten minutes before to an hour after them were read. Where
-- several trails deliver files of these names, all of them must have digests then: any may have written the file.
create or replace temp table unnamed_files as
with
candidates as (
  select uri, "name", account_id, region, delivered_at
  from trail_files
  where delivered_at >= (select from_time from integrity_span)
    and "name" not in (
      select entry."name"
      from digest_entries as entry
      anti join (select uri, etag from digest_signatures where state <> 'verified') as forged
        on forged.uri = entry.digest_uri and forged.etag = entry.digest_etag
    )
),
trusted_hours as (
  select distinct account_id, region, trail, start_time, end_time
  from digest_files
  anti join (select uri, etag from digest_signatures where state <> 'verified') as forged using (uri, etag)
  where problem is null and not is_backfill
),
reach as (
  select
    candidates.uri, trail,
    sum(greatest(0, date_diff(
      'second', greatest(start_time, delivered_at - interval 10 minutes), least(end_time, delivered_at + interval 70 minutes)
    ))) as seconds
  from candidates
  join trusted_hours using (account_id, region)
  where start_time < delivered_at + interval 1 day and end_time > delivered_at - interval 1 day
  group by candidates.uri, trail
)
select uri, any_value("name") as "name", any_value(account_id) as account_id, any_value(region) as region,
  any_value(delivered_at) as delivered_at
from candidates
join (select uri from reach group by uri having min(seconds) >= 4800) as covered using (uri)
group by uri;

create or replace temp table found_problems as
with
reached as (
  select read_until from integrity_span
),
newest as (
  select account_id, region, max(delivered_at) as delivered_at from trail_files group by account_id, region
),
buckets as (
  select account_id, region, min(bucket) as bucket from digest_files group by account_id, region
),
last_hours as (
  select account_id, region, trail, max(end_time) as end_time from digest_hours group by account_id, region, trail
),
problems as (
  select
    end_time as "time", 'file-' || state as kind, account_id, region, trail, bucket, "key",
    case when state = 'changed' then changed_uri end as uri, digest_uri,
    case when state = 'missing' then date_diff('minute', end_time, read_until) // 60 end as waiting_hours,
    case
      when state = 'changed' then 'its SHA-256 is ' || changed_sha256 || ', and ' || sha256 || ' in the digest'
      else 'the digest names it, and it was not there'
    end as detail
  from judged_files, reached
  where state in ('changed', 'missing')
  qualify row_number() over (partition by digest_uri, digest_etag, state order by "key") <= 1000
  union all
  select
    delivered_at, 'file-unnamed', account_id, region, null, bucket, "name", uri, null,
    date_diff('minute', delivered_at + interval 70 minutes, read_until) // 60,
    'no digest names it'
  from unnamed_files
  left join buckets using (account_id, region), reached
  union all
  select
    end_time, 'digest-' || chain, account_id, region, trail, bucket, previous_name, null, uri,
    case when chain = 'missing' then date_diff('minute', end_time, read_until) // 60 end,
    case
      when chain = 'changed' then 'it is not what the digest after it says'
      else 'the digest after it names it, and it was not there; none was read from '
        || strftime(earlier_end, '%Y-%m-%dT%H:%M:%SZ') || ' to ' || strftime(start_time, '%Y-%m-%dT%H:%M:%SZ')
    end
  from checked_digests, reached
  where chain in ('changed', 'missing')
  union all
  select
    end_time, case when chain = 'restarted' then 'chain-restarted' else 'digest-gap' end, account_id, region, trail, bucket,
    "key", uri, uri, null,
    'there is no digest from ' || strftime(earlier_end, '%Y-%m-%dT%H:%M:%SZ') || ' to '
      || strftime(start_time, '%Y-%m-%dT%H:%M:%SZ')
  from checked_digests
  where chain = 'restarted' or (chain in ('linked', 'changed') and start_time > earlier_end + interval 1 minute)
  union all
  select
    last_hours.end_time, 'digest-gap', account_id, region, trail, bucket, null, null, null,
    date_diff('minute', last_hours.end_time, newest.delivered_at) // 60 - 1,
    'there is no digest after ' || strftime(last_hours.end_time, '%Y-%m-%dT%H:%M:%SZ') || ', and log files until '
      || strftime(newest.delivered_at, '%Y-%m-%dT%H:%MZ')
  from last_hours
  join newest using (account_id, region)
  left join buckets using (account_id, region)
  where last_hours.end_time >= (select from_time from integrity_span)
    and newest.delivered_at >= last_hours.end_time + interval 2 hours
  union all
  select end_time, 'digest-moved', account_id, region, trail, bucket, "key", uri, uri, null, 'it lies under another name'
  from checked_digests
  where own_name <> "name"
  union all
  select end_time, 'digest-malformed', account_id, region, trail, bucket, "name", uri, uri, null, problem
  from checked_digests
  where problem is not null
  union all
  select
    end_time, 'signature-wrong', account_id, region, trail, bucket, "key", uri, uri, null,
    case
      when signature_state = 'unlisted' then 'it names a public key that CloudTrail does not list'
      else 'its signature is not that of its content'
    end
  from checked_digests
  where signature_state in ('wrong', 'unlisted')
)
select distinct
  "time", kind, account_id, region, trail, bucket, "key", uri, digest_uri,
  case when waiting_hours is not null then least(waiting_hours, 24)::integer end as waiting_hours, detail
from problems
where waiting_hours is null or waiting_hours >= 0;

-- Detectors look again at the hours in which something changed.
insert into pending_hours
select distinct date_trunc('hour', "time"), $run_id
from (
  (select * from found_problems
   except
   select * from integrity_problems where "time" >= (select from_time from integrity_span))
  union all
  (select * from integrity_problems where "time" >= (select from_time from integrity_span)
   except
   select * from found_problems)
);

delete from integrity_problems where "time" >= (select from_time from integrity_span);

insert into integrity_problems select * from found_problems;

delete from trail_digests where end_time >= (select from_time from integrity_span);

insert into trail_digests
select
  digest.uri, digest.account_id, digest.region, digest.trail, digest.start_time, digest.end_time, digest.chain,
  digest.signature_state,
  count(files.state), count(files.state) filter (where files.state = 'verified'),
  count(files.state) filter (where files.state = 'changed'), count(files.state) filter (where files.state = 'missing'),
  count(files.state) filter (where files.state = 'unchecked')
from checked_digests as digest
left join judged_files as files on files.digest_uri = digest.uri and files.digest_etag = digest.etag
group by digest.uri, digest.etag, digest.account_id, digest.region, digest.trail, digest.start_time, digest.end_time,
  digest.chain, digest.signature_state;

insert into integrity_runs select run_id from fresh_runs where run_id not in (select run_id from integrity_runs);
