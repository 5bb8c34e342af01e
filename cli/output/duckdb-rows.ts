/** DuckDB results as neutral rows. Only types come from @duckdb/node-api, so this module opens and loads nothing. */
import type {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBResult,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBUnionValue,
  DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { Cell, Column, ColumnType, Row, RowStream } from './rows.js';

/** The rows of a streaming result (`connection.stream`), a batch a chunk, in bounded memory. */
export function streamDuckDB(result: DuckDBResult): RowStream {
  return { columns: duckDBColumns(result), batches: convertedBatches(result) };
}

async function* convertedBatches(result: DuckDBResult): AsyncGenerator<Row[]> {
  const convert = rowConverter(result.columnTypes());
  for await (const rows of result.yieldRows()) yield rows.map(convert);
}

function duckDBColumns(result: DuckDBResult): Column[] {
  const types = result.columnTypes();
  return result.deduplicatedColumnNames().map((name, index) => ({ name, type: columnType(types[index]!) }));
}

type Convert = (value: DuckDBValue) => Cell;

function rowConverter(types: readonly DuckDBType[]): (row: readonly DuckDBValue[]) => Row {
  const converters = types.map(converterOf);
  return (row) => row.map((value, index) => converters[index]!(value));
}

/**
 * The SQL name without its parameters, for example `DECIMAL`, `TIMESTAMP WITH TIME ZONE`; `[]` ends lists and arrays.
 */
function typeName(type: DuckDBType): string {
  const name = type.toString();
  return /\[\d*\]$/.test(name) ? '[]' : name.replace(/\(.*$/s, '');
}

const columnTypes: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'integer',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  HUGEINT: 'integer',
  BIGNUM: 'integer',
  UTINYINT: 'integer',
  USMALLINT: 'integer',
  UINTEGER: 'integer',
  UBIGINT: 'integer',
  UHUGEINT: 'integer',
  FLOAT: 'real',
  DOUBLE: 'real',
  DECIMAL: 'decimal',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  DATE: 'date',
  BLOB: 'blob',
  GEOMETRY: 'blob',
  STRUCT: 'struct',
  MAP: 'map',
  UNION: 'struct',
  '[]': 'list',
};

function columnType(type: DuckDBType): ColumnType {
  if (type.alias === 'JSON') return 'json';
  return columnTypes[typeName(type)] ?? 'text'; // enum, uuid, time, interval, bit, variant: DuckDB's own text
}

/** Decided once a column, so that no cell looks at types. */
function converterOf(type: DuckDBType): Convert {
  const convert = valueConverter(type);
  return (value) => (value === null ? null : convert(value));
}

function valueConverter(type: DuckDBType): Convert {
  switch (columnType(type)) {
    case 'integer':
      return (value) => smallestInteger(value as number | bigint);
    case 'real':
    case 'boolean':
      return (value) => value as number | boolean;
    case 'timestamp':
      return timestampConverter(typeName(type));
    case 'date':
      return (value) => dateText(value as DuckDBDateValue);
    case 'blob':
      return (value) => (value as DuckDBBlobValue).bytes;
    case 'list':
    case 'struct':
    case 'map':
      return nestedConverter(type);
    default:
      return plainText;
  }
}

function smallestInteger(value: number | bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** A VARIANT wraps its value in quotes of its own when it is text; the text itself is meant. */
function plainText(value: DuckDBValue): string {
  const isVariant = value !== null && typeof value === 'object' && value.constructor.name === 'DuckDBVariantValue';
  return String(isVariant ? (value as DuckDBVariantValue).value : value);
}

function nestedConverter(type: DuckDBType): Convert {
  if ('valueType' in type && 'keyType' in type)
    return mapConverter(converterOf(type.keyType), converterOf(type.valueType));
  if ('valueType' in type) {
    const item = converterOf(type.valueType);
    return (value) => (value as DuckDBListValue | DuckDBArrayValue).items.map(item);
  }
  if ('memberTags' in type) {
    const members = new Map(type.memberTags.map((tag, index) => [tag, converterOf(type.memberTypes[index]!)]));
    return (value) => {
      const { tag, value: inner } = value as DuckDBUnionValue;
      return Object.fromEntries([[tag, members.get(tag)!(inner)]]);
    };
  }
  if (!('entryNames' in type)) return plainText;
  const entries = type.entryNames.map((name, index) => [name, converterOf(type.entryTypes[index]!)] as const);
  return (value) =>
    Object.fromEntries(entries.map(([name, convert]) => [name, convert((value as DuckDBStructValue).entries[name]!)]));
}

function mapConverter(key: Convert, value: Convert): Convert {
  return (map) => (map as DuckDBMapValue).entries.map((entry) => ({ key: key(entry.key), value: value(entry.value) }));
}

function dateText(date: DuckDBDateValue): string {
  if (!date.isFinite) return date.days > 0 ? 'infinity' : '-infinity';
  return isoText(BigInt(date.days) * 86_400_000_000_000n)?.slice(0, -10) ?? date.toString();
}

/** Every kind in nanoseconds. A TIMESTAMP without a zone is UTC throughout the lake. */
function timestampConverter(name: string): Convert {
  const nanos: Readonly<Record<string, (value: DuckDBValue) => bigint>> = {
    TIMESTAMP_S: (value) => (value as DuckDBTimestampSecondsValue).seconds * 1_000_000_000n,
    TIMESTAMP_MS: (value) => (value as DuckDBTimestampMillisecondsValue).millis * 1_000_000n,
    TIMESTAMP_NS: (value) => (value as DuckDBTimestampNanosecondsValue).nanos,
  };
  const toNanos = nanos[name] ?? ((value: DuckDBValue) => (value as DuckDBTimestampValue).micros * 1000n);
  return (value) => {
    const timestamp = value as DuckDBTimestampValue;
    if (!timestamp.isFinite) return toNanos(value) > 0n ? 'infinity' : '-infinity';
    return isoText(toNanos(value)) ?? timestamp.toString();
  };
}

/** `2026-01-31T07:00:00Z` with 0, 3, 6 or 9 digits of a second; null for years that no JavaScript date reaches. */
function isoText(nanos: bigint): string | null {
  const inSecond = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const date = new Date(Number((nanos - inSecond) / 1_000_000n));
  if (Number.isNaN(date.getTime())) return null;
  const digits = String(inSecond)
    .padStart(9, '0')
    .replace(/(000){1,3}$/, '');
  return `${date.toISOString().slice(0, -5)}${digits === '' ? '' : `.${digits}`}Z`;
}
