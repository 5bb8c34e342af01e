/**
 * Whether a detector can find anything yet, for `detectors list`: "learning, 6 of 14 days" until there is enough history,
 * "needs networks.trusted" until the config has that.
 */
import fs from 'node:fs';
import { missingNeed } from '../detectors/engine/needs.js';
import type { Detector } from '../detectors/format/detector.js';
import { queryRows } from '../store/duckdb.js';
import { dataDirectory } from '../store/lake-files.js';
import type { CommandContext, CommonOptions } from './context.js';
import { withReader } from './reader-session.js';
import { commandConfig } from './run-session.js';

/** Answers the state of an enabled detector; without data every learning one has seen no day yet. */
export async function learningStates(
  context: CommandContext,
  options: CommonOptions,
): Promise<(detector: Detector) => string> {
  const config = await commandConfig(context, options);
  const days = fs.existsSync(dataDirectory(config.dataDir).snapshot)
    ? await withReader(context, options, ({ connection }) => daysOfHistory(connection))
    : 0;
  const needed = config.learning.days;
  return ({ needsLearning, needs }) => {
    const missing = missingNeed(needs, config);
    if (missing !== null) return `needs ${missing}`;
    return !needsLearning || days >= needed ? 'active' : `learning, ${days} of ${needed} days`;
  };
}

async function daysOfHistory(connection: Parameters<typeof queryRows>[0]): Promise<number> {
  const [row] = await queryRows<{ days: bigint | null }>(
    connection,
    `select date_diff('day', min(hour), max(hour)) as days from activity_rows`,
  );
  return Number(row?.days ?? 0);
}
