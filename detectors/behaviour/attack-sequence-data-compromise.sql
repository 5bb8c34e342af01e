/*---
id: attack-sequence-data-compromise
version: 1
title: steps of an attack on data by one principal
severity: critical
severity_rules:
  - medium when none of the steps alone was high or critical
family: behaviour
sources: [findings]
tactic: impact
mitre: [T1530, T1485, T1486]
window: day
entity: [principal]
needs_learning: false
params:
  min_signals:
    default: 3
    unit: detectors
    description: Different detectors within the span, from which on to alert.
  min_tactics:
    default: 3
    unit: tactics
    description: Different tactics of ATT&CK that they must stand for.
  span_hours:
    default: 24
    unit: hours
    description: Time from the first step to the last; at most 168.
  intelligence:
    default: [threat-intel-ip-access, custom-threat-list-ip-access, tor-exit-node-access, pentest-distro-user-agent]
    description: Detectors that know bad addresses or clients; one of them or one that learns habits must be among the signals.
description: >-
  Within 24 hours, three detectors of three tactics fired for one principal; exfiltration or impact of at least medium severity is among them, and so is a sign that
  does not come from what an administrator may do, namely a break of habit or a bad address. Each finding by itself may be weak; an attack is
  their order. This is what GuardDuty calls AttackSequence:S3/CompromisedData. Suppressed findings, those of dry runs and those of
  severity info do not count.
false_positives:
  - A migration by a person who never did one, with deletion at its end; suppress the findings of its principal with a last day.
  - An announced test; suppress its principal for its days.
known_gaps:
  - The steps are put together by principal. Access keys and sessions of one role are one; an attacker who changes the role with every step is several.
  - Steps further apart than the span are not joined; entity-risk-threshold may see them.
  - Detectors of buckets that name no principal do not count.
next_steps:
  - Stop the principal now; revoke the sessions of the role or deactivate the keys of the user, and deny it in the bucket policies.
  - "Read the steps in order: select event_time, action, bucket, key, status, source_ip, user_agent from s3_events where principal = '<principal>' order by event_time."
  - "See the findings behind it: bucketwatch findings list"
  - Find out how the credentials were lost before you hand out new ones.
references:
  - https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-attack-sequence-finding-types.html
  - https://attack.mitre.org/techniques/T1530/
---*/
with
steps as (
  select
    signal_id, detector, severity in ('high', 'critical') as is_serious, tactic, principal, account_id, region, bucket, source_ip, first_event_at, last_event_at, event_count, points,
    tactic in ('exfiltration', 'impact') and severity <> 'low' as is_harm,
    is_behavioural or contains($intelligence, detector) as is_strange
  from signals
  where principal is not null
    and principal not in ('anonymous', 'unauthenticated')
    and not starts_with(principal, 'service:')
    and severity <> 'info'
    and tactic is not null
),
ends as (
  select distinct principal, first_event_at as moment
  from steps
  where first_event_at >= $from
    and first_event_at < $to
),
sequences as (
  select
    ends.principal, ends.moment,
    count(distinct steps.detector) as detectors,
    count(distinct steps.tactic) as tactics,
    bool_or(steps.is_harm) as has_harm,
    bool_or(steps.is_strange) as is_strange,
    bool_or(steps.is_serious) as is_serious,
    max(steps.account_id) as account_id,
    max(steps.region) as region,
    max_by(steps.bucket, row(steps.is_harm and steps.bucket is not null, steps.points, steps.first_event_at, steps.signal_id)) as bucket,
    max_by(steps.source_ip, row(steps.source_ip is not null, steps.points, steps.first_event_at, steps.signal_id)) as source_ip,
    min(steps.first_event_at) as first_event_at,
    max(steps.last_event_at) as last_event_at,
    sum(steps.event_count) as event_count,
    array_agg(steps.signal_id order by steps.first_event_at, steps.signal_id) as signal_ids,
    array_sort(array_agg(distinct steps.tactic)) as tactic_list,
    array_sort(array_agg(distinct steps.detector)) as detector_list
  from ends
  join steps
    on steps.principal = ends.principal
    and steps.first_event_at <= ends.moment
    and steps.first_event_at > ends.moment - $span_hours * interval '1' hour
  group by ends.principal, ends.moment
),
-- The moment of the day at which the most steps were taken.
peaks as (
  select
    date_trunc('day', moment) as window_start, principal,
    max_by(moment, row(detectors, moment)) as moment
  from sequences
  where detectors >= $min_signals
    and tactics >= $min_tactics
    and has_harm
    and is_strange
  group by date_trunc('day', moment), principal
)
select
  peaks.window_start,
  case when sequences.is_serious then 'critical' else 'medium' end as severity,
  peaks.principal || ' took ' || cast(sequences.tactics as varchar) || ' steps of an attack within '
    || case
      when date_diff('hour', sequences.first_event_at, sequences.moment) = 0 then 'an hour: '
      else cast(date_diff('hour', sequences.first_event_at, sequences.moment) + 1 as varchar) || ' hours: '
    end
    || array_join(sequences.tactic_list, ', ') as summary,
  sequences.account_id, sequences.region, sequences.bucket, peaks.principal, sequences.source_ip, sequences.first_event_at,
  sequences.last_event_at,
  cast(sequences.event_count as bigint) as event_count,
  slice(sequences.signal_ids, 1, 10) as evidence,
  cast(sequences.detectors as varchar) || ' detectors of ' || cast(sequences.tactics as varchar) || ' tactics' as observed,
  sequences.detector_list as factors
from peaks
join sequences
  on sequences.principal = peaks.principal
  and sequences.moment = peaks.moment
order by peaks.window_start, peaks.principal
