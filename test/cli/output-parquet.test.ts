/** Parquet that others open: every type comes back as DuckDB's own reader reads it. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeParquet } from '../../cli/output/parquet.js';
import { toRowStream, type Cell, type Column, type RowStream } from '../../cli/output/rows.js';
import { openDatabase, queryRows } from '../../store/duckdb.js';
import { temporaryFolder } from '../temporary-folder.js';

const folder = temporaryFolder('parquet');

async function readBack(rows: RowStream, sql: string): Promise<Record<string, unknown>[]> {
  const file = path.join(folder, 'result.parquet');
  const chunks: Buffer[] = [];
  await writeParquet(rows, {
    write: async (chunk) => {
      chunks.push(Buffer.from(chunk as Uint8Array));
    },
  });
  fs.writeFileSync(file, Buffer.concat(chunks));
  const database = await openDatabase(':memory:', { threads: 1, memoryBytes: 128e6, tempDirectory: folder });
  try {
    return await queryRows(database.connection, sql, [file]);
  } finally {
    database.close();
  }
}

const columns: readonly Column[] = [
  { name: 'text', type: 'text' },
  { name: 'whole', type: 'integer' },
  { name: 'real', type: 'real' },
  { name: 'exact', type: 'decimal' },
  { name: 'yes', type: 'boolean' },
  { name: 'at', type: 'timestamp' },
  { name: 'day', type: 'date' },
  { name: 'nested', type: 'list' },
  { name: 'bytes', type: 'blob' },
];
const row: readonly Cell[] = [
  'ä;"\u0000',
  9007199254740993n,
  1.5,
  '12345678901234567890.12',
  true,
  '2026-01-31T07:00:00.123456Z',
  '1969-12-31',
  [1, null, 'a'],
  new Uint8Array([0, 255]),
];

async function* fiveBatches(): AsyncGenerator<Cell[][]> {
  for (let start = 0; start < 5; start++) yield Array.from({ length: 3000 }, (_, index) => [start * 3000 + index]);
}

describe('a Parquet file', () => {
  it('has the types of Arrow and loses nothing', async () => {
    const twoRows = (): RowStream => toRowStream({ columns, rows: [row, columns.map(() => null)] });
    const [types] = await readBack(
      twoRows(),
      `select ${columns.map(({ name }) => `typeof("${name}") as "${name}"`).join(', ')} from read_parquet($1) limit 1`,
    );
    expect(Object.values(types!)).toEqual([
      'VARCHAR',
      'BIGINT',
      'DOUBLE',
      'VARCHAR',
      'BOOLEAN',
      'TIMESTAMP WITH TIME ZONE',
      'DATE',
      'VARCHAR',
      'BLOB',
    ]);
    const [first, second] = await readBack(
      twoRows(),
      `select text, whole, "real", exact, yes, epoch_us("at") as "at", day::varchar as day, nested, hex(bytes) as bytes from read_parquet($1)`,
    );
    expect(first).toEqual({
      text: 'ä;"\u0000',
      whole: 9007199254740993n,
      real: 1.5,
      exact: '12345678901234567890.12',
      yes: true,
      at: BigInt(Date.UTC(2026, 0, 31, 7)) * 1000n + 123456n,
      day: '1969-12-31',
      nested: '[1,null,"a"]',
      bytes: '00FF',
    });
    expect(Object.values(second!)).toEqual(columns.map(() => null));
  });

  it('keeps the names of columns, also hostile ones', async () => {
    const name = 'a"; drop table result; --';
    const [found] = await readBack(
      toRowStream({ columns: [{ name, type: 'integer' }], rows: [[1]] }),
      'select * from read_parquet($1)',
    );
    expect(found).toEqual({ [name]: 1n });
  });

  it('has its columns when there are no rows', async () => {
    const rows = toRowStream({ columns, rows: [] });
    expect(await readBack(rows, 'select count(*) as n, count(text) as t from read_parquet($1)')).toEqual([
      { n: 0n, t: 0n },
    ]);
  });

  it('holds many batches in their order', async () => {
    const rows = { columns: [{ name: 'n', type: 'integer' as const }], batches: fiveBatches() };
    const [found] = await readBack(
      rows,
      'select count(*) as n, sum(n)::bigint as total, max(n) as last from read_parquet($1)',
    );
    expect(found).toEqual({ n: 15000n, total: 112492500n, last: 14999n });
  });

  it('refuses a number that does not fit', async () => {
    const rows = toRowStream({ columns: [{ name: 'n', type: 'integer' }], rows: [[2n ** 63n]] });
    await expect(readBack(rows, 'select 1')).rejects.toMatchObject({ code: 'query-invalid' });
  });
});
