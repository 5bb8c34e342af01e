/** docs/tables.md: every view and public table with its columns, types and two questions that it answers. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { queryRows } from '../store/duckdb.js';
import { publicViewNames, publicViews, type PublicViewName } from '../store/view-columns.js';
import { anchor, block, code, joined, list, page, prose, section, table } from './markdown.js';
import { tableQuestions, tailpipeViewNames, type Question, type TailpipeViewName } from './table-questions.js';

const introduction = `\
\`bucketwatch query "SELECT …"\` asks any of these in DuckDB's SQL; it only reads. Times are UTC, sizes are bytes, and every column
can be null unless its meaning says otherwise. Where log text can be anything, it is: quote it before you paste it elsewhere.`;

const tailpipeTitle = 'Names of Tailpipe';

const tailpipe = `\
The same rows under the names and types of [Tailpipe](https://hub.tailpipe.io/plugins/turbot/aws)'s tables, so that its public
queries run unchanged. What differs: \`requester\` is the empty text for unauthenticated requests, as there; \`key\` is as logged;
\`tp_id\` is object and line, \`tp_index\` the bucket or the account, \`tp_date\` the day of the event; \`tp_partition\`,
\`tp_ingest_timestamp\`, \`tp_destination_ip\`, \`tp_tags\` and \`tp_emails\` are always null, because nothing here knows them.`;

/** The page; `connection` is a reader's, of any data directory. */
export async function tablesPage(connection: DuckDBConnection): Promise<string> {
  const views: string[] = [];
  for (const name of publicViewNames) views.push(await viewSection(connection, name));
  const compatible: string[] = [];
  for (const name of tailpipeViewNames) compatible.push(await tailpipeSection(connection, name));
  return page('Tables', introduction, contents(), ...views, section(2, tailpipeTitle, tailpipe, ...compatible));
}

function contents(): string {
  return list([
    ...publicViewNames.map((name) => `[${code(name)}](${anchor(name)}): ${prose(publicViews[name].about)}`),
    `[${tailpipeViewNames.map(code).join(' and ')}](${anchor(tailpipeTitle)}): both logs under Tailpipe’s names.`,
  ]);
}

async function viewSection(connection: DuckDBConnection, name: PublicViewName): Promise<string> {
  const { about, columns } = publicViews[name];
  const types = await typesOf(connection, name);
  const rows = Object.entries(columns).map(([column, description]) => [
    code(column),
    types.get(column) ?? '',
    prose(description),
  ]);
  return section(
    2,
    code(name),
    prose(about),
    table(['column', 'type', 'meaning'], rows),
    questions(tableQuestions[name]),
  );
}

async function tailpipeSection(connection: DuckDBConnection, name: TailpipeViewName): Promise<string> {
  const types = await typesOf(connection, name);
  const rows = [...types].map(([column, type]) => [code(column), code(type)]);
  return section(3, code(name), table(['column', 'type'], rows), questions(tableQuestions[name]));
}

function questions(all: readonly Question[]): string {
  return joined(...all.map(({ question, sql }) => joined(question, block('sql', sql))));
}

async function typesOf(connection: DuckDBConnection, view: string): Promise<Map<string, string>> {
  const sql = 'select column_name, data_type from duckdb_columns() where table_name = $1 order by column_index';
  const rows = await queryRows<{ column_name: string; data_type: string }>(connection, sql, [view]);
  return new Map(rows.map((row) => [row.column_name, row.data_type]));
}
