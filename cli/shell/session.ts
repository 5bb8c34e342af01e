/** One session of the shell: its settings, and running statements and commands in it. Knows nothing of keys and prompts. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../../config/app-error.js';
import { loadLibrary, loadQuery, type LibraryQuery } from '../../queries/library.js';
import { checkReadsOnly, queryError } from '../../store/read-only.js';
import type { CommandContext } from '../context.js';
import { parameterValues } from '../library-call.js';
import { streamDuckDB } from '../output/duckdb-rows.js';
import { writeRows, type Format } from '../output/format.js';
import { streamOutput } from '../output/output-stream.js';
import type { Output, RowStream } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import type { Mode } from './command-names.js';
import { firstRows } from './first-rows.js';
import { PagingStopped } from './paged-output.js';

/** What people can change while they work. */
export interface ShellSettings {
  mode: Mode;
  /** Rows of a result that are printed; Infinity is all. */
  rows: number;
  timer: boolean;
}

/** A query that was run, so that `.export` can run it again. */
export interface AskedQuery {
  readonly sql: string;
  readonly values: Readonly<Record<string, DuckDBValue>>;
}

export interface SessionOptions {
  readonly context: CommandContext;
  readonly connection: DuckDBConnection;
  readonly settings: ShellSettings;
  /** Puts pages between a result and the terminal. */
  readonly paged: (output: Output) => Output;
}

export class ShellSession {
  readonly context: CommandContext;
  readonly connection: DuckDBConnection;
  readonly settings: ShellSettings;
  readonly #paged: SessionOptions['paged'];
  #library: readonly LibraryQuery[] | null = null;
  #last: AskedQuery | null = null;
  #isRunning = false;
  #isInterrupted = false;

  constructor({ context, connection, settings, paged }: SessionOptions) {
    this.context = context;
    this.connection = connection;
    this.settings = settings;
    this.#paged = paged;
  }

  /** All library queries, read when they are needed first. */
  get library(): readonly LibraryQuery[] {
    return (this.#library ??= loadLibrary());
  }

  /** The query that was run last; null before the first. */
  get last(): AskedQuery | null {
    return this.#last;
  }

  /** Stops the running query; answers whether there was one. */
  interrupt(): boolean {
    if (!this.#isRunning) return false;
    this.#isInterrupted = true;
    this.connection.interrupt();
    return true;
  }

  /** Runs SQL, or a library query by its name with `name=value` behind it, and prints the rows. */
  async runQuery(text: string): Promise<void> {
    const asked = this.#asked(text);
    const startedMs = performance.now();
    await this.ask(asked, (rows) => this.#printBounded(rows));
    this.#last = asked;
    if (this.settings.timer) this.#tell(`${((performance.now() - startedMs) / 1000).toFixed(3)} s`);
  }

  /** Runs a query and hands over its rows. An interruption is an error of its own. */
  async ask(asked: AskedQuery, use: (rows: RowStream) => Promise<void>): Promise<void> {
    this.#isRunning = true;
    this.#isInterrupted = false;
    // DuckDB forgets an interruption that comes before the query has begun, so it is told again until it stops.
    const again = setInterval(() => this.#isInterrupted && this.connection.interrupt(), 50);
    try {
      await checkReadsOnly(this.connection, asked.sql);
      await use(streamDuckDB(await this.connection.stream(asked.sql, { ...asked.values })));
    } catch (error) {
      if (error instanceof PagingStopped) this.connection.interrupt();
      else if (this.#isInterrupted) throw new AppError('interrupted', 'the query was interrupted');
      else throw error instanceof AppError ? error : queryError(error);
    } finally {
      clearInterval(again);
      this.#isRunning = false;
    }
  }

  /** Prints rows, all of them, in the mode of the session. */
  async print(rows: RowStream): Promise<void> {
    const { stdout, env } = this.context;
    const isTerminal = stdout.isTTY === true;
    const { mode } = this.settings;
    const output = streamOutput(stdout);
    const format: Format = mode === 'expanded' ? 'table' : mode;
    await writeRows(format, rows, this.#paged(output), {
      width: isTerminal ? (stdout.columns ?? 80) : null,
      style: createStyle(isTerminal && wantsColours(stdout, env)),
      isTerminal,
      isEager: isTerminal,
      isExpanded: mode === 'expanded',
    });
    await output.flush();
  }

  async #printBounded(rows: RowStream): Promise<void> {
    const bounded = firstRows(rows, this.settings.rows);
    await this.print(bounded.rows);
    if (!bounded.isCut()) return;
    this.#tell(`only the first ${this.settings.rows} rows; ".rows all" prints every row, ".export FILE" keeps them`);
  }

  #asked(text: string): AskedQuery {
    const [name = '', ...given] = words(text);
    const query = loadQuery(name);
    // Some names are words of SQL too, but no statement consists of one of them and assignments.
    if (query === null || !given.every((word) => /^\w+=/.test(word))) return { sql: text, values: {} };
    return { sql: query.sql, values: parameterValues(query, given) };
  }

  #tell(text: string): void {
    this.context.stderr.write(`${text}\n`);
  }
}

/** Words between spaces; quotes hold spaces together and vanish: `key='a b'`, `"key=a b"`. */
export function words(text: string): string[] {
  const found = text.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g);
  return Array.from(found, ([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}
