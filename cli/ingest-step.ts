/** Ingest as a step of a command: progress, failures, and what was read in one sentence. */
import { callerArn } from '../aws/caller.js';
import type { AppError } from '../config/app-error.js';
import { ingest } from '../ingest/ingest.js';
import { principalOfArn } from '../parsers/principal.js';
import { saveOwnPrincipal } from '../store/own-principals.js';
import { lastListing, saveListing } from '../store/source-listings.js';
import { integrityStep } from './integrity-step.js';
import { createProgress } from './output/progress.js';
import { formatBytes, formatCount, formatCounted, formatDuration } from './output/number-format.js';
import type { RunSession } from './run-session.js';
import { threadCount } from './run-session.js';
import { sourcesOf, type BackfillPeriod } from './sources.js';

/** Failed objects that are named one by one; the others are counted. */
const namedFailures = 10;

/** Reads what is new and says so. Failed objects make the run partly done. */
export async function ingestStep(
  session: RunSession,
  paths: readonly string[],
  period: BackfillPeriod = { fromMs: null, toMs: null },
): Promise<void> {
  const { context, config, store, notes } = session;
  const sources = sourcesOf(paths, config, {
    cwd: context.cwd,
    runId: store.runId,
    nowMs: store.startedAtMs,
    period,
    history: (source) => ({
      read: () => store.transact((connection) => lastListing(connection, source)),
      write: (listedAtMs) => store.transact((connection) => saveListing(connection, source, listedAtMs)),
    }),
  });
  const progress = createProgress({
    stream: session.quiet ? { write: () => undefined } : context.stderr,
    now: () => performance.now(),
    label: 'ingest',
    style: notes.style,
  });
  const { failures, gone, errors, interrupted } = await ingest(store, sources, {
    threads: threadCount(config),
    memoryBytes: config.limits.memoryBytes,
    maxInflatedBytes: config.limits.maxInflatedBytes,
    onProgress: (counts) => progress.update(counts),
    onWarning: (message) => notes.warn('source-warning', message),
    signal: context.signal,
  }).finally(() => progress.clear());
  for (const { uri, error } of failures.slice(0, namedFailures))
    notes.warn('object-failed', `${uri}: ${error}; it is tried again by the next run`, { uri, error });
  if (failures.length > namedFailures)
    notes.warn(
      'objects-failed',
      `${formatCounted(failures.length - namedFailures, 'more object')} could not be read; see "bucketwatch status"`,
    );
  if (gone.length > 0)
    notes.note(
      'objects-changed',
      `${formatCounted(gone.length, 'object')} ${gone.length === 1 ? 'was' : 'were'} changed or deleted before the read; a changed one is read by the next run`,
    );
  reportSourceErrors(session, errors);
  if (paths.length === 0 && store.totals.objects > 0) await rememberOurselves(session);
  if (interrupted)
    notes.warn('interrupted', 'stopped early: what was read is committed, the rest is read by the next run');
  session.partlyDone ||= failures.length > 0;
  // The error says enough when it is all there is to say.
  if (errors.length > 0 && store.totals.objects === 0) return;
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

/** Our own reads will be in the logs of the log buckets. What is read by hand is the reader's own business. */
async function rememberOurselves({ config, store, context }: RunSession): Promise<void> {
  const remote = config.sources.flatMap((source) => (source.type === 'local' ? [] : [source]));
  const accesses = new Map(remote.map((source) => [source.roleArn, source]));
  for (const access of accesses.values()) {
    const arn = await callerArn(access);
    if (arn === null) continue;
    await store.transact((connection) => saveOwnPrincipal(connection, principalOfArn(arn), context.now()));
  }
}

/** The run goes on with what it has and ends with the first error; the others are named here. */
function reportSourceErrors(session: RunSession, errors: readonly AppError[]): void {
  session.sourceError ??= errors[0] ?? null;
  for (const error of errors.slice(1)) session.notes.warn(error.code, error.message, error.facts);
}

function ingestedText({ context, store }: RunSession): string {
  const { objects, objectsSkipped, bytes, lines, rows, duplicates, rejected } = store.totals;
  const known = objectsSkipped > 0 ? `, ${formatCounted(objectsSkipped, 'object')} known already` : '';
  if (objects === 0) return `nothing new to read${known}`;
  const seconds = formatDuration(context.now() - store.startedAtMs);
  const accounts = `${formatCount(lines)} lines = ${formatCount(rows)} rows + ${formatCount(duplicates)} duplicates + ${formatCount(rejected)} rejected`;
  return `read ${formatCounted(objects, 'object')} (${formatBytes(bytes)}) in ${seconds}${known}: ${accounts}`;
}
