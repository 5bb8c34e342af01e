/** `bucketwatch detect`: the detectors over what is new, or again over a period. */
import { AppError } from '../../config/app-error.js';
import type { CommandContext } from '../context.js';
import { detectStep, type DetectOptions } from '../detect-step.js';
import { exitCodeOf, printResult } from '../detect-result.js';
import { withRun } from '../run-session.js';
import { timeOf } from '../time-option.js';

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
