/** What the unsafe hand-over gives DuckDB, beside what Arrow says of the same batch. */
import * as fc from 'fast-check';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRow, removeRows } from '../../parsers/batch-rows.js';
import { BatchBuilder, type ParsedBatch } from '../../parsers/batch.js';
import { batchRows } from '../../parsers/batch-memory.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { accessLogTable, columnIndex, rejectsTable, type Table } from '../../parsers/tables.js';
import { openDatabase, queryRows, type Database } from '../../store/duckdb.js';
import { LakeWriter } from '../../store/lake-writer.js';
import { temporaryFolder } from '../lake.js';

type Row = Record<string, unknown>;
const folder = temporaryFolder('hand-over');
let database: Database;
let writer: LakeWriter;

beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1, memoryBytes: 256e6, tempDirectory: folder });
  writer = new LakeWriter(database.connection);
});
afterAll(() => database.close());

const column = (name: string): number => columnIndex(accessLogTable, name);

/** Rows of raw text, copied text, numbers and booleans over one block. */
function batchesOf(
  rows: readonly { raw: string; copied: string | null; size: bigint; acl: boolean | null }[],
): ParsedBatch[] {
  const batches: ParsedBatch[] = [];
  const builder = new BatchBuilder(accessLogTable, (batch) => batches.push(batch));
  const block = Buffer.from(rows.map(({ raw }) => raw).join(''));
  let at = 0;
  for (const [index, { raw, copied, size, acl }] of rows.entries()) {
    const end = at + Buffer.byteLength(raw);
    builder.row(block, at, end);
    builder.text(column('request_uri'), at, end);
    if (copied !== null) builder.string(column('key_logged'), copied);
    builder.bigint64(column('object_size'), size);
    if (acl !== null) builder.boolean(column('acl_required'), acl);
    builder.timestamp(column('event_time'), index * 1_000_000);
    builder.int64(column('log_line'), index);
    builder.endRow(index * 1_000_000);
    at = end;
  }
  builder.flush();
  return batches;
}

/** What Arrow says, in the words of DuckDB's answer; read before the hand-over, which consumes the batch. */
function arrowRows(batches: readonly ParsedBatch[]): Row[] {
  return batches.flatMap((batch) =>
    toRecordBatch(batch)
      .toArray()
      .map((row: Row) => ({
        request_uri: row['request_uri'],
        key_logged: row['key_logged'],
        object_size: row['object_size'],
        acl_required: row['acl_required'],
        log_line: row['log_line'],
      })),
  );
}

async function throughDuckDB(batches: readonly ParsedBatch[]): Promise<Row[]> {
  const file = path.join(folder, 'batch.parquet');
  await writer.write(file, batches);
  return queryRows<Row>(
    database.connection,
    'select request_uri, key_logged, object_size, acl_required, log_line from read_parquet($1) order by log_line',
    [file],
  );
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', 'a'.repeat(12), 'b'.repeat(13), '\0\x1b[31m', '"\\', 'é'.repeat(7)),
);
const row = fc.record({
  raw: text,
  copied: fc.option(text),
  size: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  acl: fc.option(fc.boolean()),
});

const make = (): ParsedBatch =>
  batchesOf(
    Array.from({ length: 300 }, (_, n) => ({
      raw: `raw ${'z'.repeat(n % 30)}${n}`,
      copied: `copied ${n}`,
      size: BigInt(n),
      acl: n % 3 === 0,
    })),
  )[0]!;

describe('the hand-over', () => {
  it('gives DuckDB what Arrow has, for any text, number and null', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        const batches = batchesOf(rows);
        const expected = arrowRows(batches);
        expect(await throughDuckDB(batches)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps full batches and the one after them apart', async () => {
    const rows = Array.from({ length: batchRows * 2 + 7 }, (_, n) => ({
      raw: `/${'x'.repeat(n % 90)}${n}`,
      copied: n % 3 === 0 ? `copy ${n} ${'y'.repeat(n % 40)}` : null,
      size: BigInt(n),
      acl: n % 2 === 0,
    }));
    const batches = batchesOf(rows);
    expect(batches).toHaveLength(3);
    const expected = arrowRows(batches);
    expect(await throughDuckDB(batches)).toEqual(expected);
  });

  it('keeps batches apart of which all rows, some or none have a value', async () => {
    const has = [() => false, () => true, (n: number) => n % 5 === 0, () => true, () => false, () => true];
    for (const size of [1, 8, 300, batchRows]) {
      const batches = has.flatMap((hasValue, batch) =>
        batchesOf(
          Array.from({ length: size }, (_, n) => ({
            raw: `/${batch}/${n}`,
            copied: hasValue(n) ? `copy ${'y'.repeat(n % 20)}` : null,
            size: BigInt(n),
            acl: hasValue(n) ? n % 2 === 0 : null,
          })),
        ),
      );
      const byText = (rows: Row[]): Row[] =>
        rows.toSorted((a, b) => String(a['request_uri']).localeCompare(String(b['request_uri'])));
      const expected = arrowRows(batches);
      expect(byText(await throughDuckDB(batches))).toEqual(byText(expected));
    }
  });

  it('keeps what is left when rows were removed, and what was copied', async () => {
    const removed = [0, 1, 17, 150, 298, 299];
    const all = arrowRows([make()]);
    const copies: ParsedBatch[] = [];
    const builder = new BatchBuilder(accessLogTable, (batch) => copies.push(batch));
    const source = make();
    for (const index of removed) copyRow(source, index, builder);
    builder.flush();
    expect(await throughDuckDB(copies)).toEqual(removed.map((index) => all[index]));
    const kept = removeRows(make(), removed)!;
    expect(await throughDuckDB([kept])).toEqual(all.filter((_, index) => !removed.includes(index)));
  });

  it('keeps bytes that are no text in a blob, beside text', async () => {
    const batches: ParsedBatch[] = [];
    const table: Table = rejectsTable;
    const builder = new BatchBuilder(table, (batch) => batches.push(batch));
    const raw = Buffer.from([0xff, 0x00, 0xc3, 0x28, ...Buffer.from('not utf-8 at all')]);
    builder.string(columnIndex(table, 'detail'), 'a detail of more than twelve bytes');
    builder.copy(columnIndex(table, 'raw'), raw);
    builder.endRow(NaN);
    builder.flush();
    const file = path.join(folder, 'reject.parquet');
    await writer.write(file, batches);
    const [stored] = await queryRows<{ detail: string; raw: string }>(
      database.connection,
      'select detail, hex(raw) as raw from read_parquet($1)',
      [file],
    );
    expect(stored).toEqual({ detail: 'a detail of more than twelve bytes', raw: raw.toString('hex').toUpperCase() });
  });

  it('refuses a block that is not UTF-8 instead of storing NULL', async () => {
    const batches: ParsedBatch[] = [];
    const builder = new BatchBuilder(accessLogTable, (batch) => batches.push(batch));
    const block = Buffer.from([...Buffer.from('more than twelve bytes '), 0xff]);
    builder.row(block, 0, block.length);
    builder.text(column('request_uri'), 0, block.length);
    builder.endRow(NaN);
    builder.flush();
    await expect(writer.write(path.join(folder, 'bad.parquet'), batches)).rejects.toThrow('not UTF-8');
  });
});
