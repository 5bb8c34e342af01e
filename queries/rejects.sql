/*---
title: Lines that could not be parsed
question: Which lines were rejected, where are they, and why?
group: coverage
parameters:
  limit: { description: Rows., default: 50 }
columns:
  log_uri: ~
  log_line: "Line from 1 or record from 0; null when the whole object was rejected."
  log_offset: Byte offset of the record in the inflated object.
  reason: "Reason code, see docs/data-quality.md."
  detail: What was found and what was expected.
  raw_length: Bytes of the rejected record.
  beginning: The first 200 bytes of it.
---*/
select log_uri, log_line, log_offset, reason, detail, raw_length, left(cast(raw as varchar), 200) as beginning
from rejects
order by run_date desc, log_uri, log_line
limit cast($limit as bigint);
