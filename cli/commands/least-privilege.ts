/** `bucketwatch least-privilege BUCKET`: what each principal really used there, as an IAM policy. */
import { AppError, exitCodes } from '../../config/app-error.js';
import { leastPrivilege, type LeastPrivilege } from '../../queries/least-privilege/least-privilege.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { leastPrivilegePage, leastPrivilegeRows } from '../output/least-privilege-page.js';
import { jsonLines } from '../output/json-lines.js';
import { toRowStream } from '../output/rows.js';
import { createStyle, wantsColours } from '../output/style.js';
import { withReader } from '../reader-session.js';
import { printRows, type RowOutputOptions } from '../row-output.js';

type LeastPrivilegeOptions = CommonOptions & RowOutputOptions & { readonly principal?: string; readonly days?: string };

export async function leastPrivilegeCommand(
  context: CommandContext,
  bucket: string,
  options: LeastPrivilegeOptions,
): Promise<number> {
  const days = options.days === undefined ? null : daysOf(options.days);
  const result = await withReader(context, options, async ({ connection }) => {
    const interrupt = (): void => connection.interrupt();
    context.signal.addEventListener('abort', interrupt);
    return leastPrivilege(connection, { bucket, principal: options.principal ?? null, days });
  });
  refuseNothing(bucket, result, options);
  await print(context, result, options);
  return exitCodes.done;
}

function daysOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new AppError('usage', `--days ${text}: is not a number of days; expected a whole number such as 90`);
  return Number(text);
}

function refuseNothing(
  bucket: string,
  { policies, left_out }: LeastPrivilege,
  { principal }: LeastPrivilegeOptions,
): void {
  if (policies.length + left_out.length > 0) return;
  const who = principal === undefined ? '' : ` by ${principal}`;
  throw new AppError(
    'name-unknown',
    `${bucket}: no successful request to it${who} in the period; expected a bucket and a principal of the logs ("bucketwatch query bucket-requesters --param bucket=${bucket}" lists them)`,
  );
}

async function print(context: CommandContext, result: LeastPrivilege, options: LeastPrivilegeOptions): Promise<void> {
  const { format = 'table' } = options;
  const { stdout, env } = context;
  if (options.out === undefined && format === 'table') {
    const width = stdout.isTTY === true ? (stdout.columns ?? 80) : null;
    stdout.write(leastPrivilegePage(result, { width, style: createStyle(wantsColours(stdout, env)) }));
  } else if (options.out === undefined && format === 'json') {
    stdout.write(`${jsonLines(result).join('\n')}\n`);
  } else await printRows(context, toRowStream(leastPrivilegeRows(result)), options);
}
