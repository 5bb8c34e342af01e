/**
 * Runs one after the other in one process, for hosts without a scheduler. Times count from the start and not from the end
 * of a run, so they do not drift; a run that takes longer than its period leaves out the times that it missed. Between
 * two runs nothing is open and nothing is locked.
 */
import { setTimeout as timer } from 'node:timers/promises';
import { exitCodes } from '../config/app-error.js';
import type { CommandContext, CommonOptions } from './context.js';
import { createNotes } from './notes.js';
import { formatCounted, formatDuration } from './output/number-format.js';

export interface Schedule {
  readonly everyMs: number;
  /** One run; answers its exit code and never throws for what may be better the next time. */
  readonly run: () => Promise<number>;
  /** Milliseconds of a clock that nobody sets. */
  readonly clock?: () => number;
  /** Waits, or returns early when the process is asked to end. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Runs until the process is asked to end, and answers the exit code of the last run that was not clean, 0 without one. A
 * first run that exits with 2 ends it at once, as a wrong config will not mend itself; later the config is read anew
 * with every run, and a mistake in it costs runs and not the schedule.
 */
export async function runOnSchedule(
  context: CommandContext,
  options: CommonOptions,
  { everyMs, run, clock = () => performance.now(), wait = waitUnlessAborted }: Schedule,
): Promise<number> {
  const notes = createNotes(context, options);
  const startedAt = clock();
  const failures = { runs: 0, lastExitCode: exitCodes.done as number };
  let runs = 0;
  for (let slot = 0; !context.signal.aborted;) {
    const exitCode = await run();
    runs++;
    if (runs === 1 && exitCode === exitCodes.usage) return exitCode;
    if (isFailure(exitCode)) {
      failures.runs++;
      failures.lastExitCode = exitCode;
    }
    const next = Math.max(slot + 1, Math.ceil((clock() - startedAt) / everyMs));
    if (next > slot + 1)
      notes.warn(
        'run-late',
        `the run took longer than ${formatDuration(everyMs)}: ${formatCounted(next - slot - 1, 'run')} left out`,
        { left_out: next - slot - 1 },
      );
    slot = next;
    await wait(Math.max(0, startedAt + slot * everyMs - clock()), context.signal);
  }
  notes.note('schedule-ended', endText(runs, failures), {
    runs,
    runs_failed: failures.runs,
    last_exit_code: failures.lastExitCode,
  });
  return failures.lastExitCode;
}

/** Findings are what the job is for. */
function isFailure(exitCode: number): boolean {
  return exitCode !== exitCodes.done && exitCode !== exitCodes.findings;
}

function endText(runs: number, failures: { readonly runs: number; readonly lastExitCode: number }): string {
  const failed =
    failures.runs === 0 ? 'none failed' : `${failures.runs} failed, the last with exit code ${failures.lastExitCode}`;
  return `asked to end after ${formatCounted(runs, 'run')}: ${failed}`;
}

async function waitUnlessAborted(milliseconds: number, signal: AbortSignal): Promise<void> {
  await timer(milliseconds, undefined, { signal }).catch(() => undefined);
}
