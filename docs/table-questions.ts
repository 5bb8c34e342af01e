/** Questions that docs/tables.md answers, two a view. A test asks every one of the demonstration's logs. */
import type { PublicViewName } from '../store/view-columns.js';

/** A question and the SQL that answers it. */
export interface Question {
  readonly question: string;
  readonly sql: string;
}

/** The views with Tailpipe's columns. */
export const tailpipeViewNames = ['aws_s3_server_access_log', 'aws_cloudtrail_log'] as const;
export type TailpipeViewName = (typeof tailpipeViewNames)[number];

const ask = (question: string, sql: string): Question => ({ question, sql: sql.trim() });

export const tableQuestions: Readonly<Record<PublicViewName | TailpipeViewName, readonly [Question, Question]>> = {
  s3_events: [
    ask(
      'Who read from this prefix, from where, and how much?',
      `
select principal, source_ip, count(*) as requests, sum(bytes_out) as bytes_out
from s3_events
where bucket = 'acme-customer-docs'
  and key like 'archive/%'
  and action_class = 'read'
  and is_success
group by principal, source_ip
order by bytes_out desc, principal, source_ip;`,
    ),
    ask(
      'Which principals were refused most, and with which error?',
      `
select principal, action, error_code, count(*) as requests
from s3_events
where not is_success
group by principal, action, error_code
order by requests desc, principal, action
limit 20;`,
    ),
  ],
  api_events: [
    ask(
      'What did a principal do, hour by hour, whatever the service?',
      `
select date_trunc('hour', event_time) as hour, action, count(*) as requests
from api_events
where principal = 'arn:aws:iam::111122223333:role/OpsAdmin'
group by hour, action
order by hour, requests desc, action;`,
    ),
    ask(
      'Which settings of other services were changed, and by whom?',
      `
select event_time, action, principal, source_ip, is_success
from api_events
where action_class = 'config'
  and contains(action, ':')
order by event_time;`,
    ),
  ],
  s3_access_log: [
    ask(
      'Which keys were fetched through presigned URLs, and for how many addresses each?',
      `
select bucket, key, count(*) as requests, count(distinct remote_ip) as addresses
from s3_access_log
where authentication_type = 'QueryString'
  and operation = 'REST.GET.OBJECT'
group by bucket, key
order by addresses desc, requests desc, bucket, key
limit 20;`,
    ),
    ask(
      'How slow is each operation at its slowest hundredth?',
      `
select operation, count(*) as requests, approx_quantile(total_time_ms, 0.99) as slowest_hundredth_ms
from s3_access_log
where total_time_ms is not null
group by operation
order by requests desc, operation;`,
    ),
  ],
  cloudtrail: [
    ask(
      'Who changed the configuration of buckets, and when?',
      `
select event_time, event_name, bucket, principal, source_ip_address, error_code
from cloudtrail
where event_source = 's3.amazonaws.com'
  and management_event
  and not read_only
order by event_time desc
limit 50;`,
    ),
    ask(
      'What does a bucket policy that somebody wrote say?',
      `
select event_time, bucket, principal, request_parameters ->> '$.bucketPolicy' as policy
from cloudtrail
where event_name = 'PutBucketPolicy'
order by event_time desc;`,
    ),
  ],
  rejects: [
    ask(
      'Which objects hold most lines that could not be parsed, and why?',
      `
select log_uri, reason, count(*) as records
from rejects
group by log_uri, reason
order by records desc, log_uri, reason
limit 20;`,
    ),
    ask(
      'What do they look like?',
      `
select log_uri, log_line, detail, left(cast(raw as varchar), 200) as beginning
from rejects
where reason = 'bad-quotes'
order by log_uri, log_line
limit 20;`,
    ),
  ],
  trail_digests: [
    ask(
      'How much of each day is proved by digests?',
      `
select cast(end_time as date) as day, account_id, region, count(*) as digests,
  count(*) filter (where signature = 'verified') as signatures_verified, sum(files) as files, sum(files_verified) as files_verified
from trail_digests
group by day, account_id, region
order by day desc, account_id, region;`,
    ),
    ask(
      'Which digests could not be checked, and why?',
      `
select end_time, account_id, region, trail, chain, signature, files_unchecked
from trail_digests
where signature <> 'verified' or chain not in ('linked', 'start') or files_unchecked > 0
order by end_time, account_id, region;`,
    ),
  ],
  integrity_problems: [
    ask(
      'Which files were changed, and what was in them?',
      `
select integrity_problems.uri, integrity_problems.detail, cloudtrail.event_time, cloudtrail.event_name, cloudtrail.principal
from integrity_problems
left join cloudtrail on cloudtrail.log_uri = integrity_problems.uri
where integrity_problems.kind = 'file-changed'
order by integrity_problems.uri, cloudtrail.event_time;`,
    ),
    ask(
      'What is wrong, by day?',
      `
select cast("time" as date) as day, account_id, region, kind, count(*) as problems
from integrity_problems
group by day, account_id, region, kind
order by day desc, account_id, region, kind;`,
    ),
  ],
  objects: [
    ask(
      'Do the accounts add up for every object?',
      `
select count(*) as objects, count(*) filter (where lines <> "rows" + duplicates + rejected) as wrong
from objects;`,
    ),
    ask(
      'Which objects brought nothing new?',
      `
select uri, lines, duplicates
from objects
where lines > 0 and duplicates = lines
order by uri;`,
    ),
  ],
  runs: [
    ask(
      'How long did the last runs take, and what did they read?',
      `
select run_id, status, date_diff('second', started_at, ended_at) as seconds, objects, lines, rejected
from runs
order by runs.started_at desc
limit 10;`,
    ),
    ask(
      'Did a run end early?',
      `
select run_id, command, status, started_at, objects_failed
from runs
where status in ('partly', 'interrupted')
order by runs.started_at desc;`,
    ),
  ],
  findings: [
    ask(
      'What is open, and how bad is it?',
      `
select severity, detector, count(*) as findings, max(last_event_at) as last_event_at
from findings
where state in ('open', 'updated')
group by severity, detector
order by severity, findings desc, detector;`,
    ),
    ask(
      'Which rows is a finding made of?',
      `
select id, evidence ->> '$.log_uri' as log_uri, evidence ->> '$.log_line' as log_line, evidence ->> '$.action' as action
from (
  select id, unnest(from_json(body -> '$.evidence', '["json"]')) as evidence
  from findings
  where severity = 'critical'
)
order by id, log_uri, log_line;`,
    ),
  ],
  activity_rows: [
    ask(
      'How many bytes left each bucket in all?',
      `
select bucket, sum(bytes_out) as bytes_out
from activity_rows
where source = 'access_log'
group by bucket
order by bytes_out desc, bucket;`,
    ),
    ask(
      'When was each principal first and last at work?',
      `
select principal, min(hour) as first_hour, max(hour) as last_hour
from activity_rows
where not is_aws_service
group by principal
order by last_hour desc, principal
limit 50;`,
    ),
  ],
  activity_history: [
    ask(
      'Which principals were most active, day by day?',
      `
select cast(hour as date) as day, principal, sum(requests) as requests, sum(errors) as errors
from activity_history
where source = 'cloudtrail'
group by day, principal
order by day desc, requests desc, principal
limit 50;`,
    ),
    ask(
      'At which hours does a role usually write?',
      `
select hour(hour) as hour_of_day, count(distinct cast(hour as date)) as days, sum(requests) as requests
from activity_history
where principal = 'arn:aws:iam::111122223333:role/db-backup'
  and action_class = 'write'
group by hour_of_day
order by hour_of_day;`,
    ),
  ],
  activity_by_hour: [
    ask(
      'How much does each bucket give out a day?',
      `
select cast(hour as date) as day, bucket, sum(requests) as requests, sum(bytes_out) as bytes_out
from activity_by_hour
where action_class = 'read'
group by day, bucket
order by day desc, bytes_out desc, bucket
limit 50;`,
    ),
    ask(
      'In which hours was most refused, and to whom?',
      `
select hour, principal, sum(requests) as requests, sum(errors) as refused
from activity_by_hour
group by hour, principal
having sum(errors) > 0
order by refused desc, hour, principal
limit 20;`,
    ),
  ],
  sightings_history: [
    ask(
      'Which networks does each principal come from, and since when?',
      `
select entity as principal, value as network, min(day) as first_day, max(day) as last_day, count(distinct day) as days
from sightings_history
where dimension = 'principal-network'
group by entity, value
order by principal, first_day, network;`,
    ),
    ask(
      'Which principals were seen in a network for the first time in November?',
      `
select entity as principal, value as network, min(first_event_at) as first_event_at
from sightings_history
where dimension = 'principal-network'
group by entity, value
having min(day) >= date '2026-11-01'
order by first_event_at, principal, network;`,
    ),
  ],
  aws_s3_server_access_log: [
    ask(
      'How many requests were there each day?',
      `
select tp_date, count(*) as requests
from aws_s3_server_access_log
group by tp_date
order by tp_date;`,
    ),
    ask(
      'Which addresses send most failing requests to a bucket?',
      `
select remote_ip, bucket, count(*) as failures
from aws_s3_server_access_log
where http_status >= 400
group by remote_ip, bucket
order by failures desc, remote_ip, bucket
limit 20;`,
    ),
  ],
  aws_cloudtrail_log: [
    ask(
      'What did root do?',
      `
select event_time, event_source, event_name, source_ip_address
from aws_cloudtrail_log
where user_identity.type = 'Root'
order by event_time desc;`,
    ),
    ask(
      'Which sessions worked without MFA?',
      `
select user_identity.arn as caller, count(*) as events
from aws_cloudtrail_log
where user_identity.session_context.attributes.mfa_authenticated = 'false'
group by caller
order by events desc, caller
limit 20;`,
    ),
  ],
};
