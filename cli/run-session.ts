/** What the writing commands share: the config, the open store, and the summary of the run. */
import os from 'node:os';
import { exitCodes, toAppError, type AppError } from '../config/app-error.js';
import type { Config } from '../config/load.js';
import { Store } from '../store/store.js';
import type { CommandContext, CommonOptions } from './context.js';
import { createNotes, type Notes } from './notes.js';
import { errorFacts, reportError } from './report-error.js';
import { runSummary, type DetectSummary } from './summary.js';

/** The threads that `limits.threads: auto` stands for. */
export function threadCount(config: Config): number {
  return config.limits.threads === 'auto' ? os.availableParallelism() : config.limits.threads;
}

/** The config of a command, by its options. What reads it takes a while to load, and a run opens its database meanwhile. */
export async function commandConfig({ env, cwd }: CommandContext, options: CommonOptions): Promise<Config> {
  const { loadConfig } = await import('../config/load.js');
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
  /** Why a source could not be read: the error that the run ends with, after everything else is done. */
  sourceError: AppError | null;
  /** What the detectors found and the sinks took, as soon as it is known. */
  detected: DetectSummary;
}

/** One run of a command. */
export interface Run {
  readonly command: string;
  /** Answers the exit code. */
  readonly work: (session: RunSession) => Promise<number>;
  /** Told the exit code when everything is committed, also that of an error; it may still make the run partly done. */
  readonly atEnd?: (session: RunSession, exitCode: number) => Promise<void>;
}

/**
 * Opens the store, runs `work`, writes the last row of the run and publishes it. Answers the exit code of `work`, or 3
 * when something failed on the way, or that of an error, such as that of a source, which is printed. The last line of a JSON log is `run.summary`,
 * however the run ends.
 */
export async function withRun(context: CommandContext, options: CommonOptions, run: Run): Promise<number> {
  let session: RunSession | null = null;
  let exitCode: number;
  let failure: AppError | null = null;
  try {
    session = await openSession(context, options, run.command);
    exitCode = await runSession(session, run);
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
  const loading = commandConfig(context, options);
  const store = await Store.open(
    loading.then((config) => ({
      dataDir: config.dataDir,
      threads: threadCount(config),
      memoryBytes: config.limits.memoryBytes,
      command,
      now: context.now,
    })),
  );
  return {
    context,
    config: await loading,
    store,
    notes: createNotes(context, options, store.runId),
    quiet: options.quiet === true,
    partlyDone: false,
    sourceError: null,
    detected: { findings: {}, alerts: {} },
  };
}

async function runSession(session: RunSession, { work, atEnd = async () => undefined }: Run): Promise<number> {
  try {
    const exitCode = await work(session).catch(async (thrown: unknown) => {
      await atEnd(session, toAppError(thrown).exitCode);
      throw thrown;
    });
    await finish(session);
    const { partlyDone } = session;
    await atEnd(session, exitCodeOf(session, exitCode));
    if (session.partlyDone !== partlyDone) await finish(session);
    if (session.sourceError !== null && exitCode === exitCodes.done) throw session.sourceError;
    return exitCodeOf(session, exitCode);
  } finally {
    session.store.close();
  }
}

function exitCodeOf({ sourceError, partlyDone }: RunSession, exitCode: number): number {
  if (exitCode !== exitCodes.done) return exitCode;
  if (sourceError !== null) return sourceError.exitCode;
  return partlyDone ? exitCodes.partlyDone : exitCode;
}

function finish({ store, context, partlyDone, sourceError }: RunSession): Promise<void> {
  const isPartly = partlyDone || sourceError !== null;
  return store.finish(context.signal.aborted ? 'interrupted' : isPartly ? 'partly' : 'done');
}
