/** The questions that an investigation asks, each a file of sections/: what it is called, for whom it is asked, and its SQL. */
import type { DuckDBConnection, DuckDBTimestampValue } from '@duckdb/node-api';
import { timestampValue } from '../../store/catalog.js';
import { queryRows } from '../../store/duckdb.js';
import { sqlText } from '../../store/sql-files.js';
import { timestampLiteral } from '../../store/sql-literal.js';
import { nameCondition, printedEventCondition, type MatchedKind, type SubjectValues } from './conditions.js';

/** A value of a row: times are ISO 8601 UTC. */
export type Value = string | number | boolean | null;
export type SectionRow = Readonly<Record<string, Value>>;

/** One answered question. `query` is complete: `bucketwatch query` runs it over the whole lake. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly SectionRow[];
  readonly query: string;
}

interface Question {
  readonly id: string;
  readonly title: string;
  /** Null: for every kind. */
  readonly kinds: readonly MatchedKind[] | null;
  /** The file of sections/, when it is not the id. */
  readonly file?: string;
}

const isNotPrincipal: readonly MatchedKind[] = [
  'ip',
  'network',
  'addresses',
  'access-key',
  'bucket',
  'object',
  'vpc-endpoint',
  'user-agent',
];

/** In the order in which they are printed, behind the facts and the timeline. */
const questions: readonly Question[] = [
  { id: 'findings', title: 'Findings', kinds: null },
  { id: 'news', title: 'New against its history', kinds: null },
  { id: 'principals', title: 'Who', kinds: isNotPrincipal },
  { id: 'networks', title: 'From where', kinds: ['principal', 'bucket', 'object', 'vpc-endpoint', 'user-agent'] },
  { id: 'addresses', title: 'From which addresses', kinds: ['session', 'network', 'addresses', 'access-key'] },
  { id: 'actions', title: 'What', kinds: null },
  { id: 'errors', title: 'Errors', kinds: null },
  { id: 'sessions', title: 'Sessions and keys', kinds: ['principal', 'ip', 'addresses', 'access-key', 'session'] },
  { id: 'same-address', title: 'Others at its addresses', kinds: ['principal', 'session', 'access-key', 'request'] },
  { id: 'same-session', title: 'Its sessions and keys elsewhere', kinds: ['ip', 'network', 'addresses', 'request'] },
  { id: 'requests', title: 'Latest requests', kinds: null },
];

/**
 * The sections of a subject. When only the latest of its events were fetched, what is new is asked of the rollups, which
 * know the whole history of principals and buckets.
 */
export function questionsOf(
  { kind, values }: SubjectValues,
  { isCut }: { readonly isCut: boolean },
): readonly Question[] {
  // Callers without a name share nothing with each other but the internet.
  const isNobody =
    kind === 'principal' && values.every((value) => /^(?:anonymous|unauthenticated|service:)/.test(value));
  const isRolledUp = isCut && (kind === 'principal' || kind === 'bucket');
  return questions
    .filter(({ id, kinds }) => (kinds === null || kinds.includes(kind)) && !(isNobody && id === 'same-address'))
    .map((question) => (isRolledUp && question.id === 'news' ? { ...question, file: `news-${kind}` } : question));
}

/** What SQL of sections may name, in milliseconds since 1970, seconds and days. */
export interface SectionParameters {
  readonly fromMs: number;
  readonly toMs: number;
  readonly historyFromMs: number;
  /** The time around the events in which everybody's rows are looked at. */
  readonly relatedFromMs: number;
  readonly relatedToMs: number;
  readonly stepSeconds: number;
  readonly baselineDays: number;
}

/** Runs the SQL of a section over the tables of `narrowEvents`. */
export async function askSection(
  connection: DuckDBConnection,
  { id, title, file = id }: Pick<Question, 'id' | 'title' | 'file'>,
  subject: SubjectValues,
  parameters: SectionParameters,
): Promise<Section> {
  const text = sqlText(`queries/investigation/sections/${file}.sql`).trim();
  const executed = text.replaceAll('$condition', nameCondition(subject).executed);
  const values = Object.fromEntries(
    Object.entries(valuesOf(parameters)).filter(([name]) => new RegExp(`\\$${name}\\b`).test(text)),
  );
  const rows = await queryRows<Record<string, unknown>>(connection, executed, values);
  return { id, title, rows: rows.map(plainRow), query: printedQuery(text, subject, parameters) };
}

function valuesOf({
  fromMs,
  toMs,
  relatedFromMs,
  relatedToMs,
  stepSeconds,
  baselineDays,
}: SectionParameters): Record<string, DuckDBTimestampValue | number> {
  return {
    from: timestampValue(fromMs * 1000),
    to: timestampValue(toMs * 1000),
    related_from: timestampValue(relatedFromMs * 1000),
    related_to: timestampValue(relatedToMs * 1000),
    step_seconds: stepSeconds,
    baseline_days: baselineDays,
  };
}

function plainRow(row: Readonly<Record<string, unknown>>): SectionRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)]));
}

function plainValue(value: unknown): Value {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : JSON.stringify(value);
}

const at = (ms: number): string => timestampLiteral(ms * 1000);

/** The SQL with the tables of the investigation spelt out as common table expressions, and values as literals. */
function printedQuery(text: string, subject: SubjectValues, parameters: SectionParameters): string {
  const { fromMs, toMs, historyFromMs, stepSeconds, baselineDays } = parameters;
  const table = (name: string, beginsMs: number): string =>
    [
      `${name} as (`,
      '  select *',
      '  from api_events',
      `  where ${printedEventCondition(subject)}`,
      `    and event_time >= ${at(beginsMs)} and event_time < ${at(toMs)}`,
      ')',
    ].join('\n');
  const tables = [
    ...(text.includes('subject_history') ? [table('subject_history', historyFromMs)] : []),
    ...(text.includes('subject_events') ? [table('subject_events', fromMs)] : []),
  ];
  const literal: Readonly<Record<string, () => string>> = {
    $condition: () => nameCondition(subject).printed,
    $from: () => at(fromMs),
    $to: () => at(toMs),
    $related_from: () => at(parameters.relatedFromMs),
    $related_to: () => at(parameters.relatedToMs),
    $step_seconds: () => String(stepSeconds),
    $baseline_days: () => String(baselineDays),
  };
  const body = text.replace(/\$[a-z_]+/g, (name) => literal[name]?.() ?? name);
  return withTables(tables, body);
}

/** Puts common table expressions before those that the query has itself; its opening comment stays first. */
function withTables(tables: readonly string[], body: string): string {
  if (tables.length === 0) return body;
  const [, comment = '', rest = body] = /^((?:--[^\n]*\n)*)(.*)$/s.exec(body) ?? [];
  const own = /^with (.*)$/s.exec(rest);
  return own === null
    ? `${comment}with ${tables.join(',\n')}\n${rest}`
    : `${comment}with ${tables.join(',\n')},\n${own[1]!}`;
}
