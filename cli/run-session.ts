/** What the writing commands share: the config, the open store, and the summary of the run. */
import os from 'node:os';
import { exitCodes, toAppError, type AppError } from '../config/app-error.js';
import { loadConfig, type Config } from '../config/load.js';
import { Store } from '../store/store.js';
import type { CommandContext, CommonOptions } from './context.js';
import { createNotes, type Notes } from './notes.js';
import { errorFacts, reportError } from './report-error.js';
import { runSummary, type DetectSummary } from './summary.js';

/** The threads that `limits.threads: auto` stands for. */
export function threadCount(config: Config): number {
  return config.limits.threads === 'auto' ? os.availableParallelism() : config.limits.threads;
}

/** The config of a command, by its options. */
export function commandConfig({ env, cwd }: CommandContext, options: CommonOptions): Config {
  return loadConfig({ file: options.config, dataDir: options.dataDir, env, cwd });
}

/** One run with the lock of the data directory. */
export interface RunSession {
  readonly context: CommandContext;
  readonly config: Config;
  readonly store: Store;
  readonly notes: Notes;
  readonly quiet: boolean;
  /** True when some objects or sinks failed: the exit code is 3 then. */
  partlyDone: boolean;
  /** What the detectors found and the sinks took, as soon as it is known. */
  detected: DetectSummary;
}

/** One run of a command. */
export interface Run {
  readonly command: string;
  readonly work: (session: RunSession) => Promise<number>;
}

/**
 * Opens the store, runs `work`, writes the last row of the run and publishes it. Answers the exit code of `work`, or 3
 * when something failed on the way, or that of an error, which is printed. The last line of a JSON log is `run.summary`,
 * however the run ends.
 */
export async function withRun(context: CommandContext, options: CommonOptions, run: Run): Promise<number> {
  let session: RunSession | null = null;
  let exitCode: number;
  let failure: AppError | null = null;
  try {
    session = await openSession(context, options, run.command);
    exitCode = await runSession(session, run.work);
  } catch (error) {
    failure = toAppError(error);
    exitCode = reportError(failure, context, options);
  }
  const notes = session?.notes ?? createNotes(context, options);
  const status = statusOf(exitCode, context.signal.aborted);
  notes.summary(failure === null ? (exitCode === exitCodes.done ? 'info' : 'warning') : 'error', `run ${status}`, {
    command: run.command,
    status,
    exit_code: endOfProcess(context.signal) ?? exitCode,
    ...(session === null ? {} : runSummary(session, session.detected)),
    ...(failure === null ? {} : { err: errorFacts(failure) }),
  });
  return exitCode;
}

/** The exit code of the signal that asked the process to end. */
function endOfProcess({ aborted, reason }: AbortSignal): number | null {
  return aborted && typeof reason === 'number' ? reason : null;
}

function statusOf(exitCode: number, interrupted: boolean): string {
  if (interrupted) return 'interrupted';
  if (exitCode === exitCodes.done || exitCode === exitCodes.findings) return 'done';
  if (exitCode === exitCodes.partlyDone) return 'partly';
  return exitCode === exitCodes.lockHeld ? 'skipped' : 'failed';
}

async function openSession(context: CommandContext, options: CommonOptions, command: string): Promise<RunSession> {
  const config = commandConfig(context, options);
  const store = await Store.open({
    dataDir: config.dataDir,
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
    command,
    now: context.now,
  });
  return {
    context,
    config,
    store,
    notes: createNotes(context, options, store.runId),
    quiet: options.quiet === true,
    partlyDone: false,
    detected: { findings: {}, alerts: {} },
  };
}

async function runSession(session: RunSession, work: Run['work']): Promise<number> {
  const { store, context } = session;
  try {
    const exitCode = await work(session);
    await store.finish(context.signal.aborted ? 'interrupted' : session.partlyDone ? 'partly' : 'done');
    return exitCode === exitCodes.done && session.partlyDone ? exitCodes.partlyDone : exitCode;
  } finally {
    store.close();
  }
}
