/** What other detectors found, as roll-ups read it: the table `signals`, a row a detector, entity and window. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, BOOLEAN, DuckDBTimestampValue, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import type { FileConfig } from '../../config/schema.js';
import type { Severity } from '../../config/severity.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import type { Detector } from '../format/detector.js';
import { classifyAddress } from '../network/classify-address.js';
import { createNetworkSet } from '../network/network-set.js';
import type { Detection } from './detection.js';

/** One detection of another detector that is announced: neither suppressed nor of a dry run. */
export type Signal = Pick<
  Detection,
  | 'detector'
  | 'severity'
  | 'identity'
  | 'firstEventAtUs'
  | 'lastEventAtUs'
  | 'eventCount'
  | 'evidence'
  | 'windowStartUs'
>;

/** Facts of the catalogue, detectors.md §1. */
const points: Readonly<Record<Severity, number>> = { critical: 100, high: 50, medium: 20, low: 5, info: 1 };

/** How far back roll-ups look: of what is older, less than a hundredth of its points would be left. */
export const signalReachMs = 7 * 86_400_000;

/** Whether a detector looks at what others found, and not at logs. */
export function isRollUp({ sources }: Pick<Detector, 'sources'>): boolean {
  return sources.includes('findings');
}

/**
 * Creates `signals(signal_id, detector, family, tactic, is_behavioural, severity, points, first_event_at, last_event_at,
 * event_count, account_id, region, bucket, principal, source_ip, is_strange_ip)`. `signal_id` is the place in the list;
 * an address is strange when it is on the internet and in no trusted network.
 */
export async function createSignals(
  connection: DuckDBConnection,
  signals: readonly Signal[],
  config: Pick<FileConfig, 'networks'>,
): Promise<void> {
  await connection.run(`
    create or replace temp table signals (
      signal_id varchar, detector varchar, family varchar, tactic varchar, is_behavioural boolean, severity varchar,
      points integer, first_event_at timestamp, last_event_at timestamp, event_count bigint, account_id varchar,
      region varchar, bucket varchar, principal varchar, source_ip varchar, is_strange_ip boolean
    )`);
  await appendTempRows(
    connection,
    'signals',
    signalColumns(config),
    signals.map((signal, id) => ({ id, signal })),
  );
}

/** Takes the table away again. */
export async function dropSignals(connection: DuckDBConnection): Promise<void> {
  await connection.run('drop table if exists temp.signals');
}

interface NumberedSignal {
  readonly id: number;
  readonly signal: Signal;
}

function signalColumns({ networks }: Pick<FileConfig, 'networks'>): AppendColumn<NumberedSignal>[] {
  const trusted = createNetworkSet(networks.trusted);
  const isStrange = (ip: string | null): boolean =>
    ip !== null && classifyAddress(ip)?.scope === 'global' && !trusted.has(ip);
  return [
    { type: VARCHAR, value: ({ id }) => String(id) },
    text(({ detector }) => detector.id),
    text(({ detector }) => detector.family),
    text(({ detector }) => detector.tactic),
    { type: BOOLEAN, value: ({ signal }) => signal.detector.needsLearning },
    text(({ severity }) => severity),
    { type: INTEGER, value: ({ signal }) => points[signal.severity] },
    time(({ firstEventAtUs }) => firstEventAtUs),
    time(({ lastEventAtUs }) => lastEventAtUs),
    { type: BIGINT, value: ({ signal }) => BigInt(signal.eventCount) },
    text(({ identity }) => identity.account_id),
    text(({ identity }) => identity.region),
    text(({ identity }) => identity.bucket),
    text(({ identity }) => identity.principal),
    text(({ identity }) => identity.source_ip),
    { type: BOOLEAN, value: ({ signal }) => isStrange(signal.identity.source_ip) },
  ];
}

function text(value: (signal: Signal) => string | null): AppendColumn<NumberedSignal> {
  return { type: VARCHAR, value: ({ signal }) => value(signal) };
}

function time(value: (signal: Signal) => number): AppendColumn<NumberedSignal> {
  return { type: TIMESTAMP, value: ({ signal }) => new DuckDBTimestampValue(BigInt(value(signal))) };
}
