import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamDuckDB } from '../../cli/output/duckdb-rows.js';
import type { Cell, Column, ColumnType, Row } from '../../cli/output/rows.js';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create();
  connection = await instance.connect();
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

async function resultOf(sql: string): Promise<{ columns: readonly Column[]; rows: Row[] }> {
  const { columns, batches } = streamDuckDB(await connection.stream(sql));
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...batch);
  return { columns, rows };
}

describe('a DuckDB value', () => {
  it.each<[string, ColumnType, Cell]>([
    ['42::tinyint', 'integer', 42],
    ['9007199254740991', 'integer', 9007199254740991],
    ['9007199254740993', 'integer', 9007199254740993n],
    ['sum(5)', 'integer', 5],
    ["'-170141183460469231731687303715884105728'::hugeint", 'integer', -(2n ** 127n)],
    ['1.5::double', 'real', 1.5],
    ["'nan'::double", 'real', NaN],
    ['1.10::decimal(38,2)', 'decimal', '1.10'],
    ['true', 'boolean', true],
    ["'x'", 'text', 'x'],
    ["'a'::enum('a', 'b')", 'text', 'a'],
    ["'3f333df6-90a4-4fda-8dd3-9485d27cee36'::uuid", 'text', '3f333df6-90a4-4fda-8dd3-9485d27cee36'],
    ["interval '1 day'", 'text', '1 day'],
    ["time '01:02:03'", 'text', '01:02:03'],
    ["'101'::bit", 'text', '101'],
    [`'{"a":1}'::json`, 'json', '{"a":1}'],
    ["timestamp '2026-01-31 07:00:00'", 'timestamp', '2026-01-31T07:00:00Z'],
    ["timestamp '2026-01-31 07:00:00.1'", 'timestamp', '2026-01-31T07:00:00.100Z'],
    ["timestamp '2026-01-31 07:00:00.123456'", 'timestamp', '2026-01-31T07:00:00.123456Z'],
    ["timestamp '1969-12-31 23:59:59.999999'", 'timestamp', '1969-12-31T23:59:59.999999Z'],
    ["timestamptz '2026-01-31 08:00:00+01'", 'timestamp', '2026-01-31T07:00:00Z'],
    ["'2026-01-31 07:00:00'::timestamp_s", 'timestamp', '2026-01-31T07:00:00Z'],
    ["'2026-01-31 07:00:00.5'::timestamp_ms", 'timestamp', '2026-01-31T07:00:00.500Z'],
    ["'2026-01-31 07:00:00.123456789'::timestamp_ns", 'timestamp', '2026-01-31T07:00:00.123456789Z'],
    ["'infinity'::timestamp", 'timestamp', 'infinity'],
    ["'-infinity'::timestamp", 'timestamp', '-infinity'],
    ["date '2026-01-31'", 'date', '2026-01-31'],
    ["date '1965-05-05'", 'date', '1965-05-05'],
    ["'infinity'::date", 'date', 'infinity'],
    ['[1, null]', 'list', [1, null]],
    ['array_value(1, 2)', 'list', [1, 2]],
    [
      "{'t': timestamp '2026-01-31 07:00:00', 'l': [9007199254740993]}",
      'struct',
      { t: '2026-01-31T07:00:00Z', l: [9007199254740993n] },
    ],
    ["map(['k'], [1.50])", 'map', [{ key: 'k', value: '1.50' }]],
    ['union_value(q := 1)', 'struct', { q: 1 }],
    ["'x'::variant", 'text', 'x'],
    ['null', 'integer', null],
    ['null::timestamp', 'timestamp', null],
  ])('%s is of type %s', async (sql, type, cell) => {
    const { columns, rows } = await resultOf(`select ${sql} as c`);
    expect(columns).toEqual([{ name: 'c', type }]);
    expect(rows).toEqual([[cell]]);
  });

  it('of type BLOB is its bytes', async () => {
    const { columns, rows } = await resultOf(`select 'a\\x00'::blob as c`);
    expect(columns[0]?.type).toBe('blob');
    expect([...(rows[0]![0] as Uint8Array)]).toEqual([0x61, 0]);
  });
});

describe('a DuckDB result', () => {
  it('names repeated columns apart', async () => {
    const { columns } = await resultOf('select 1 as a, 2 as a');
    expect(columns.map(({ name }) => name)).toEqual(['a', 'a:1']);
  });

  it('streams in batches', async () => {
    const { columns, batches } = streamDuckDB(await connection.stream('select range as n from range(5000)'));
    const sizes: number[] = [];
    for await (const batch of batches) sizes.push(batch.length);
    expect(columns).toEqual([{ name: 'n', type: 'integer' }]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(5000);
    expect(sizes.length).toBeGreaterThan(1);
  });
});
