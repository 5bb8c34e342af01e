/*---
title: Lines that could not be parsed
question: Which lines were rejected, where are they, and why?
parameters:
  limit: { description: Rows., default: 50 }
---*/
select log_uri, log_line, log_offset, reason, detail, raw_length, left(cast(raw as varchar), 200) as beginning
from rejects
order by run_date desc, log_uri, log_line
limit cast($limit as bigint);
