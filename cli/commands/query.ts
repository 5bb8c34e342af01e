/** `bucketwatch query`: SQL over the views, or a query of the library; reads only. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppError, exitCodes } from '../../config/app-error.js';
import { loadLibrary, queryGroups, type LibraryQuery } from '../../queries/library.js';
import { checkReadsOnly, lockDown, queryError } from '../../store/read-only.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { queryExplanation } from '../explain-query.js';
import { libraryQuery, parameterValues } from '../library-call.js';
import { streamDuckDB } from '../output/duckdb-rows.js';
import { streamOutput } from '../output/output-stream.js';
import { toRowStream, type RowSet } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import { withReader } from '../reader-session.js';
import { printRows, type RowOutputOptions } from '../row-output.js';

type QueryOptions = CommonOptions &
  RowOutputOptions & { readonly param?: readonly string[]; readonly explain?: boolean };

export async function queryCommand(
  context: CommandContext,
  query: string | undefined,
  options: QueryOptions,
): Promise<number> {
  if (query === undefined) {
    await printRows(context, toRowStream(libraryRows(loadLibrary())), options);
    return exitCodes.done;
  }
  const library = findQuery(query);
  if (options.explain === true) return explain(context, library, options);
  const values = parameterValues(library, options.param ?? []);
  return withReader(context, options, async ({ connection }, { dataDir }) => {
    await lockDown(connection, dataDir);
    const sql = library?.sql ?? query;
    await checkReadsOnly(connection, sql);
    const interrupt = (): void => connection.interrupt();
    context.signal.addEventListener('abort', interrupt);
    await printQuery(context, connection, { sql, values, options });
    return exitCodes.done;
  });
}

async function explain(context: CommandContext, library: LibraryQuery | null, options: QueryOptions): Promise<number> {
  if (library === null) throw new AppError('usage', '--explain: found SQL; expected the name of a library query');
  const { stdout, env } = context;
  const output = streamOutput(stdout);
  const isTerminal = stdout.isTTY === true;
  const text =
    options.format === 'json' || options.format === 'jsonl'
      ? `${JSON.stringify(library, null, options.format === 'json' ? 2 : 0)}\n`
      : queryExplanation(library, {
          width: isTerminal ? (stdout.columns ?? 80) : null,
          style: createStyle(isTerminal && wantsColours(stdout, env)),
        });
  await output.write(text);
  await output.flush();
  return exitCodes.done;
}

interface Question {
  readonly sql: string;
  readonly values: Readonly<Record<string, DuckDBValue>>;
  readonly options: QueryOptions;
}

async function printQuery(
  context: CommandContext,
  connection: DuckDBConnection,
  { sql, values, options }: Question,
): Promise<void> {
  try {
    await printRows(context, streamDuckDB(await connection.stream(sql, { ...values })), options);
  } catch (error) {
    throw error instanceof AppError ? error : queryError(error);
  }
}

/** The library query of that name; null for SQL. One word that is neither is a mistyped name. */
function findQuery(query: string): LibraryQuery | null {
  return /[\s(;]/.test(query.trim()) ? null : libraryQuery(query);
}

/** The library in the order of its groups. */
function libraryRows(library: readonly LibraryQuery[]): RowSet {
  const names = ['group', 'name', 'question', 'parameters'] as const;
  return {
    columns: names.map((name) => ({ name, type: 'text' })),
    rows: Object.entries(queryGroups).flatMap(([group, title]) =>
      library
        .filter((query) => query.group === group)
        .map(({ name, question, parameters }) => [title, name, question, Object.keys(parameters).join(', ')]),
    ),
  };
}
