/** `bucketwatch run`: what a scheduler calls, once, or with --every on a schedule: ingest, detect, alert, publish metrics. */
import { AppError } from '../../config/app-error.js';
import { parseDurationMs } from '../../config/scalars.js';
import type { CommandContext } from '../context.js';
import { detectStep, type DetectOptions } from '../detect-step.js';
import { exitCodeOf, printResult } from '../detect-result.js';
import { ingestStep } from '../ingest-step.js';
import { metricsStep } from '../metrics-step.js';
import { withRun } from '../run-session.js';
import { runOnSchedule } from '../schedule.js';
import { upkeepStep } from '../upkeep-step.js';

type RunOptions = DetectOptions & { readonly every?: string };

export async function runCommand(
  context: CommandContext,
  paths: readonly string[],
  options: RunOptions,
): Promise<number> {
  if (options.every === undefined) return runOnce(context, paths, options);
  const everyMs = periodOf(options.every);
  if (paths.includes('-'))
    throw new AppError('usage', '-: standard input can be read once; expected files or sources beside --every');
  return runOnSchedule(context, options, { everyMs, run: () => runOnce(context, paths, options) });
}

async function runOnce(context: CommandContext, paths: readonly string[], options: DetectOptions): Promise<number> {
  return withRun(context, options, {
    command: 'run',
    work: async (session) => {
      await ingestStep(session, paths);
      const result = await detectStep(session, null);
      session.detected = result;
      await printResult(session, result, options);
      await upkeepStep(session, { forgets: paths.length === 0 });
      return exitCodeOf(result, options);
    },
    atEnd: metricsStep,
  });
}

/** A day is the longest: whoever wants less has cron. It also stays within what a timer takes. */
const longestMs = 86_400_000;

function periodOf(written: string): number {
  const periodMs = parseDurationMs(written);
  if (periodMs === null || periodMs > longestMs)
    throw new AppError('usage', `--every ${written}: is not a period; expected one from 1s to 1d, such as 5m or 15m`);
  return periodMs;
}
