/** `bucketwatch publish`: delivers what is pending in the outbox, or says what that would be. */
import { deadAlerts, forgetDead, pendingAlerts, type WaitingAlert } from '../../alerts/outbox.js';
import { exitCodes } from '../../config/app-error.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { deliverStep, type DeliverySummary } from '../deliver-step.js';
import { createNotes } from '../notes.js';
import { formatCounted } from '../output/number-format.js';
import { toRowStream, type RowSet } from '../output/rows.js';
import { withReader } from '../reader-session.js';
import { printRows } from '../row-output.js';
import { withRun, type RunSession } from '../run-session.js';
import { publishSummary } from '../summary.js';

type PublishOptions = CommonOptions & {
  readonly dead?: boolean;
  readonly forgetDead?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

export async function publishCommand(context: CommandContext, options: PublishOptions): Promise<number> {
  if (options.dryRun === true) return listAlerts(context, options);
  return withRun(context, options, { command: 'publish', work: (session) => publish(session, options) });
}

/** A person who calls this wants it now: also alerts that wait for their next attempt are tried. */
async function publish(session: RunSession, { dead, forgetDead: forget, json }: PublishOptions): Promise<number> {
  const { context, store, notes } = session;
  if (forget === true) {
    const count = await store.transact((connection) => forgetDead(connection));
    notes.note('forgotten', `${formatCounted(count, 'dead alert')} forgotten; the findings stay`, { count });
  }
  const summary = await deliverStep(session, dead === true ? 'dead' : 'pending');
  if (json === true) context.stdout.write(`${JSON.stringify(publishSummary(session, summary))}\n`);
  else notes.note('published', publishedText(summary));
  return isUnreachable(summary) ? exitCodes.unreachable : exitCodes.done;
}

function publishedText({ alerts }: DeliverySummary): string {
  const parts = Object.entries(alerts).map(
    ([sink, counts]) => `${formatCounted(counts.delivered, 'alert')} to ${sink}`,
  );
  return parts.length === 0 ? 'nothing to deliver' : `delivered ${parts.join(', ')}`;
}

/** Whether something was tried and nothing at all arrived. */
function isUnreachable({ alerts, errors }: DeliverySummary): boolean {
  return Object.keys(errors).length > 0 && Object.values(alerts).every(({ delivered }) => delivered === 0);
}

async function listAlerts(context: CommandContext, options: PublishOptions): Promise<number> {
  const alerts = await withReader(context, options, async ({ connection }) => [
    ...(await pendingAlerts(connection)),
    ...(options.dead === true ? await deadAlerts(connection) : []),
  ]);
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify({ would_send: alerts.map((alert) => alertRow(alert)) })}\n`);
    return exitCodes.done;
  }
  if (alerts.length === 0) createNotes(context, options).note('nothing', 'nothing to deliver');
  else await printRows(context, toRowStream(alertRows(alerts)), {});
  return exitCodes.done;
}

function alertRow({ id, sink, reason, state, attempts, lastError, content }: WaitingAlert) {
  const { severity, title } = content;
  return { id, sink, reason, state, severity, title, attempts, last_error: lastError };
}

function alertRows(alerts: readonly WaitingAlert[]): RowSet {
  const names = ['sink', 'reason', 'state', 'severity', 'title', 'attempts', 'last_error'] as const;
  return {
    columns: names.map((name) => ({ name, type: name === 'attempts' ? 'integer' : 'text' })),
    rows: alerts.map((alert) => {
      const row = alertRow(alert);
      return names.map((name) => row[name]);
    }),
  };
}
