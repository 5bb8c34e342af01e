/** `bucketwatch shell`: SQL and library queries one after the other, at a terminal or from a pipe; reads only. */
import { exitCodes } from '../../config/app-error.js';
import { lockDown } from '../../store/read-only.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { withReader } from '../reader-session.js';
import type { Mode } from '../shell/command-names.js';
import { runScript } from '../shell/script.js';
import { ShellSession } from '../shell/session.js';
import { Terminal } from '../shell/terminal.js';

type ShellOptions = CommonOptions & { readonly mode?: Mode; readonly allowFiles?: boolean };

/** Rows of a result that a terminal shows unless it is asked for more. */
const rowsAtTerminal = 1000;

export async function shellCommand(context: CommandContext, options: ShellOptions): Promise<number> {
  return withReader(context, options, async ({ connection }, { dataDir }) => {
    await lockDown(connection, dataDir, { allowFiles: options.allowFiles === true });
    const isTerminal = context.stdin.isTTY === true && context.stdout.isTTY === true;
    const terminal = new Terminal(context, options);
    const session = new ShellSession({
      context,
      connection,
      settings: { mode: options.mode ?? 'table', rows: isTerminal ? rowsAtTerminal : Infinity, timer: false },
      paged: (output) => (isTerminal ? terminal.paged(output) : output),
    });
    if (!isTerminal) await runScript(session, context);
    else {
      if (options.quiet !== true) context.stderr.write('".help" lists the commands, Tab completes, Ctrl-D leaves.\n');
      await terminal.run(session);
    }
    return exitCodes.done;
  });
}
