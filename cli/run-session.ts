/** What the writing commands share: the config, the open store, and the summary of the run. */
import os from 'node:os';
import { exitCodes, toAppError, type AppError } from '../config/app-error.js';
import { loadConfig, type Config } from '../config/load.js';
import { Store } from '../store/store.js';
import type { CommandContext, CommonOptions } from './context.js';
import { createNotes, type Notes } from './notes.js';

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
  /** Why a source could not be read: the error that the run ends with, after everything else is done. */
  sourceError: AppError | null;
}

export interface RunWork {
  readonly command: string;
  /** Answers the exit code. */
  readonly work: (session: RunSession) => Promise<number>;
  /** Told the exit code when everything is committed, also that of an error; it may still make the run partly done. */
  readonly atEnd?: (session: RunSession, exitCode: number) => Promise<void>;
}

/**
 * Opens the store, runs `work`, writes the last row of the run and publishes it. Answers the exit code of `work`, or 3
 * when something failed on the way. Throws the error of a source at last.
 */
export async function withRun(
  context: CommandContext,
  options: CommonOptions,
  { command, work, atEnd = async () => undefined }: RunWork,
): Promise<number> {
  const config = commandConfig(context, options);
  const store = await Store.open({
    dataDir: config.dataDir,
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
    command,
    now: context.now,
  });
  const session: RunSession = {
    context,
    config,
    store,
    notes: createNotes(context, options),
    quiet: options.quiet === true,
    partlyDone: false,
    sourceError: null,
  };
  const exitCodeOf = (exitCode: number): number => {
    if (exitCode !== exitCodes.done) return exitCode;
    if (session.sourceError !== null) return session.sourceError.exitCode;
    return session.partlyDone ? exitCodes.partlyDone : exitCode;
  };
  const finish = (): Promise<void> => {
    const isPartly = session.partlyDone || session.sourceError !== null;
    return store.finish(context.signal.aborted ? 'interrupted' : isPartly ? 'partly' : 'done');
  };
  try {
    const exitCode = await work(session).catch(async (thrown: unknown) => {
      await atEnd(session, toAppError(thrown).exitCode);
      throw thrown;
    });
    await finish();
    const { partlyDone } = session;
    await atEnd(session, exitCodeOf(exitCode));
    if (session.partlyDone !== partlyDone) await finish();
    if (session.sourceError !== null && exitCode === exitCodes.done) throw session.sourceError;
    return exitCodeOf(exitCode);
  } finally {
    store.close();
  }
}
