/** Ingest as a step of a command: progress, failures, and what was read in one sentence. */
import { ingest } from '../ingest/ingest.js';
import { integrityStep } from './integrity-step.js';
import { createProgress } from './output/progress.js';
import { formatBytes, formatCount, formatCounted, formatDuration } from './output/number-format.js';
import type { RunSession } from './run-session.js';
import { threadCount } from './run-session.js';
import { sourcesOf } from './sources.js';

/** Failed objects that are named one by one; the others are counted. */
const namedFailures = 10;

/** Reads what is new and says so. Failed objects make the run partly done. */
export async function ingestStep(session: RunSession, paths: readonly string[]): Promise<void> {
  const { context, config, store, notes } = session;
  const sources = sourcesOf(paths, config, { cwd: context.cwd, runId: store.runId });
  const progress = createProgress({
    stream: session.quiet ? { write: () => undefined } : context.stderr,
    now: () => performance.now(),
    label: 'ingest',
    style: notes.style,
  });
  const { failures, interrupted } = await ingest(store, sources, {
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
    maxInflatedBytes: config.limits.maxInflatedBytes,
    onProgress: (counts) => progress.update(counts),
    signal: context.signal,
  }).finally(() => progress.clear());
  for (const { uri, error } of failures.slice(0, namedFailures))
    notes.warn('object-failed', `${uri}: ${error}; it is tried again by the next run`, { uri, error });
  if (failures.length > namedFailures)
    notes.warn(
      'objects-failed',
      `${formatCounted(failures.length - namedFailures, 'more object')} could not be read; see "bucketwatch status"`,
    );
  if (interrupted)
    notes.warn('interrupted', 'stopped early: what was read is committed, the rest is read by the next run');
  session.partlyDone ||= failures.length > 0;
  notes.note('ingested', ingestedText(session), {
    run_id: store.runId,
    objects: store.totals.objects,
    rows: store.totals.rows,
  });
  if (!interrupted) await integrityStep(session);
  if (store.totals.rejected > 0) {
    notes.note(
      'rejected',
      `${formatCounted(store.totals.rejected, 'line')} could not be parsed and ${store.totals.rejected === 1 ? 'is' : 'are'} kept: bucketwatch query rejects`,
    );
  }
}

function ingestedText({ context, store }: RunSession): string {
  const { objects, objectsSkipped, bytes, lines, rows, duplicates, rejected } = store.totals;
  const known = objectsSkipped > 0 ? `, ${formatCounted(objectsSkipped, 'object')} known already` : '';
  if (objects === 0) return `nothing new to read${known}`;
  const seconds = formatDuration(context.now() - store.startedAtMs);
  const accounts = `${formatCount(lines)} lines = ${formatCount(rows)} rows + ${formatCount(duplicates)} duplicates + ${formatCount(rejected)} rejected`;
  return `read ${formatCounted(objects, 'object')} (${formatBytes(bytes)}) in ${seconds}${known}: ${accounts}`;
}
