/** Turns the rows of a detector's query into typed values, and says exactly which column is wrong when one is. */
import type { DuckDBValue } from '@duckdb/node-api';
import { DuckDBDateValue, DuckDBListValue, DuckDBTimestampTZValue, DuckDBTimestampValue } from '@duckdb/node-api';
import { severities, type Severity } from '../../config/severity.js';
import { identityColumns, type IdentityColumn } from './detection.js';

/** A row of a detector before the config and the evidence are added. */
export interface OutputRow {
  readonly windowStartUs: number;
  readonly severity: Severity | null;
  readonly summary: string | null;
  readonly identity: Readonly<Record<IdentityColumn, string | null>>;
  readonly firstEventAtUs: number;
  readonly lastEventAtUs: number;
  readonly eventCount: number;
  readonly rowIds: readonly string[];
  readonly expected: string | null;
  readonly observed: string | null;
  readonly historyDays: number | null;
  readonly factors: readonly string[];
}

const required = ['window_start', 'first_event_at', 'last_event_at', 'event_count'];

/** Every column that a detector may return. */
const outputColumns: readonly string[] = [
  ...required,
  'severity',
  'summary',
  ...identityColumns,
  'evidence',
  'expected',
  'observed',
  'history_days',
  'factors',
];

/** Throws an Error when a required column is missing or there is one that findings do not have. */
export function checkColumnNames(names: readonly string[]): void {
  const missing = required.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !outputColumns.includes(name));
  if (missing.length > 0)
    throw new Error(`the query has no column ${missing.join(', ')}; expected at least ${required.join(', ')}`);
  if (unknown.length > 0)
    throw new Error(
      `the query has the unknown column ${unknown.join(', ')}; expected only ${outputColumns.join(', ')}`,
    );
}

type Row = Readonly<Record<string, DuckDBValue>>;

/** Reads one row. Throws an Error that names the column, its value and what was expected. */
export function outputRow(row: Row): OutputRow {
  return {
    windowStartUs: time(row, 'window_start'),
    severity: severity(row),
    summary: text(row, 'summary'),
    identity: Object.fromEntries(identityColumns.map((name) => [name, text(row, name)])) as OutputRow['identity'],
    firstEventAtUs: time(row, 'first_event_at'),
    lastEventAtUs: time(row, 'last_event_at'),
    eventCount: count(row, 'event_count') ?? wrong(row, 'event_count', 'a whole number'),
    rowIds: texts(row, 'evidence'),
    expected: text(row, 'expected'),
    observed: text(row, 'observed'),
    historyDays: count(row, 'history_days'),
    factors: texts(row, 'factors'),
  };
}

function time(row: Row, name: string): number {
  const value = row[name];
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return Number(value.micros);
  if (value instanceof DuckDBDateValue) return value.days * 86_400_000_000;
  return wrong(row, name, 'a timestamp');
}

function text(row: Row, name: string): string | null {
  const value = row[name] ?? null;
  return value === null || typeof value === 'string' ? value : wrong(row, name, 'text');
}

function count(row: Row, name: string): number | null {
  const value = row[name] ?? null;
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (number === null || (typeof number === 'number' && Number.isSafeInteger(number))) return number;
  return wrong(row, name, 'a whole number');
}

function texts(row: Row, name: string): string[] {
  const value = row[name] ?? null;
  if (value === null) return [];
  if (!(value instanceof DuckDBListValue)) return wrong(row, name, 'a list of texts');
  return value.items
    .filter((item) => item !== null)
    .map((item) => (typeof item === 'string' ? item : wrong(row, name, 'a list of texts')));
}

function severity(row: Row): Severity | null {
  const value = text(row, 'severity');
  if (value === null || severities.includes(value as Severity)) return value as Severity | null;
  return wrong(row, 'severity', `one of ${severities.join(', ')}`);
}

/** Log text may stand in the value, so it is quoted as JSON and cut short. */
function wrong(row: Row, name: string, expected: string): never {
  const value = row[name] ?? null;
  const shown = value === null ? 'null' : JSON.stringify(String(value)).slice(0, 80);
  throw new Error(`column ${name} is ${shown}; expected ${expected}`);
}
