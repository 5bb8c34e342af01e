-- Denied: reads of objects whose aws:SourceArn is not the distribution. Only origin access control sends it.
create or replace temp view preview_judged as
select
  requests.*,
  coalesce(frame_reason, case
    when action not in ('GetObject', 'HeadObject', 'GetObjectAttributes', 'GetObjectTorrent', 'SelectObjectContent')
      then 'no-object-read'
    when principal = 'service:cloudfront.amazonaws.com' then 'cloudfront'
    when list_contains(getvariable('preview_break_glass'), principal) then 'break-glass'
    when kind_of_principal(principal) = 'cloudfront' then 'origin-access-identity'
    when operation like 'WEBSITE.%' then 'website-endpoint'
    when principal = 'anonymous' and contains(user_agent, 'Amazon CloudFront') then 'cloudfront-unsigned'
    when is_service_principal then 'other-service'
    when operation like 'REST.COPY.%' then 'copy-source'
    else 'direct'
  end) as reason
from preview_requests as requests;
