/** `bucketwatch preview CONTROL`: which logged requests a planned control would have refused. */
import { AppError, exitCodes } from '../../config/app-error.js';
import type { Config } from '../../config/load.js';
import { nearestName } from '../../config/nearest-name.js';
import type { Control, GivenValues } from '../../queries/preview/control.js';
import { controls } from '../../queries/preview/controls.js';
import { preview, type Preview } from '../../queries/preview/frame.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { jsonLines } from '../output/json-lines.js';
import { previewPage, previewRows } from '../output/preview-page.js';
import { toRowStream, type RowSet } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import { withReader } from '../reader-session.js';
import { printRows, type RowOutputOptions } from '../row-output.js';
import { timeOf } from '../time-option.js';

type PreviewCommandOptions = CommonOptions &
  RowOutputOptions &
  Omit<GivenValues, 'values'> & { readonly bucket?: readonly string[]; readonly from?: string; readonly to?: string };

export async function previewCommand(
  context: CommandContext,
  [name, ...values]: readonly string[],
  options: PreviewCommandOptions,
): Promise<number> {
  if (name === undefined) {
    await printRows(context, toRowStream(controlRows()), options);
    return exitCodes.done;
  }
  const control = findControl(name);
  const result = await withReader(context, options, async ({ connection }, config) => {
    const interrupt = (): void => connection.interrupt();
    context.signal.addEventListener('abort', interrupt);
    const settings = control.settings(
      { ...options, values },
      { workingHours: config.businessHours, nowMs: context.now() },
    );
    return preview(connection, { control, settings, ...scope(options, config) });
  });
  refuseUnknown(options.bucket ?? [], result);
  await print(context, result, options);
  return exitCodes.done;
}

function scope({ bucket = [], from, to }: PreviewCommandOptions, config: Config) {
  const fromMs = from === undefined ? null : timeOf('--from', from);
  const toMs = to === undefined ? null : timeOf('--to', to);
  if (fromMs !== null && toMs !== null && fromMs >= toMs)
    throw new AppError('usage', `--from ${from} --to ${to}: the end is not after the start; expected a period`);
  return { buckets: bucket, fromMs, toMs, ownAccounts: config.accounts.own };
}

/** A bucket without a single request says nothing about the control; most often its name is mistyped. */
function refuseUnknown(buckets: readonly string[], { buckets: found }: Preview): void {
  const missing = buckets.filter((bucket) => !found.some((one) => one.bucket === bucket));
  if (missing.length > 0)
    throw new AppError(
      'name-unknown',
      `--bucket ${missing.join(', ')}: no request to it in the period; expected a bucket of the logs ("bucketwatch query coverage" lists them)`,
    );
}

async function print(context: CommandContext, result: Preview, options: PreviewCommandOptions): Promise<void> {
  const { format = 'table' } = options;
  const { stdout, env } = context;
  if (options.out === undefined && format === 'table') {
    const width = stdout.isTTY === true ? (stdout.columns ?? 80) : null;
    stdout.write(previewPage(result, { width, style: createStyle(wantsColours(stdout, env)) }));
  } else if (options.out === undefined && format === 'json') {
    stdout.write(`${jsonLines(result).join('\n')}\n`);
  } else await printRows(context, toRowStream(previewRows(result)), options);
}

function findControl(name: string): Control {
  const found = controls.find((control) => control.name === name);
  if (found !== undefined) return found;
  const nearest = nearestName(
    name,
    controls.map((control) => control.name),
  );
  throw new AppError(
    'name-unknown',
    `${name}: no control of that name${nearest === null ? '' : `; did you mean ${nearest}?`} "bucketwatch preview" lists them all`,
  );
}

function controlRows(): RowSet {
  return {
    columns: ['control', 'values', 'refuses'].map((column) => ({ name: column, type: 'text' })),
    rows: controls.map(({ name, usage, refuses }) => [name, usage, refuses]),
  };
}
