/*---
title: Log objects by day of reading
question: How many log objects and lines were read, and was each line accounted for?
group: coverage
columns:
  day: "Day on which they were read, UTC."
  objects: Number of log objects.
  bytes: Bytes as stored.
  lines: "Records that are neither blank nor skipped; lines = rows + duplicates + rejected."
  rows: Records that became rows of the lake.
  duplicates: Records that the lake had already.
  rejected: "Records that could not be parsed; the query rejects lists them."
---*/
select
  cast(read_at as date) as day,
  count(*) as objects,
  cast(sum(size) as bigint) as bytes,
  cast(sum(lines) as bigint) as lines,
  cast(sum("rows") as bigint) as "rows",
  cast(sum(duplicates) as bigint) as duplicates,
  cast(sum(rejected) as bigint) as rejected
from objects
group by 1
order by day;
