/** What the writing commands share: the config, the open store, and the summary of the run. */
import os from 'node:os';
import { exitCodes, toAppError } from '../config/app-error.js';
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
 * when something failed on the way, or that of the signal.
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
  };
  const exitCodeOf = (exitCode: number): number =>
    exitCode === exitCodes.done && session.partlyDone ? exitCodes.partlyDone : exitCode;
  const finish = (): Promise<void> =>
    store.finish(context.signal.aborted ? 'interrupted' : session.partlyDone ? 'partly' : 'done');
  try {
    const exitCode = await work(session);
    await finish();
    const { partlyDone } = session;
    await atEnd(session, exitCodeOf(exitCode));
    if (session.partlyDone !== partlyDone) await finish();
    return exitCodeOf(exitCode);
  } catch (thrown) {
    await atEnd(session, toAppError(thrown).exitCode);
    throw thrown;
  } finally {
    store.close();
  }
}
