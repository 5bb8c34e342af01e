/** `bucketwatch ingest`: reads new logs into the lake. */
import { AppError, exitCodes } from '../../config/app-error.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { ingestStep } from '../ingest-step.js';
import { withRun } from '../run-session.js';
import type { BackfillPeriod } from '../sources.js';
import { runSummary } from '../summary.js';
import { timeOf } from '../time-option.js';
import { upkeepStep } from '../upkeep-step.js';

type IngestOptions = CommonOptions & { readonly json?: boolean; readonly from?: string; readonly to?: string };

export async function ingestCommand(
  context: CommandContext,
  paths: readonly string[],
  options: IngestOptions,
): Promise<number> {
  const period = periodOf(options);
  return withRun(context, options, {
    command: 'ingest',
    work: async (session) => {
      await ingestStep(session, paths, period);
      await upkeepStep(session, { forgets: false });
      if (options.json === true)
        context.stdout.write(`${JSON.stringify(runSummary(session, { findings: {}, alerts: {} }))}\n`);
      return exitCodes.done;
    },
  });
}

/** The days of a back-fill; an end alone would say nothing about where to begin. */
function periodOf({ from, to }: IngestOptions): BackfillPeriod {
  if (from === undefined && to !== undefined) throw new AppError('usage', '--to: needs --from as well');
  const fromMs = from === undefined ? null : timeOf('--from', from);
  const toMs = to === undefined ? null : timeOf('--to', to);
  if (fromMs !== null && toMs !== null && fromMs >= toMs)
    throw new AppError('usage', `--from ${from}: is not before --to ${to}`);
  return { fromMs, toMs };
}
