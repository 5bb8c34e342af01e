/** What the reading commands share: the published snapshot, open as long as the command needs it. */
import type { Config } from '../config/load.js';
import type { Database } from '../store/duckdb.js';
import { openReader } from '../store/reader.js';
import type { CommandContext, CommonOptions } from './context.js';
import { commandConfig, threadCount } from './run-session.js';

/** Opens a reader, runs `work` with it, and closes it. */
export async function withReader<Result>(
  context: CommandContext,
  options: CommonOptions,
  work: (database: Database, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = await commandConfig(context, options);
  const database = await openReader({
    dataDir: config.dataDir,
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
  });
  try {
    return await work(database, config);
  } finally {
    database.close();
  }
}
