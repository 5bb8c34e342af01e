/** What the tab key offers: commands, keywords, tables, columns of the tables named so far, library queries, parameters. */
import type { LibraryQuery } from '../../queries/library.js';
import { publicViews } from '../../store/view-columns.js';
import { commandNames, commandArguments } from './command-names.js';

const starts = ['select', 'with', 'from', 'describe', 'summarize', 'show tables', 'explain'];

const keywords =
  `all and array_agg as asc avg between bool_or by cast case coalesce count count_if cross date_trunc desc distinct
  else end except exists filter from group having in interval is join left like limit max max_by min min_by not null nulls
  offset on or order over partition regexp_matches select starts_with sum then timestamp union using values when where
  window with`.split(/\s+/);

/** Tables and views that a query can name. */
export const tableNames: readonly string[] = [
  ...Object.keys(publicViews),
  'aws_cloudtrail_log',
  'aws_s3_server_access_log',
].sort();

/** Candidates and the text that they complete, as readline wants them. */
export type Completion = [candidates: string[], completed: string];

/** Completes the end of `line`; `pending` are the lines of the statement before it. */
export function complete(line: string, pending: string, library: readonly LibraryQuery[]): Completion {
  const [word = ''] = /[^\s(),;]*$/.exec(line) ?? [];
  const before = line.slice(0, line.length - word.length);
  const isFirst = pending.trim() === '' && before.trim() === '';
  if (pending.trim() === '' && line.trimStart().startsWith('.')) return completeCommand(before, word, library);
  if (isFirst) return matching(word, [...starts, ...library.map(({ name }) => name)]);
  const called = pending.trim() === '' ? library.find(({ name }) => name === before.trim().split(/\s+/)[0]) : undefined;
  if (called !== undefined) return matching(word, unused(Object.keys(called.parameters), before));
  if (/\b(from|join|describe|summarize)\s+$/i.test(`${pending}${before}`)) return matching(word, tableNames);
  return completeExpression(word, `${pending} ${line}`);
}

function unused(parameters: readonly string[], before: string): string[] {
  return parameters.map((name) => `${name}=`).filter((name) => !before.includes(` ${name}`));
}

function completeCommand(before: string, word: string, library: readonly LibraryQuery[]): Completion {
  const [command] = before.trim().split(/\s+/);
  if (command === undefined || command === '') return matching(word, commandNames);
  const given = commandArguments[command];
  if (given === 'table') return matching(word, tableNames);
  if (given === 'query')
    return matching(
      word,
      library.map(({ name }) => name),
    );
  return matching(word, given ?? []);
}

/** Columns of the tables of the statement, by `table.` only those of that table; of s3_events while there is none. */
function completeExpression(word: string, statement: string): Completion {
  const [, qualifier, part] = /^(\w+)\.(\w*)$/.exec(word) ?? [];
  if (qualifier !== undefined) {
    const columns = Object.keys(viewColumns(tableOfAlias(qualifier, statement)));
    return matching(
      `${qualifier}.${part}`,
      columns.map((column) => `${qualifier}.${column}`),
    );
  }
  const named = Object.keys(publicViews).filter((table) => new RegExp(`\\b${table}\\b`).test(statement));
  const tables = named.length === 0 ? ['s3_events'] : named;
  return matching(word, [...tables.flatMap((table) => Object.keys(viewColumns(table))), ...keywords, ...tableNames]);
}

function tableOfAlias(alias: string, statement: string): string {
  const named = statement.matchAll(new RegExp(`\\b(\\w+)(?:\\s+as)?\\s+${alias}\\b`, 'gi'));
  return Array.from(named, ([, table]) => table!).find((table) => Object.hasOwn(publicViews, table)) ?? alias;
}

function viewColumns(table: string): Readonly<Record<string, string>> {
  return Object.hasOwn(publicViews, table) ? publicViews[table as keyof typeof publicViews].columns : {};
}

/** Whoever types capitals gets capitals. */
function matching(word: string, candidates: readonly string[]): Completion {
  const isUpper = /[A-Z]/.test(word) && word === word.toUpperCase();
  const found = [...new Set(candidates)].filter((candidate) => candidate.startsWith(word.toLowerCase())).sort();
  return [found.map((candidate) => (isUpper ? candidate.toUpperCase() : candidate)), word];
}
