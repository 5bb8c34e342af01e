/** The row of the table `runs`: written with every commit, so that a killed run shows how far it came. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { timestampValue } from './catalog.js';

export type RunStatus = 'running' | 'done' | 'partly' | 'interrupted';

/** Totals of a run so far. `lines = rows + duplicates + rejected`. */
export interface RunTotals {
  objects: number;
  objectsSkipped: number;
  objectsFailed: number;
  lines: number;
  rows: number;
  duplicates: number;
  rejected: number;
  /** Bytes of the objects as stored, compressed ones compressed. */
  bytes: number;
  /** Records by kind that are recognised and not stored. */
  skipped: Record<string, number>;
}

export function noTotals(): RunTotals {
  return {
    objects: 0,
    objectsSkipped: 0,
    objectsFailed: 0,
    lines: 0,
    rows: 0,
    duplicates: 0,
    rejected: 0,
    bytes: 0,
    skipped: {},
  };
}

export interface RunRecord {
  readonly runId: string;
  readonly command: string;
  readonly startedAtUs: number;
  readonly endedAtUs: number | null;
  readonly status: RunStatus;
  readonly totals: RunTotals;
}

/** Writes or replaces the row of a run. */
export async function saveRun(connection: DuckDBConnection, run: RunRecord): Promise<void> {
  const { totals } = run;
  await connection.run('delete from runs where run_id = $1', [run.runId]);
  await connection.run(`insert into runs values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`, [
    run.runId,
    run.command,
    run.status,
    timestampValue(run.startedAtUs),
    run.endedAtUs === null ? null : timestampValue(run.endedAtUs),
    BigInt(totals.objects),
    BigInt(totals.objectsSkipped),
    BigInt(totals.objectsFailed),
    BigInt(totals.lines),
    BigInt(totals.rows),
    BigInt(totals.duplicates),
    BigInt(totals.rejected),
    Object.keys(totals.skipped).length === 0 ? null : JSON.stringify(totals.skipped),
    BigInt(totals.bytes),
  ]);
}

/** A run that is still marked as running when the lock is free was killed. */
export async function markInterruptedRuns(connection: DuckDBConnection): Promise<void> {
  await connection.run(`update runs set status = 'interrupted' where status = 'running'`);
}
