/** Upkeep as the last step of a run, when everything is found and told: small files are merged, old days are forgotten. */
import { formatCounted } from './output/number-format.js';
import type { RunSession } from './run-session.js';

/** A day is merged when it has so many small files; a job on a schedule adds some to its day at every run. */
const mergeAfter = 24;

/** `forgets` says whether `retention_days` holds: it does for the job that reads the sources of the config. */
export async function upkeepStep(session: RunSession, { forgets }: { readonly forgets: boolean }): Promise<void> {
  const { config, context, store, notes } = session;
  if (context.signal.aborted) return;
  await store.compact(mergeAfter, context.signal);
  if (!forgets || config.retentionDays === null) return;
  const { days, rows, before } = await store.forget(config.retentionDays);
  if (days === 0) return;
  notes.note(
    'forgotten-days',
    `forgot ${formatCounted(days, 'day')} of logs before ${before} (${formatCounted(rows, 'row')}; retention_days: ${config.retentionDays})`,
    { days, rows, before },
  );
}
