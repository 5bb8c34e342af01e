-- One row: how many rows the files in the variable compared_files hold, and a digest, a count and a type of each column.
-- Digests are equal only when the multisets of values are, but for a chance of one in 2^64 a column. Both sides blank
-- secrets, with marks of different lengths, so that these are left out.
select
  count(*) as "rows",
  sum(hash(columns(name -> name <> 'log_line')))::varchar as '\0_digest',
  count(columns(name -> name <> 'log_line')) as '\0_count',
  any_value(typeof(columns(name -> name <> 'log_line'))) as '\0_type'
from (
  select * replace (
    regexp_replace(request_uri, '(X-Amz-(?:Signature|Credential|Security-Token)=)[^& ]*', '\1', 'g') as request_uri
  )
  from read_parquet(getvariable('compared_files'), hive_partitioning = false)
);
