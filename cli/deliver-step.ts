/** Delivery as a step of a command: what waits in the outbox goes to the sinks, and what did not arrive is said. */
import path from 'node:path';
import { deadLettersName, writeDeadLetters } from '../alerts/dead-letters.js';
import { deliverAlerts, type DeliveryResult, type DeliveryScope } from '../alerts/deliver.js';
import { countOutbox, deadAlerts, type Alert, type OutboxCounts } from '../alerts/outbox.js';
import { openSinks } from '../alerts/sinks/open-sinks.js';
import { terminalSafe } from './output/escape.js';
import { renderFindingCard } from './output/finding-card.js';
import { formatCounted } from './output/number-format.js';
import { streamOutput } from './output/output-stream.js';
import { plainStyle } from './output/style.js';
import type { RunSession } from './run-session.js';

export interface DeliverySummary extends DeliveryResult {
  /** What the outbox holds afterwards. */
  readonly outbox: OutboxCounts;
}

/** Sends what the scope says. A sink that fails makes the run partly done; its alerts wait for the next run. */
export async function deliverStep(session: RunSession, scope: DeliveryScope = 'due'): Promise<DeliverySummary> {
  const { config, store, context, notes } = session;
  const output = streamOutput(context.stdout);
  const { env } = context;
  const sinks = openSinks(config.sinks, { write: (text) => output.write(text), renderText: alertText, env });
  const result = await deliverAlerts({
    transact: (work) => store.transact(work),
    sinks,
    now: context.now,
    scope,
    signal: context.signal,
  });
  for (const [sink, error] of Object.entries(result.errors)) {
    notes.warn('sink-failed', `sink ${sink}: ${error}${outcomeText(result, sink)}`, { sink, error });
    session.partlyDone = true;
  }
  for (const [sink, { waiting }] of Object.entries(result.alerts)) {
    if (waiting === 0 || sink in result.errors || context.signal.aborted) continue;
    const text = `the config has no such sink; ${formatCounted(waiting, 'alert')} for it will be dead after a day`;
    notes.warn('sink-unknown', `sink ${sink}: ${text}`, { sink, waiting });
  }
  return { ...result, outbox: await reportOutbox(session) };
}

function outcomeText({ alerts }: DeliveryResult, sink: string): string {
  const { dead, failed, waiting } = alerts[sink]!;
  const kept = failed + waiting;
  return [
    kept > 0 ? `; ${formatCounted(kept, 'alert')} ${kept === 1 ? 'stays' : 'stay'} in the outbox` : '',
    dead > 0 ? `; ${formatCounted(dead, 'alert')} given up` : '',
  ].join('');
}

/** Dead alerts are said at every delivery until somebody has done something about them. */
async function reportOutbox({ store, notes }: RunSession): Promise<OutboxCounts> {
  const { counts, dead } = await store.transact(async (connection) => ({
    counts: await countOutbox(connection),
    dead: await deadAlerts(connection),
  }));
  if (dead.length === 0) return counts;
  const file = path.join(store.directory.root, deadLettersName);
  await writeDeadLetters(file, dead);
  const names = [...new Set(dead.map(({ sink }) => sink))].join(', ');
  notes.warn(
    'dead-letters',
    `${formatCounted(dead.length, 'dead alert')} that nobody has got (${names}), in ${file}; mend the sink, then: bucketwatch publish --dead (or --forget-dead)`,
    { dead: dead.length, file },
  );
  return counts;
}

/** An alert of the text format: a finding as a card, a digest as its title. */
function alertText(content: Alert['content']): string {
  if ('evidence' in content) return renderFindingCard(content, { width: null, style: plainStyle });
  return `${terminalSafe(content.title)}\n`;
}
