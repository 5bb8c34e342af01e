/**
 * What of a query is not in the SQL that DuckDB and Trino share. DuckDB parses it (json_serialize_sql, offline) and every
 * function, clause and cast of its tree must be on a list; what the parser folds away is looked for in the text. The lists
 * are the ones of the design's research, tried on DuckDB and known of Trino (2026).
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryMarks } from '../../detectors/format/query-text.js';
import { queryRows } from '../../store/duckdb.js';

/** Functions of both, or of Trino with a macro of that name in store/views/macros.sql. */
const functions = new Set(
  `abs any_value approx_percentile array_agg array_distinct array_intersect array_join array_sort arbitrary avg
  bool_and bool_or cardinality ceil concat contains count count_if count_star date_diff date_trunc day element_at exp
  filter flatten floor greatest histogram hour if json_array_length json_extract json_extract_scalar least length ln log10
  lower lpad map_from_entries max max_by min min_by mod month nullif power regexp_extract regexp_extract_all regexp_like replace reverse round row
  sequence slice split split_part starts_with stddev stddev_pop strpos substr sum to_unixtime trim upper unnest var_samp year`.split(
    /\s+/,
  ),
);

/** How DuckDB names operators and the parts of an interval in its tree. */
const operators = new Set([
  '+',
  '-',
  '*',
  '/',
  '||',
  '~~',
  '!~~',
  'trunc',
  'to_days',
  'to_hours',
  'to_minutes',
  'to_seconds',
]);

const types = new Set(['BIGINT', 'BOOLEAN', 'DATE', 'DECIMAL', 'DOUBLE', 'INTEGER', 'TIMESTAMP', 'VARCHAR']);

/** Classes of expressions beside functions and casts, with the kinds of each that both have; null is any. */
const expressions: Readonly<Record<string, readonly string[] | null>> = {
  BETWEEN: null,
  CASE: null,
  COLUMN_REF: null,
  COMPARISON: null,
  CONJUNCTION: null,
  CONSTANT: null,
  LAMBDA: null,
  PARAMETER: null,
  STAR: null,
  SUBQUERY: null,
  OPERATOR: [
    'ARRAY_CONSTRUCTOR',
    'COMPARE_IN',
    'COMPARE_NOT_IN',
    'OPERATOR_COALESCE',
    'OPERATOR_IS_NOT_NULL',
    'OPERATOR_IS_NULL',
    'OPERATOR_NOT',
    'OPERATOR_TRY',
  ],
  WINDOW: ['WINDOW_AGGREGATE', 'WINDOW_LAG', 'WINDOW_LEAD', 'WINDOW_RANK', 'WINDOW_ROW_NUMBER'],
};

/** What the tree does not tell: `x::type`, and what begins with the same words in both. */
const text: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/::/, 'a cast with ::; expected cast(… as …)'],
  [/\bilike\b/i, 'ilike; expected like on lower(…)'],
  [/\border by all\b/i, 'order by all; expected columns'],
  [/^\s*from\b/i, 'a query that starts with from; expected select'],
  [/\[\s*-\d|\[[^\]]*:[^\]]*\]/, 'a negative or sliced subscript; expected element_at or slice'],
  [
    /\bcontains\((?!\$|array|filter|slice|\w+_list\b)/i,
    'contains on text; expected strpos(…) > 0, as contains is for arrays',
  ],
  [
    /\b(now|current_date|current_timestamp|today|random|uuid)\b\s*(\(|$|[,\s])/i,
    'a clock or chance; a query is a function of its data',
  ],
];

type Node = Readonly<Record<string, unknown>>;

/** Problems of one query, each once. `ownMacros` are functions that the query may call because they are checked themselves. */
export async function portabilityProblems(
  connection: DuckDBConnection,
  query: string,
  ownMacros: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const rows = await queryRows<{ tree: string }>(connection, 'select json_serialize_sql($1::varchar) as tree', [query]);
  const tree = JSON.parse(rows[0]!.tree) as Node;
  if (tree['error'] === true) return [`cannot be parsed: ${String(tree['error_message'])}`];
  const problems = new Set<string>(textProblems(query));
  visit(tree, (node) => {
    const problem = problemOf(node, ownMacros);
    if (problem !== null) problems.add(problem);
  });
  return [...problems].sort();
}

/** Strings and comments say what they like. */
function textProblems(query: string): string[] {
  const bare = withoutStrings(query);
  return text.filter(([pattern]) => pattern.test(bare)).map(([, what]) => what);
}

export function withoutStrings(query: string): string {
  return query.replace(/--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'/g, (found) => (found.startsWith("'") ? "''" : ' '));
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value as unknown[]) visit(item, see);
  else if (value !== null && typeof value === 'object') {
    see(value as Node);
    for (const child of Object.values(value)) visit(child, see);
  }
}

function problemOf(node: Node, ownMacros: ReadonlySet<string>): string | null {
  const { class: kind, type } = node as { readonly class?: string; readonly type?: string };
  if (kind === 'FUNCTION') return functionProblem(node, ownMacros);
  if (kind === 'CAST') return castProblem(node);
  if (kind !== undefined) return expressionProblem(kind, type ?? '', node);
  if (type === 'SELECT_NODE') return selectProblem(node);
  if (type === 'JOIN') return joinProblem(node);
  if (type === 'TABLE_FUNCTION') return tableFunctionProblem(node);
  return type === 'PIVOT' || type === 'SHOW_REF' ? `${type}: not in both` : null;
}

function functionProblem(node: Node, ownMacros: ReadonlySet<string>): string | null {
  const name = String(node['function_name']);
  const isKnown = functions.has(name) || operators.has(name) || ownMacros.has(name);
  return isKnown ? null : `${name}: not in the SQL that DuckDB and Trino share`;
}

function castProblem(node: Node): string | null {
  const { id } = node['cast_type'] as { readonly id: string };
  return types.has(id) ? null : `cast as ${id}: not a type of both`;
}

function expressionProblem(kind: string, type: string, node: Node): string | null {
  const known = expressions[kind];
  if (known === undefined || (known !== null && !known.includes(type))) return `${kind} ${type}: not in both`;
  if (kind !== 'STAR') return null;
  const isPlain = ['exclude_list', 'replace_list', 'qualified_exclude_list'].every((list) => isEmpty(node[list]));
  return isPlain && node['columns'] !== true ? null : 'exclude, replace or columns; expected the columns by name';
}

function selectProblem(node: Node): string | null {
  if (node['qualify'] !== null && node['qualify'] !== undefined) return 'qualify; expected a condition on a subquery';
  return node['aggregate_handling'] === 'STANDARD_HANDLING' ? null : 'group by all; expected columns';
}

function joinProblem(node: Node): string | null {
  const isJoin = ['INNER', 'LEFT', 'RIGHT', 'OUTER'].includes(String(node['join_type']));
  const isReference = ['CROSS', 'REGULAR'].includes(String(node['ref_type']));
  return isJoin && isReference ? null : `join ${String(node['join_type'])} ${String(node['ref_type'])}: not in both`;
}

/** `cross join unnest(…) as t(x)` is in both. */
function tableFunctionProblem(node: Node): string | null {
  const { function_name: name } = node['function'] as { readonly function_name?: string };
  return name === 'unnest' ? null : `${String(name)} as a table: not in both`;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** Statements of a file, without their line comments. */
export function statementsOf(sql: string): string[] {
  const ends = queryMarks(sql).filter(({ kind }) => kind === 'semicolon');
  const starts = [0, ...ends.map(({ offset }) => offset + 1)];
  return starts
    .map((start, index) => sql.slice(start, ends[index]?.offset ?? sql.length).replace(/--[^\n]*/g, ''))
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
