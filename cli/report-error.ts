/** Turns whatever a command threw into text on stderr and an exit code. */
import { errorCodes, toAppError, type AppError } from '../config/app-error.js';
import { terminalSafeLines } from './output/escape.js';
import { createStyle, wantsColours } from './output/style.js';
import type { CommandContext, CommonOptions } from './context.js';

/** Prints the error and answers its exit code. Stack traces are shown for our own defects only when DEBUG is set. */
export function reportError(
  thrown: unknown,
  { stderr, env, now }: CommandContext,
  { logFormat }: CommonOptions,
): number {
  const error = toAppError(thrown);
  if (error.code === 'output-closed') return error.exitCode;
  if (logFormat === 'json') {
    const { code, message, facts } = error;
    const line = { ts: new Date(now()).toISOString(), level: 'error', event: 'error', code, msg: message, ...facts };
    stderr.write(`${JSON.stringify({ ...line, err: errorFacts(error) })}\n`);
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

/** What a log says of an error: its code and, when a service of AWS answered, that answer's name and request id. */
export function errorFacts({ code, cause }: AppError): Readonly<Record<string, string | number | null>> {
  const { name = null, $metadata = {} } = (cause ?? {}) as ServiceAnswer;
  return { code, name, requestId: $metadata.requestId ?? null, attempts: $metadata.attempts ?? null };
}

interface ServiceAnswer {
  readonly name?: string;
  readonly $metadata?: { readonly requestId?: string; readonly attempts?: number };
}
