/** The shell at a terminal: prompt, line editing, history, completion, pages, and Ctrl-C that stops a query. */
import readline from 'node:readline';
import type { CommandContext, CommonOptions } from '../context.js';
import type { Output } from '../output/rows.js';
import { reportError } from '../report-error.js';
import { runCommand } from './commands.js';
import { complete } from './completion.js';
import { historyFile, readHistory, writeHistory } from './history.js';
import { pagedOutput, type PageAnswer } from './paged-output.js';
import type { ShellSession } from './session.js';
import { StatementSplitter, type Statement } from './statement-splitter.js';

const prompt = 'bucketwatch> ';
const promptWithin = '        ...> ';

/** The keyboard and screen of a session. Call `run` once. */
export class Terminal {
  readonly #context: CommandContext;
  readonly #options: CommonOptions;
  readonly #lines: string[] = [];
  #session: ShellSession | null = null;
  readonly #splitter = new StatementSplitter();
  #reader: readline.Interface | null = null;
  #isClosed = false;
  #wake: (() => void) | null = null;
  #question: AbortController | null = null;

  constructor(context: CommandContext, options: CommonOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Puts pages between a result and the screen. */
  readonly paged = (output: Output): Output => {
    const { rows } = this.#context.stdout;
    return rows === undefined ? output : pagedOutput(output, { rows, ask: () => this.#askForPage() });
  };

  /** Reads and runs until the end of input or `.quit`. An error is printed and the session goes on. */
  async run(session: ShellSession): Promise<void> {
    this.#session = session;
    const { stdin, stdout, env, signal } = this.#context;
    const file = historyFile(env);
    let history: readonly string[] = file === null ? [] : readHistory(file);
    const reader = readline.createInterface({
      input: stdin,
      output: stdout,
      terminal: true,
      history: [...history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string) => complete(line, this.#splitter.pending, session.library),
    });
    this.#reader = reader;
    reader.on('line', (line) => this.#arrived(line));
    reader.on('history', (lines: string[]) => (history = [...lines]));
    reader.on('SIGINT', () => this.#interrupted());
    reader.on('close', () => {
      this.#isClosed = true;
      this.#question?.abort();
      this.#wakeUp();
    });
    const end = (): void => {
      session.interrupt();
      reader.close();
    };
    signal.addEventListener('abort', end);
    try {
      await this.#work(session);
    } finally {
      signal.removeEventListener('abort', end);
      reader.close();
      if (file !== null) writeHistory(file, history);
    }
  }

  async #work(session: ShellSession): Promise<void> {
    for (;;) {
      this.#prompt();
      const line = await this.#nextLine();
      if (line === null) {
        this.#context.stdout.write('\n');
        return;
      }
      for (const statement of this.#splitter.add(line)) {
        if ((await this.#execute(session, statement)) === 'quit') return;
      }
    }
  }

  async #execute(session: ShellSession, { kind, text }: Statement): Promise<'quit' | 'stay'> {
    try {
      if (kind === 'sql') await session.runQuery(text);
      else if (await runCommand(session, text)) return 'quit';
    } catch (error) {
      reportError(error, this.#context, this.#options);
    }
    return 'stay';
  }

  #prompt(): void {
    if (this.#lines.length > 0 || this.#isClosed) return;
    this.#reader!.setPrompt(this.#splitter.isEmpty ? prompt : promptWithin);
    this.#reader!.prompt();
  }

  /** Lines that were typed or pasted while a query ran wait here. Null is the end of input. */
  async #nextLine(): Promise<string | null> {
    if (this.#lines.length === 0 && !this.#isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#lines.shift() ?? null;
  }

  #arrived(line: string): void {
    this.#lines.push(line);
    this.#wakeUp();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Ctrl-C: ends the page, else the query, else the line; never the shell. */
  #interrupted(): void {
    if (this.#question !== null) this.#question.abort();
    else if (!this.#session!.interrupt()) {
      this.#splitter.clear();
      this.#lines.length = 0;
      // Ctrl-E and Ctrl-U take the line away, for readline has no other way, and the latter draws the prompt again.
      this.#reader!.write(null, { ctrl: true, name: 'e' });
      this.#context.stdout.write('^C\n');
      this.#reader!.setPrompt(prompt);
      this.#reader!.write(null, { ctrl: true, name: 'u' });
    }
  }

  async #askForPage(): Promise<PageAnswer> {
    if (this.#isClosed) return 'all';
    const question = new AbortController();
    this.#question = question;
    const answer = await new Promise<string>((resolve) => {
      question.signal.addEventListener('abort', () => resolve('q'));
      this.#reader!.question('-- more: Enter, a for all, q to stop -- ', { signal: question.signal }, resolve);
    });
    this.#question = null;
    const [first = ''] = answer.trim().toLowerCase();
    return first === 'q' ? 'stop' : first === 'a' ? 'all' : 'more';
  }
}
