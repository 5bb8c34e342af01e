-- Scalar macros that views and detectors share. Where Trino has the function under the same name, the macro only
-- gives DuckDB that name, so that a detector is the same text on both.

create or replace temp macro regexp_like(text, pattern) as regexp_matches(text, pattern);
create or replace temp macro json_extract_scalar(document, path) as json_extract_string(document, path);
create or replace temp macro to_unixtime(moment) as epoch(moment);
create or replace temp macro cardinality(items) as len(items);
create or replace temp macro element_at(items, nth) as items[nth];
create or replace temp macro approx_percentile(value, fraction) as approx_quantile(value, fraction);

-- regexp_extract and like are worked out once for each value of a dictionary, regexp_like and the later arms of a case for every row:
-- the callers of ten million requests are a few hundred.
create or replace temp macro account_id_in(text, pattern) as nullif(regexp_extract(text, pattern, 1), '');

-- arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, the account; null when it is not twelve digits.
create or replace temp macro account_of_arn(arn) as account_id_in(arn, '^(?:[^:]*:){4}([0-9]{12})(?::|$)');

-- role, user, root, federated, service, account, canonical, cloudfront, anonymous, unauthenticated or unknown.
create or replace temp macro kind_of_principal(principal) as
  case
    when principal like 'arn:%:iam::____________:role/%' then 'role'
    when principal like 'arn:%:iam::____________:user/%' then 'user'
    when principal in ('anonymous', 'unauthenticated') then principal
    when starts_with(principal, 'service:') then 'service'
    when starts_with(principal, 'account:') then 'account'
    when starts_with(principal, 'canonical:') then 'canonical'
    when starts_with(principal, 'cloudfront:') or strpos(principal, ':iam::cloudfront:user/') > 0 then 'cloudfront'
    when principal like 'arn:%:iam::____________:root' then 'root'
    when strpos(principal, ':federated-user/') > 0 then 'federated'
    else 'unknown'
  end;

create or replace temp macro account_of_principal(principal) as
  coalesce(account_of_arn(principal), case when starts_with(principal, 'account:') then substr(principal, 9) end);

-- Work that AWS does by itself, as CloudTrail tells it: by its identity, by the service that asked, or by its address.
create or replace temp macro is_service_identity(type, invoked_by, address) as
  coalesce(type = 'AWSService', false)
    or coalesce(invoked_by like '%.amazonaws.com', false)
    or coalesce(address like '%.amazonaws.com', false)
    or coalesce(starts_with(address, 'AWS Internal'), false);

-- Trino's names again, for arrays.
create or replace temp macro slice(items, start, length) as list_slice(items, start, start + length - 1);
create or replace temp macro sequence(first, last) as generate_series(first, last);
create or replace temp macro array_join(items, separator) as array_to_string(items, separator);

-- The services whose CloudTrail events are about buckets and objects.
create or replace temp macro is_s3_source(event_source) as
  event_source in ('s3.amazonaws.com', 's3express.amazonaws.com', 's3-outposts.amazonaws.com', 's3-object-lambda.amazonaws.com');

-- Whether a text begins with one of a list; a list that is null has none.
create or replace temp macro has_prefix(text, prefixes) as
  coalesce(cardinality(filter(prefixes, prefix -> starts_with(text, prefix))) > 0, false);
