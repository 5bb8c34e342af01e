/** `bucketwatch backtest --from T --to T`: findings a day and noisy entities of a period, without recording or sending. */
import { AppError, exitCodes } from '../../config/app-error.js';
import type { Window } from '../../detectors/windows.js';
import { queryRows } from '../../store/duckdb.js';
import { backtest } from '../backtest/backtest.js';
import { suggestSuppressions, suppressionsYaml } from '../backtest/suggest-suppressions.js';
import { summarise } from '../backtest/summarise.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { createNotes } from '../notes.js';
import { backtestPage, backtestRows } from '../output/backtest-page.js';
import { jsonLines } from '../output/json-lines.js';
import { toRowStream } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import { withReader } from '../reader-session.js';
import { printRows, type RowOutputOptions } from '../row-output.js';
import { threadCount } from '../run-session.js';
import { timeOf } from '../time-option.js';

type BacktestCommandOptions = CommonOptions & RowOutputOptions & { readonly from?: string; readonly to?: string };

export async function backtestCommand(context: CommandContext, options: BacktestCommandOptions): Promise<number> {
  const notes = createNotes(context, options);
  const result = await withReader(context, options, async ({ connection }, config) => {
    const [known] = await queryRows<{ first: bigint | null; last: bigint | null }>(
      connection,
      'select epoch_ms(min(hour)) as first, epoch_ms(max(hour)) as last from activity_rows',
    );
    const window = windowOf(options, known ?? { first: null, last: null });
    const threads = threadCount(config);
    return backtest(connection, { config, window, nowMs: context.now(), threads, signal: context.signal });
  });
  for (const [detector, message] of result.problems) {
    notes.warn('detector-failed', `detector ${detector}: ${message}`, { detector });
  }
  const summary = summarise(result);
  const suggestions = suggestSuppressions(summary);
  const yaml = suppressionsYaml(suggestions, context.now());
  const { format = 'table' } = options;
  const { stdout, env } = context;
  if (options.out === undefined && format === 'table') {
    const width = stdout.isTTY === true ? (stdout.columns ?? 80) : null;
    stdout.write(backtestPage(summary, yaml, { width, style: createStyle(wantsColours(stdout, env)) }));
  } else if (options.out === undefined && format === 'json') {
    stdout.write(`${jsonLines({ ...summary, suggestions, suppressions_yaml: yaml }).join('\n')}\n`);
  } else await printRows(context, toRowStream(backtestRows(summary)), options);
  return result.problems.size > 0 ? exitCodes.partlyDone : exitCodes.done;
}

const dayMs = 86_400_000;

/** Whole days (UTC) that hold the period; without one, those of the logs. */
function windowOf(
  { from, to }: BacktestCommandOptions,
  { first, last }: { readonly first: bigint | null; readonly last: bigint | null },
): Window {
  const fromMs = from === undefined ? Number(first ?? 0n) : timeOf('--from', from);
  const toMs = to === undefined ? Number(last ?? 0n) + 1 : timeOf('--to', to);
  const window = { fromMs: Math.floor(fromMs / dayMs) * dayMs, toMs: Math.ceil(toMs / dayMs) * dayMs };
  if (fromMs >= toMs)
    throw new AppError(
      'usage',
      `--from ${new Date(fromMs).toISOString()}: is not before the end, ${new Date(toMs).toISOString()}; expected a period`,
    );
  return window;
}
