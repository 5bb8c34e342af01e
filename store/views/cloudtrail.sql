create or replace temp view cloudtrail as
select *
from read_parquet(getvariable('cloudtrail_files'), hive_partitioning = true);
