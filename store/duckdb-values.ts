/** Values of DuckDB's types that JavaScript has none for. */
import type { DuckDBValue } from '@duckdb/node-api';
import { DuckDBBlobValue, DuckDBDateValue, DuckDBTimestampTZValue } from '@duckdb/node-api';

const dayMs = 86_400_000;

/** A time in microseconds since 1970, UTC. */
export function timestampTZValue(micros: bigint): DuckDBValue {
  return new DuckDBTimestampTZValue(micros);
}

/** A day, `YYYY-MM-DD`, or one of DuckDB's infinities. */
export function dateValue(day: string): DuckDBValue {
  if (day === 'infinity') return DuckDBDateValue.PosInf;
  if (day === '-infinity') return DuckDBDateValue.NegInf;
  return new DuckDBDateValue(Math.round(Date.parse(`${day}T00:00:00Z`) / dayMs));
}

/** Bytes. */
export function blobValue(bytes: Uint8Array): DuckDBValue {
  return new DuckDBBlobValue(bytes);
}
