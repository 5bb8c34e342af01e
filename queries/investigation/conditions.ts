/**
 * Which events are of a subject: one condition a kind, over the columns that `api_events` and the views below it share.
 * What runs takes values from variables; what is printed has them as literals, so that it runs anywhere.
 */
import { textLiteral } from '../../store/sql-literal.js';
import type { SubjectKind } from './subject.js';

/** The kinds that events are matched by. A finding is looked at through what it is about, a small network through its addresses. */
export type MatchedKind = Exclude<SubjectKind, 'finding'> | 'addresses';

/** What is looked for. `values` has more than one where several names are the same, or for a network. */
export interface SubjectValues {
  readonly kind: MatchedKind;
  readonly values: readonly string[];
  /** The object key of kind `object`; null for all others. */
  readonly key: string | null;
}

const columns: Readonly<Record<MatchedKind, string>> = {
  principal: 'principal',
  session: 'principal_raw',
  ip: 'source_ip',
  network: 'source_network',
  addresses: 'source_ip',
  'access-key': 'access_key_id',
  bucket: 'bucket',
  object: 'bucket',
  request: 'request_id',
  'vpc-endpoint': 'vpc_endpoint_id',
  'user-agent': 'user_agent',
};

/** Columns that findings have too; rollups have the first and the last but one. */
const namedColumns: Readonly<Partial<Record<MatchedKind, string>>> = {
  principal: 'principal',
  ip: 'source_ip',
  addresses: 'source_ip',
  bucket: 'bucket',
  object: 'bucket',
};

/** How values are written: as variables of the connection, or as literals. */
interface Notation {
  readonly one: (index: number) => string;
  readonly list: (count: number) => string;
  readonly key: string;
}

const variables: Notation = {
  one: () => "getvariable('subject_values')[1]",
  list: () => "(select unnest(getvariable('subject_values')))",
  key: "getvariable('subject_key')[1]",
};

function literals({ values, key }: SubjectValues): Notation {
  return {
    one: (index) => textLiteral(values[index]!),
    list: () => `(${values.map(textLiteral).join(', ')})`,
    key: textLiteral(key ?? ''),
  };
}

function condition({ kind, values }: SubjectValues, column: string, { one, list, key }: Notation): string {
  if (kind === 'user-agent') return `starts_with(${column}, ${one(0)})`;
  const isOne = values.length === 1 ? `${column} = ${one(0)}` : `${column} in ${list(values.length)}`;
  if (kind === 'vpc-endpoint') return `request_id in (select request_id from cloudtrail where ${isOne})`;
  return kind === 'object' ? `${isOne} and "key" = ${key}` : isOne;
}

/** The condition on events, with the variables `subject_values` and `subject_key` in it. */
export function eventCondition(subject: SubjectValues): string {
  return condition(subject, columns[subject.kind], variables);
}

/** The same condition with its values, as people read and copy it. */
export function printedEventCondition(subject: SubjectValues): string {
  return condition(subject, columns[subject.kind], literals(subject));
}

/** The condition on findings and rollups, which have fewer columns; with variables, and as people copy it. */
export function nameCondition(subject: SubjectValues): { readonly executed: string; readonly printed: string } {
  const column = namedColumns[subject.kind];
  if (column === undefined) return { executed: 'false', printed: 'false' };
  return {
    executed: condition(subject, column, variables),
    printed: condition(subject, column, literals(subject)),
  };
}
