/** The shell without a terminal: statements from a pipe, no prompt, and the first error ends it. */
import readline from 'node:readline';
import type { CommandContext } from '../context.js';
import { runCommand } from './commands.js';
import type { ShellSession } from './session.js';
import { StatementSplitter, type Statement } from './statement-splitter.js';

/** Runs what comes in until its end or `.quit`. Throws the first error. */
export async function runScript(session: ShellSession, { stdin, signal }: CommandContext): Promise<void> {
  const splitter = new StatementSplitter();
  const lines = readline.createInterface({ input: stdin, crlfDelay: Infinity });
  const interrupt = (): void => {
    session.interrupt();
    lines.close();
  };
  signal.addEventListener('abort', interrupt);
  try {
    for await (const line of lines) {
      if (await runAll(session, splitter.add(line))) return;
    }
    await runAll(session, splitter.end());
  } finally {
    signal.removeEventListener('abort', interrupt);
    lines.close();
  }
}

async function runAll(session: ShellSession, statements: readonly Statement[]): Promise<boolean> {
  for (const { kind, text } of statements) {
    if (kind === 'sql') await session.runQuery(text);
    else if (await runCommand(session, text)) return true;
  }
  return false;
}
