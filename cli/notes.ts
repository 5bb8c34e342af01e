/** What a command says to people on stderr beside its result: notes as text, or JSON lines for a log collector. */
import { terminalSafeLines } from './output/escape.js';
import { createStyle, wantsColours, type Style } from './output/style.js';
import type { CommandContext, CommonOptions } from './context.js';

export type NoteFacts = Readonly<Record<string, string | number | boolean | null>>;

export interface Notes {
  readonly style: Style;
  /** Something worth knowing; `event` names it for programs. Nothing with --quiet. */
  note(event: string, text: string, facts?: NoteFacts): void;
  /** Something that needs attention; printed also with --quiet. */
  warn(event: string, text: string, facts?: NoteFacts): void;
}

export function createNotes(
  { stderr, env, now }: CommandContext,
  { quiet = false, logFormat = 'text' }: CommonOptions,
): Notes {
  const style = createStyle(wantsColours(stderr, env));
  const write = (level: 'info' | 'warning', event: string, text: string, facts: NoteFacts): void => {
    if (logFormat === 'json') {
      stderr.write(`${JSON.stringify({ ts: new Date(now()).toISOString(), level, event, msg: text, ...facts })}\n`);
      return;
    }
    const label = level === 'warning' ? `${style.yellow('warning')}: ` : '';
    stderr.write(`${label}${terminalSafeLines(text)}\n`);
  };
  return {
    style,
    note: (event, text, facts = {}) => (quiet ? undefined : write('info', event, text, facts)),
    warn: (event, text, facts = {}) => write('warning', event, text, facts),
  };
}
