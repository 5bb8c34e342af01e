/**
 * What a command says to people on stderr beside its result: notes as text, or JSON lines for a log collector. `runId`
 * stands in every line of a run.
 */
import { terminalSafeLines } from './output/escape.js';
import { createStyle, wantsColours, type Style } from './output/style.js';
import type { CommandContext, CommonOptions } from './context.js';

type Scalar = string | number | boolean | null;

/** What a program may want to know beside the text; lists and counts by name are as deep as it goes. */
export type NoteFacts = Readonly<Record<string, Scalar | Readonly<Record<string, unknown>>>>;

export interface Notes {
  readonly style: Style;
  /** Something worth knowing; `event` names it for programs. Nothing with --quiet. */
  note(event: string, text: string, facts?: NoteFacts): void;
  /** Something that needs attention; printed also with --quiet. */
  warn(event: string, text: string, facts?: NoteFacts): void;
  /** The last line of a run, for programs only: nothing with text logs, which have said it all. */
  summary(level: 'info' | 'warning' | 'error', text: string, facts: NoteFacts): void;
}

export function createNotes(
  { stderr, env, now }: CommandContext,
  { quiet = false, logFormat = 'text' }: CommonOptions,
  runId: string | null = null,
): Notes {
  const style = createStyle(wantsColours(stderr, env));
  const write = (level: 'info' | 'warning' | 'error', event: string, text: string, facts: NoteFacts): void => {
    if (logFormat === 'json') {
      const line = { ts: new Date(now()).toISOString(), level, event, msg: text, run_id: runId, ...facts };
      stderr.write(`${JSON.stringify(line)}\n`);
      return;
    }
    const label = level === 'warning' ? `${style.yellow('warning')}: ` : '';
    stderr.write(`${label}${terminalSafeLines(text)}\n`);
  };
  return {
    style,
    note: (event, text, facts = {}) => (quiet ? undefined : write('info', event, text, facts)),
    warn: (event, text, facts = {}) => write('warning', event, text, facts),
    summary: (level, text, facts) => (logFormat === 'json' ? write(level, 'run.summary', text, facts) : undefined),
  };
}
