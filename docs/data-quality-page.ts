/** docs/data-quality.md: how every line is accounted for, and what bad input gets. */
import { rejectReasons, rowFlags, skippedKinds } from '../parsers/reject.js';
import { accessLogInput, cloudtrailInput, objectInput, type BadInput, type Fate } from './bad-input.js';
import { block, code, joined, page, prose, section, table } from './markdown.js';

const accounts = `\
\`lines = rows + duplicates + rejected\` holds for every object and every run. It is checked when a run commits, printed by
\`bucketwatch status\`, and kept in the tables \`objects\` and \`runs\`.

- A **line** is a line of an access log or a record of CloudTrail. Blank lines and deliberately skipped records are not lines; an object
  that is rejected as a whole counts as one.
- A **row** is a line that is in the lake.
- A **duplicate** is a line that the lake had already: the same time, request id, bucket, operation, key, status and version in an
  access log, the same event id and recipient account in CloudTrail. A COPY pair and the keys of a batch delete share their request id
  and are not duplicates.
- A **rejected** line could not be parsed. It is in the table \`rejects\` with object, line, byte offset, reason and its bytes, secrets blanked.

One bad line never stops an object, and one bad object never stops a run. An object that cannot be read at all (it vanished, access
is denied) is not a reject: the run ends with exit code 3 and the next one tries it again.`;

const accountsSql = `\
select sum(lines) as lines, sum("rows") as "rows", sum(duplicates) as duplicates, sum(rejected) as rejected
from objects;`;

const rejectsSql = `\
select reason, count(*) as records, min(log_uri) as for_example
from rejects
group by reason
order by records desc, reason;`;

const flagsSql = `\
select flag, count(*) as "rows"
from (
  select unnest(string_split(flags, ',')) as flag from s3_access_log where flags is not null
  union all
  select unnest(string_split(flags, ',')) as flag from cloudtrail where flags is not null
)
group by flag
order by flag;`;

const skippedSql = `\
select kind, sum(cast(skipped ->> kind as bigint)) as records
from (select skipped, unnest(json_keys(skipped)) as kind from objects where skipped is not null)
group by kind
order by kind;`;

export function dataQualityPage(): string {
  return page(
    'Data quality',
    section(2, 'Every line is accounted for', accounts, block('sh', 'bucketwatch status'), block('sql', accountsSql)),
    section(
      2,
      'Reject reasons',
      'The column `reason` of `rejects`.',
      ...codeSections(rejectReasons),
      block('sql', rejectsSql),
    ),
    section(
      2,
      'Row flags',
      'The column `flags` of a stored row: oddities that cost nothing but certainty.',
      ...codeSections(rowFlags),
      block('sql', flagsSql),
    ),
    section(
      2,
      'Skipped kinds',
      'Recognised and deliberately not stored; counted in the column `skipped` of `objects` and `runs`.',
      ...codeSections(skippedKinds),
      block('sql', skippedSql),
    ),
    section(
      2,
      'What bad input gets',
      joined(
        inputTable('Access logs', accessLogInput),
        inputTable('CloudTrail', cloudtrailInput),
        inputTable('Objects', objectInput),
      ),
    ),
  );
}

function codeSections(codes: Readonly<Record<string, string>>): string[] {
  return Object.entries(codes).map(([name, meaning]) => section(3, code(name), prose(meaning)));
}

function inputTable(title: string, inputs: readonly BadInput[]): string {
  const rows = inputs.map(({ input, fate, note = '' }) => [prose(input), fateText(fate), prose(note)]);
  return section(3, title, table(['input', 'gets', ''], rows));
}

function fateText(fate: Fate): string {
  if (typeof fate === 'string') return { row: 'a row', duplicate: 'counted as a duplicate', nothing: 'nothing' }[fate];
  if ('flag' in fate) return `a row, flag ${code(fate.flag)}`;
  if ('skip' in fate) return `skipped, ${code(fate.skip)}`;
  return `rejected, ${code(fate.reject)}`;
}
