/** `bucketwatch run`: what a scheduler calls. Ingest, detect, alert, say what was found, and publish metrics. */
import type { CommandContext } from '../context.js';
import { detectStep, type DetectOptions } from '../detect-step.js';
import { exitCodeOf, printResult } from '../detect-result.js';
import { ingestStep } from '../ingest-step.js';
import { metricsStep } from '../metrics-step.js';
import { withRun } from '../run-session.js';

export async function runCommand(
  context: CommandContext,
  paths: readonly string[],
  options: DetectOptions,
): Promise<number> {
  return withRun(context, options, {
    command: 'run',
    work: async (session) => {
      await ingestStep(session, paths);
      const result = await detectStep(session, null);
      await printResult(session, result, options);
      return exitCodeOf(result, options);
    },
    atEnd: metricsStep,
  });
}
