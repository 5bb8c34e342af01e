-- Scalar macros that views and detectors share. Where Trino has the function under the same name, the macro only
-- gives DuckDB that name, so that a detector is the same text on both.

create or replace temp macro regexp_like(text, pattern) as regexp_matches(text, pattern);
create or replace temp macro json_extract_scalar(document, path) as json_extract_string(document, path);
create or replace temp macro to_unixtime(moment) as epoch(moment);
create or replace temp macro cardinality(items) as len(items);
create or replace temp macro element_at(items, nth) as list_extract(items, nth);
create or replace temp macro approx_percentile(value, fraction) as approx_quantile(value, fraction);

-- arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, the account; null when it is not twelve digits.
create or replace temp macro account_of_arn(arn) as
  case when regexp_matches(split_part(arn, ':', 5), '^[0-9]{12}$') then split_part(arn, ':', 5) end;

-- The role behind a session, without the path that only some logs show; other ARNs as they are.
create or replace temp macro principal_of_arn(arn) as
  case
    when regexp_matches(arn, '^arn:[^:]+:sts::[0-9]{12}:assumed-role/')
      then 'arn:' || split_part(arn, ':', 2) || ':iam::' || split_part(arn, ':', 5) || ':role/' || split_part(arn, '/', 2)
    when regexp_matches(arn, '^arn:[^:]+:iam::[0-9]{12}:role/.+/')
      then regexp_replace(arn, ':role/.*/', ':role/')
    else arn
  end;

-- The requester of an access-log row. Lifecycle and other work of S3 itself is the service s3.amazonaws.com.
create or replace temp macro principal_of_requester(requester, authentication_type, operation) as
  case
    when requester is null and starts_with(operation, 'S3.') then 'service:s3.amazonaws.com'
    when requester is null and authentication_type is null then 'anonymous'
    when requester is null then 'unauthenticated'
    when starts_with(requester, 'svc:') then 'service:' || substr(requester, 5)
    when requester = 'AmazonS3' then 'service:s3.amazonaws.com'
    when starts_with(requester, 'arn:') then principal_of_arn(requester)
    when regexp_matches(requester, '^[0-9a-f]{64}$') then 'canonical:' || requester
    when regexp_matches(requester, '^[0-9a-f]{96}$') then 'cloudfront:' || requester
    else requester
  end;

-- role, user, root, federated, service, account, canonical, cloudfront, anonymous, unauthenticated or unknown.
create or replace temp macro kind_of_principal(principal) as
  case
    when principal in ('anonymous', 'unauthenticated') then principal
    when starts_with(principal, 'service:') then 'service'
    when starts_with(principal, 'account:') then 'account'
    when starts_with(principal, 'canonical:') then 'canonical'
    when starts_with(principal, 'cloudfront:') or contains(principal, ':iam::cloudfront:user/') then 'cloudfront'
    when regexp_matches(principal, ':iam::[0-9]{12}:role/') then 'role'
    when regexp_matches(principal, ':iam::[0-9]{12}:user/') then 'user'
    when regexp_matches(principal, ':iam::[0-9]{12}:root$') then 'root'
    when contains(principal, ':federated-user/') then 'federated'
    else 'unknown'
  end;

create or replace temp macro account_of_principal(principal) as
  case when starts_with(principal, 'account:') then substr(principal, 9) else account_of_arn(principal) end;

-- The caller of a CloudTrail record.
create or replace temp macro principal_of_identity(type, arn, account_id, principal_id, invoked_by, issuer_arn) as
  case
    when type in ('AWSAccount', 'Unknown') and lower(account_id) in ('anonymous', 'anonymous_principal') then 'anonymous'
    when type = 'AWSService' then 'service:' || coalesce(invoked_by, 'unknown')
    when type = 'Root' then coalesce(arn, 'arn:aws:iam::' || account_id || ':root')
    when type = 'AWSAccount' and account_id = 'CloudFront' then 'cloudfront:' || coalesce(principal_id, '')
    when type = 'AWSAccount' then 'account:' || account_id
    when issuer_arn is not null and type <> 'FederatedUser' then principal_of_arn(issuer_arn)
    when arn is not null then principal_of_arn(arn)
    when principal_id is not null and principal_id <> '' then principal_id
    else 'unknown'
  end;

-- /24 of an IPv4 address, /48 of an IPv6 address as AWS writes it; null when it is neither.
create or replace temp macro network_of(address) as
  case
    when regexp_matches(address, '^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$')
      then regexp_extract(address, '^([0-9]+[.][0-9]+[.][0-9]+)[.]', 1) || '.0/24'
    when regexp_matches(address, '^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$')
      then lower(concat_ws(':', coalesce(nullif(split_part(address, ':', 1), ''), '0'),
        coalesce(nullif(split_part(address, ':', 2), ''), '0'), coalesce(nullif(split_part(address, ':', 3), ''), '0'))) || '::/48'
  end;
