/** `bucketwatch ingest`: reads new logs into the lake. */
import { exitCodes } from '../../config/app-error.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { ingestStep } from '../ingest-step.js';
import { withRun } from '../run-session.js';
import { runSummary } from '../summary.js';

export async function ingestCommand(
  context: CommandContext,
  paths: readonly string[],
  options: CommonOptions & { json?: boolean },
): Promise<number> {
  return withRun(context, options, {
    command: 'ingest',
    work: async (session) => {
      await ingestStep(session, paths);
      if (options.json === true)
        context.stdout.write(`${JSON.stringify(runSummary(session, { findings: {}, alerts: {} }))}\n`);
      return exitCodes.done;
    },
  });
}
