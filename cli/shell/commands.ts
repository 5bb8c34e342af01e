/** What the commands of the shell do; command-names.ts says what there is. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../config/app-error.js';
import { nearestName } from '../../config/nearest-name.js';
import { loadQuery, queryGroups } from '../../queries/library.js';
import { publicViews, type PublicViewName } from '../../store/view-columns.js';
import { queryExplanation } from '../explain-query.js';
import { formats, type Format } from '../output/format.js';
import { toRowStream, type RowSet } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import { printRows } from '../row-output.js';
import { commandHelp, commandNames, modes, type Mode } from './command-names.js';
import { tableNames } from './completion.js';
import type { ShellSession } from './session.js';

/** Runs a command; answers whether the session ends. Throws `usage` for what it does not know. */
export async function runCommand(session: ShellSession, line: string): Promise<boolean> {
  const [name = '', ...rest] = line.split(/\s+/);
  const argument = rest.join(' ').replace(/;$/, '').trim();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const nearest = nearestName(name, commandNames);
    throw new AppError(
      'usage',
      `${name}: no such command${nearest === null ? '' : `; did you mean ${nearest}?`} ".help" lists them all`,
    );
  }
  return (await command(session, argument)) === 'quit';
}

type Command = (session: ShellSession, argument: string) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  '.tables': (session) => session.print(toRowStream(tableRows())),
  '.schema': (session, table) => session.print(toRowStream(columnRows(table))),
  '.queries': (session, word) => session.print(toRowStream(queryRows(session, word))),
  '.explain': explain,
  '.mode': async ({ settings }, mode) => (settings.mode = oneOf('.mode', modes, mode) as Mode),
  '.rows': async ({ settings }, rows) => (settings.rows = rowCount(rows)),
  '.export': exportLast,
  '.timer': async ({ settings }, state) => (settings.timer = oneOf('.timer', ['on', 'off'], state) === 'on'),
  '.help': (session) => session.print(toRowStream(helpRows())),
  '.quit': async () => 'quit',
  '.exit': async () => 'quit',
};

function oneOf(command: string, allowed: readonly string[], given: string): string {
  if (allowed.includes(given)) return given;
  throw new AppError(
    'usage',
    `${command} ${given}: found ${given === '' ? 'nothing' : given}; expected ${allowed.join(', ')}`,
  );
}

function rowCount(text: string): number {
  if (text === 'all') return Infinity;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new AppError('usage', `.rows ${text}: expected a number above zero, or all`);
}

async function explain(session: ShellSession, text: string): Promise<void> {
  const query = loadQuery(text);
  if (query === null) {
    if (text === '') throw new AppError('usage', '.explain: found nothing; expected a library query, or SQL');
    await session.runQuery(`explain ${text}`);
    return;
  }
  const { stdout, env } = session.context;
  const isTerminal = stdout.isTTY === true;
  const style = createStyle(isTerminal && wantsColours(stdout, env));
  stdout.write(queryExplanation(query, { width: isTerminal ? (stdout.columns ?? 80) : null, style }));
}

const formatOfEnding: Readonly<Record<string, Format>> = { '.md': 'markdown' };

async function exportLast(session: ShellSession, file: string): Promise<void> {
  const { context, last } = session;
  if (last === null) throw new AppError('usage', '.export: no query was run yet; expected one, whose rows it writes');
  const ending = path.extname(file);
  const format = formatOfEnding[ending] ?? formats.find((name) => name !== 'table' && `.${name}` === ending);
  if (format === undefined)
    throw new AppError(
      'usage',
      `.export ${file}: expected a file that ends with .csv .json .jsonl .md .arrow or .parquet`,
    );
  if (fs.existsSync(path.resolve(context.cwd, file)))
    throw new AppError('file-unusable', `${file}: exists; expected the name of a new file`);
  await session.ask(last, async (rows) => {
    const count = await printRows(context, rows, { format, out: file });
    context.stderr.write(`${count} rows in ${file}\n`);
  });
}

function helpRows(): RowSet {
  const rows = Object.values(commandHelp).map(([usage, meaning]) => [usage, meaning]);
  const more = [
    ['SELECT …;', 'SQL goes on until a semicolon.'],
    ['NAME key=value …;', 'A library query with its parameters.'],
  ];
  return { columns: textColumns('command', 'meaning'), rows: [...more, ...rows] };
}

function tableRows(): RowSet {
  return { columns: textColumns('table', 'about'), rows: tableNames.map((name) => [name, aboutTable(name)]) };
}

function aboutTable(name: string): string {
  return Object.hasOwn(publicViews, name)
    ? publicViews[name as PublicViewName].about
    : 'The log under the names of Tailpipe’s table.';
}

function columnRows(table: string): RowSet {
  if (table !== '' && !Object.hasOwn(publicViews, table)) {
    const nearest = nearestName(table, tableNames);
    throw new AppError(
      'name-unknown',
      `${table}: no table whose columns are described${nearest === null || nearest === table ? '' : `; did you mean ${nearest}?`} "describe TABLE;" shows the columns of any`,
    );
  }
  const shown = Object.entries(publicViews).filter(([name]) => table === '' || name === table);
  return {
    columns: textColumns('table', 'column', 'meaning'),
    rows: shown.flatMap(([name, { columns }]) => Object.entries(columns).map(([column, text]) => [name, column, text])),
  };
}

function queryRows({ library }: ShellSession, word: string): RowSet {
  const speaksOf = (text: string): boolean => text.toLowerCase().includes(word.toLowerCase());
  const found = library.filter((query) =>
    [query.name, query.title, query.question, queryGroups[query.group]].some(speaksOf),
  );
  return {
    columns: textColumns('name', 'question', 'parameters'),
    rows: Object.keys(queryGroups).flatMap((group) =>
      found
        .filter((query) => query.group === group)
        .map(({ name, question, parameters }) => [name, question, Object.keys(parameters).join(', ')]),
    ),
  };
}

function textColumns(...names: readonly string[]): RowSet['columns'] {
  return names.map((name) => ({ name, type: 'text' }));
}
