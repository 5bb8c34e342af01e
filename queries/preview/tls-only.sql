-- Denied: aws:SecureTransport is false, and with a minimum s3:TlsVersion below it. Variable: preview_min_tls (double or null).
create or replace temp view preview_judged as
with
versions as (
  select requests.*, try_cast(regexp_extract(lower(tls_version), '^tlsv([0-9.]+)$', 1) as double) as tls_number
  from preview_requests as requests
)
select
  * exclude (tls_number),
  coalesce(frame_reason, case
    when tls_version is null and cipher_suite is null and is_service_principal then 'aws-service'
    when tls_version is null and cipher_suite is null and is_via_service then 'aws-service'
    when tls_version is null and cipher_suite is null and not has_transfer_facts then 'tls-unseen'
    when tls_version is null and cipher_suite is null and source_ip is null then 'tls-unseen'
    when tls_version is null and cipher_suite is null and operation like 'WEBSITE.%' then 'website-endpoint'
    when tls_version is null and cipher_suite is null and source = 'cloudtrail' then 'no-cipher'
    when tls_version is null and cipher_suite is null then 'plain-http'
    when getvariable('preview_min_tls') is null then 'tls'
    when tls_version is null and cipher_suite like 'TLS\_%' escape '\' then 'tls'
    when tls_number is null then 'tls-version-unseen'
    when tls_number < getvariable('preview_min_tls') then 'old-tls'
    else 'tls'
  end) as reason
from versions;
