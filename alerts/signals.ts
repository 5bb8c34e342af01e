/** What roll-ups look at: the windows of findings that are announced, from the catalog. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Signal } from '../detectors/engine/signals.js';
import { isRollUp } from '../detectors/engine/signals.js';
import type { Detector } from '../detectors/format/detector.js';
import { timestampValue } from '../store/catalog.js';
import { queryRows } from '../store/duckdb.js';
import { readContribution } from './contribution.js';
import { suppressionReason, type SuppressionRules } from './suppression.js';

interface Row {
  readonly detector: string;
  readonly window_start: bigint;
  readonly first_event_at: bigint;
  readonly last_event_at: bigint;
  readonly event_count: bigint;
  readonly body: string;
}

export interface SignalSpan {
  /** Milliseconds since 1970 of event time; a signal belongs where its first event is. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly detectors: readonly Detector[];
  readonly rules: SuppressionRules;
}

/**
 * The signals of a span: a window of a finding each. Suppressed ones and those of dry runs are left out, whatever people
 * have decided about the finding since; so are findings of detectors that are gone.
 */
export async function readSignals(
  connection: DuckDBConnection,
  { fromMs, toMs, detectors, rules }: SignalSpan,
): Promise<Signal[]> {
  const known = new Map(detectors.filter((detector) => !isRollUp(detector)).map((detector) => [detector.id, detector]));
  const rows = await queryRows<Row>(
    connection,
    `select
       findings.detector, epoch_us(finding_windows.window_start) as window_start,
       epoch_us(finding_windows.first_event_at) as first_event_at, epoch_us(finding_windows.last_event_at) as last_event_at,
       finding_windows.event_count, finding_windows.body
     from finding_windows
     join findings on findings.id = finding_windows.finding_id
     where finding_windows.first_event_at >= $1 and finding_windows.first_event_at < $2
     order by finding_windows.first_event_at, finding_windows.finding_id`,
    [timestampValue(fromMs * 1000), timestampValue(toMs * 1000)],
  );
  return rows.flatMap((row) => {
    const detector = known.get(row.detector);
    if (detector === undefined) return [];
    const contribution = readContribution(
      {
        windowStartUs: Number(row.window_start),
        firstEventAtUs: Number(row.first_event_at),
        lastEventAtUs: Number(row.last_event_at),
        eventCount: Number(row.event_count),
      },
      row.body,
    );
    return suppressionReason(rules, detector.id, contribution) === null ? [{ ...contribution, detector }] : [];
  });
}
