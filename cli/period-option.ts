/** `--from` and `--to` of the commands that read. */
import { AppError } from '../config/app-error.js';
import { timeOf } from './time-option.js';

/** Milliseconds since 1970, null where the period is open; throws `usage` when it is empty. */
export function periodOf({ from, to }: { readonly from?: string; readonly to?: string }): {
  readonly fromMs: number | null;
  readonly toMs: number | null;
} {
  const fromMs = from === undefined ? null : timeOf('--from', from);
  const toMs = to === undefined ? null : timeOf('--to', to);
  if (fromMs !== null && toMs !== null && fromMs >= toMs)
    throw new AppError(
      'usage',
      `--from ${from!} --to ${to!}: the period ends before it begins; expected --to after --from`,
    );
  return { fromMs, toMs };
}
