create or replace temp view rejects as
select log_uri, log_type, log_line, log_offset, reason, detail, raw_length, raw, dt as run_date
from read_parquet(getvariable('rejects_files'), hive_partitioning = true);
