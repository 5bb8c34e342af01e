-- Denied: aws:SourceVpce is none of preview_endpoints (list). Only CloudTrail names the endpoint; in the access log a public
-- IPv4 address did not come through one, and a private address or IPv6 may have come through any.
create or replace temp view preview_judged as
select
  requests.*,
  coalesce(frame_reason, case
    when is_service_principal then 'aws-service'
    when is_via_service then 'via-service'
    when list_contains(getvariable('preview_break_glass'), principal) then 'break-glass'
    when list_contains(getvariable('preview_endpoints'), vpc_endpoint_id) then 'endpoint-allowed'
    when vpc_endpoint_id is not null and not starts_with(vpc_endpoint_id, 'vpce-') then 'endpoint-of-aws'
    when vpc_endpoint_id is not null then 'other-endpoint'
    when has_trail and addresses.kind in ('private', 'outside', 'allowed') then 'no-endpoint'
    when has_trail then 'address-unseen'
    when addresses.kind = 'private' then 'endpoint-unseen'
    when contains(source_ip, ':') and addresses.kind <> 'none' then 'endpoint-unseen'
    when addresses.kind in ('outside', 'allowed') and source_region is not null then 'no-endpoint-in-aws'
    when addresses.kind in ('outside', 'allowed') then 'no-endpoint'
    else 'address-unseen'
  end) as reason
from preview_requests as requests
left join preview_addresses as addresses on addresses.address = requests.source_ip;
