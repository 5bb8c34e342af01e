/** Turns whatever a command threw into text on stderr and an exit code. */
import { errorCodes, toAppError } from '../config/app-error.js';
import { terminalSafeLines } from './output/escape.js';
import { createStyle, wantsColours } from './output/style.js';
import type { CommandContext, CommonOptions } from './context.js';

/** Prints the error and answers its exit code. Stack traces are shown for our own defects only when DEBUG is set. */
export function reportError(thrown: unknown, { stderr, env }: CommandContext, { logFormat }: CommonOptions): number {
  const error = toAppError(thrown);
  if (error.code === 'output-closed') return error.exitCode;
  if (logFormat === 'json') {
    stderr.write(`${JSON.stringify({ level: 'error', code: error.code, msg: error.message, ...error.facts })}\n`);
    return error.exitCode;
  }
  const style = createStyle(wantsColours(stderr, env));
  stderr.write(`${style.red('error')}: ${terminalSafeLines(error.message)}\n`);
  if (error.code === 'internal') {
    stderr.write(`${errorCodes.internal.meaning}\n`);
    if (env['DEBUG'] !== undefined && error.cause instanceof Error)
      stderr.write(`${terminalSafeLines(error.cause.stack ?? '')}\n`);
  }
  return error.exitCode;
}
