/** `bucketwatch detect`: the detectors over what is new, or again over a period. */
import { AppError } from '../../config/app-error.js';
import type { CommandContext } from '../context.js';
import { detectStep, type DetectOptions } from '../detect-step.js';
import { exitCodeOf, printResult } from '../detect-result.js';
import { withRun } from '../run-session.js';

type PeriodOptions = DetectOptions & { readonly from?: string; readonly to?: string };

export async function detectCommand(context: CommandContext, options: PeriodOptions): Promise<number> {
  const period = periodOf(options, context.now());
  return withRun(context, options, {
    command: 'detect',
    work: async (session) => {
      const result = await detectStep(session, period);
      session.detected = result;
      await printResult(session, result, options);
      return exitCodeOf(result, options);
    },
  });
}

const hourMs = 3_600_000;

/** Whole hours that hold the period; null for what is new. */
function periodOf({ from, to }: PeriodOptions, nowMs: number): { fromMs: number; toMs: number } | null {
  if (from === undefined && to === undefined) return null;
  const fromMs = from === undefined ? 0 : timeOf('--from', from);
  const toMs = to === undefined ? nowMs : timeOf('--to', to);
  if (fromMs >= toMs) throw new AppError('usage', `--from ${from}: is not before --to ${to}`);
  return { fromMs: Math.floor(fromMs / hourMs) * hourMs, toMs: Math.ceil(toMs / hourMs) * hourMs };
}

const timePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** A time without an offset is UTC, as everything here. */
function timeOf(option: string, text: string): number {
  const match = timePattern.exec(text);
  const time = match === null ? NaN : Date.parse(text.includes('T') && match[1] === undefined ? `${text}Z` : text);
  if (Number.isNaN(time))
    throw new AppError('usage', `${option} ${text}: is not a time; expected 2026-11-01 or 2026-11-01T06:00Z (UTC)`);
  return time;
}
