select reason, count(*) as records, min(log_uri) as example
from rejects
group by reason
order by records desc, reason
limit 20
