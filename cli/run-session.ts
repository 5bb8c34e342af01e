/** What the writing commands share: the config, the open store, and the summary of the run. */
import os from 'node:os';
import { exitCodes, type AppError } from '../config/app-error.js';
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

/**
 * Opens the store, runs `work`, writes the last row of the run and publishes it. Answers the exit code of `work`, or 3
 * when something failed on the way. Throws the error of a source at last.
 */
export async function withRun(
  context: CommandContext,
  options: CommonOptions,
  { command, work }: { readonly command: string; readonly work: (session: RunSession) => Promise<number> },
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
  try {
    const exitCode = await work(session);
    const isPartly = session.partlyDone || session.sourceError !== null;
    await store.finish(context.signal.aborted ? 'interrupted' : isPartly ? 'partly' : 'done');
    if (session.sourceError !== null && exitCode === exitCodes.done) throw session.sourceError;
    return exitCode === exitCodes.done && session.partlyDone ? exitCodes.partlyDone : exitCode;
  } finally {
    store.close();
  }
}
