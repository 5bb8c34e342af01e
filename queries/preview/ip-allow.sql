-- Denied: aws:SourceIp outside the networks. A request through a VPC endpoint has no such key, and is denied by that, unless
-- the endpoint is one of preview_endpoints (list, may be empty).
create or replace temp view preview_judged as
select
  requests.*,
  coalesce(frame_reason, case
    when is_service_principal then 'aws-service'
    when is_via_service then 'via-service'
    when list_contains(getvariable('preview_break_glass'), principal) then 'break-glass'
    when vpc_endpoint_id is not null and not starts_with(vpc_endpoint_id, 'vpce-') then 'endpoint-of-aws'
    when list_contains(getvariable('preview_endpoints'), vpc_endpoint_id) then 'endpoint-allowed'
    when vpc_endpoint_id is not null then 'through-endpoint'
    when addresses.kind = 'allowed' then 'address-allowed'
    when addresses.kind = 'private' and not has_trail and len(getvariable('preview_endpoints')) > 0 then 'endpoint-unseen'
    when addresses.kind = 'private' then 'through-endpoint'
    when addresses.kind is null or addresses.kind = 'none' then 'address-unseen'
    when not has_trail and source_region is not null then 'address-outside-in-aws'
    else 'address-outside'
  end) as reason
from preview_requests as requests
left join preview_addresses as addresses on addresses.address = requests.source_ip;
