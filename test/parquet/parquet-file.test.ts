/** What DuckDB reads from the files of parquet/, beside what Arrow says of the same batches. */
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRow, removeRows } from '../../parsers/batch-rows.js';
import { BatchBuilder, type ParsedBatch } from '../../parsers/batch.js';
import { batchRows } from '../../parsers/batch-memory.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { accessLogTable, columnIndex, rejectsTable } from '../../parsers/tables.js';
import { openDatabase, queryRows, type Database } from '../../store/duckdb.js';
import { LakeFileWriter } from '../../store/lake-writer.js';
import { temporaryFolder } from '../temporary-folder.js';

type Row = Record<string, unknown>;
const folder = temporaryFolder('parquet');
let database: Database;
let files = 0;

beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1, memoryBytes: 512e6, tempDirectory: folder });
});
afterAll(() => database.close());

const column = (name: string): number => columnIndex(accessLogTable, name);

interface Values {
  readonly raw: string;
  readonly copied: string | null;
  readonly size: bigint | null;
  readonly status: number | null;
  readonly acl: boolean | null;
}

/** Rows of raw text, copied text, numbers and booleans, a block for each batch. */
function batchesOf(rows: readonly Values[], rowsOfBlock = batchRows): ParsedBatch[] {
  const batches: ParsedBatch[] = [];
  const builder = new BatchBuilder(accessLogTable, (batch) => batches.push(batch));
  for (let first = 0; first < rows.length; first += rowsOfBlock) {
    const own = rows.slice(first, first + rowsOfBlock);
    const block = Buffer.from(own.map(({ raw }) => raw).join(''));
    let at = 0;
    for (const [index, { raw, copied, size, status, acl }] of own.entries()) {
      const end = at + Buffer.byteLength(raw);
      builder.row(block, at, end);
      builder.text(column('request_uri'), at, end);
      if (copied !== null) builder.string(column('key_logged'), copied);
      if (size !== null) builder.bigint64(column('object_size'), size);
      if (status !== null) builder.int16(column('http_status'), status);
      if (acl !== null) builder.boolean(column('acl_required'), acl);
      builder.timestamp(column('event_time'), (first + index) * 1_000_000);
      builder.int64(column('log_line'), first + index);
      builder.endRow((first + index) * 1_000_000);
      at = end;
    }
    builder.flush();
  }
  return batches;
}

const names = ['request_uri', 'key_logged', 'object_size', 'http_status', 'acl_required', 'event_time', 'log_line'];

/** What Arrow says, in the words of DuckDB's answer; read before the batches are given away. */
function arrowRows(batches: readonly ParsedBatch[]): Row[] {
  return batches.flatMap((batch) =>
    toRecordBatch(batch)
      .toArray()
      .map((row: Row) => Object.fromEntries(names.map((name) => [name, row[name]]))),
  );
}

function write(batches: readonly ParsedBatch[]): string {
  return writeInTurns([batches])[0]!;
}

/** Writes files at the same time, a batch of each in turn. */
function writeInTurns(all: readonly (readonly ParsedBatch[])[]): string[] {
  const open = all.map((batches) => {
    const file = path.join(folder, `${files++}.parquet`);
    return { file, batches, writer: new LakeFileWriter(file, batches[0]!.table) };
  });
  for (let turn = 0; open.some(({ batches }) => turn < batches.length); turn++)
    for (const { batches, writer } of open) if (turn < batches.length) writer.add(batches[turn]!);
  for (const { writer } of open) writer.end();
  return open.map(({ file }) => file);
}

async function throughParquet(batches: readonly ParsedBatch[]): Promise<Row[]> {
  return rowsIn(write(batches));
}

async function rowsIn(file: string): Promise<Row[]> {
  return queryRows<Row>(
    database.connection,
    `select ${names.join(', ').replace('event_time', 'epoch_ms(event_time)::double as event_time')}
     from read_parquet($1) order by file_row_number`,
    [file],
  );
}

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    'a',
    'a\0',
    'a'.repeat(8),
    'a'.repeat(9),
    'a'.repeat(12),
    'b'.repeat(13),
    '\0\x1b[31m',
    '"\\',
    'é'.repeat(7),
    'c'.repeat(300),
  ),
);
const anySize = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const anyRow = fc.record({
  raw: anyText,
  copied: fc.option(anyText),
  size: fc.option(anySize),
  status: fc.option(fc.integer({ min: -32768, max: 32767 })),
  acl: fc.option(fc.boolean()),
});
/** Few rows many times over, so that there are dictionaries and runs. */
const anyRows = fc
  .tuple(
    fc.array(anyRow, { minLength: 1, maxLength: 40 }),
    fc.array(fc.nat({ max: 39 }), { minLength: 1, maxLength: 300 }),
  )
  .map(([kinds, order]) => order.map((index) => kinds[index % kinds.length]!));

const randomText = (n: number): string => createHash('sha512').update(String(n)).digest('base64');

const make = (count: number, of: (n: number) => Partial<Values>): Values[] =>
  Array.from({ length: count }, (_, n) => ({ raw: '/', copied: null, size: null, status: null, acl: null, ...of(n) }));

/** Rows of which the first few repeat, and the others begin to be different; nearly none or nearly all have a second text. */
const manyRows = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 5000, max: 20_000 }),
    repeated: fc.constantFrom(0, 100, 3000),
    longest: fc.constantFrom(1, 20, 200),
    huge: fc.constantFrom(0, 300_000, 900_000),
    nulls: fc.constantFrom(0, 3, 64, 2500),
  })
  .map(({ seed, count, repeated, longest, huge, nulls }) =>
    make(count, (n) => {
      const text = randomText(seed + n)
        .repeat(3)
        .slice(0, 12 + ((n * 7919) % longest));
      return {
        raw: n < repeated ? 'the same' : huge > 0 && n === count >> 1 ? text.repeat(huge / text.length) : `/${text}`,
        copied: nulls > 0 && n % nulls !== 0 ? null : `${n % 2 === 0 ? 'same beginning ' : ''}${n}`,
      };
    }),
  );

/** Some thousand bytes that repeat a little. */
function longLine(n: number): string {
  return Array.from({ length: 2000 }, (_, i) => (n * 31 + i * i) % 9973).join(n % 2 === 0 ? '' : '/');
}

/** A batch of 300 rows that are all different. */
function oneBatch(): ParsedBatch {
  const rows = make(300, (n) => ({
    raw: `raw ${'z'.repeat(n % 30)}${n}`,
    copied: `copied ${n}`,
    size: BigInt(n),
    acl: n % 3 === 0,
  }));
  return batchesOf(rows)[0]!;
}

describe('a Parquet file', () => {
  it('holds its own rows when several are written in turns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRows, { minLength: 2, maxLength: 5 }), async (all) => {
        const batches = all.map((rows, index) => batchesOf(rows, 7 * (index + 1)));
        const expected = batches.map(arrowRows);
        const written = writeInTurns(batches);
        expect(await Promise.all(written.map(rowsIn))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('holds its own rows when another begins a second row group meanwhile', async () => {
    const short = batchesOf(
      make(3000, (n) => ({ raw: `short ${n % 700}`, size: BigInt(n) })),
      100,
    );
    const long = batchesOf(
      make(130_000, (n) => ({ raw: `long ${n % 5000}`, copied: n % 2 === 0 ? null : `copied ${n}` })),
    );
    const expected = [arrowRows(short), arrowRows(long)];
    const [shortFile, longFile] = writeInTurns([short, long]);
    expect([await rowsIn(shortFile!), await rowsIn(longFile!)]).toEqual(expected);
  });

  it('holds what Arrow has, for any text, number and null', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, fc.integer({ min: 1, max: 100 }), async (rows, rowsOfBlock) => {
        const batches = batchesOf(rows, rowsOfBlock);
        const expected = arrowRows(batches);
        expect(await throughParquet(batches)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ['texts that never repeat', (n: number) => ({ raw: `/${'x'.repeat(n % 90)}${n}`, copied: `${n * 7919}` })],
    [
      'texts that repeat',
      (n: number) => ({ raw: `/${'x'.repeat(n % 90)}`, copied: n % 3 === 0 ? null : `copy ${n % 7}` }),
    ],
    ['texts that repeat late', (n: number) => ({ raw: n < 5000 ? `GET /once/${n}` : `GET /often/${n % 5}` })],
    ['texts that repeat early', (n: number) => ({ raw: n < 5000 ? `GET /often/${n % 5}` : `GET /once/${n}` })],
    [
      'long runs of one value',
      (n: number) => ({ raw: `run ${Math.floor(n / 999)}`, acl: n % 2000 < 1000, size: BigInt(n >> 10) }),
    ],
    [
      'no value in many batches',
      (n: number) => ({ raw: '', copied: n > 9000 ? `late ${n}` : null, acl: n === 5 ? true : null }),
    ],
    [
      'numbers of any width',
      (n: number) => ({ size: (n % 2 === 0 ? 1n : -1n) * 2n ** BigInt(n % 63), status: (n * 7919) % 32768 }),
    ],
    [
      'numbers whose differences overflow',
      (n: number) => ({ size: n % 2 === 0 ? 2n ** 63n - 1n : -(2n ** 63n), status: n % 2 === 0 ? -32768 : 32767 }),
    ],
  ])('holds %s', async (_name, of) => {
    const batches = batchesOf(make(10_001, of));
    const expected = arrowRows(batches);
    expect(await throughParquet(batches)).toEqual(expected);
  });

  it('holds texts of more than a page and more than a compressed piece', async () => {
    const rows = make(300, (n) => ({ raw: longLine(n), copied: n === 150 ? 'y'.repeat(3_000_000) : null }));
    const batches = batchesOf(rows);
    const expected = arrowRows(batches);
    expect(await throughParquet(batches)).toEqual(expected);
  });

  it('holds what Arrow has, for thousands of texts of any length that hardly repeat', async () => {
    await fc.assert(
      fc.asyncProperty(manyRows, fc.integer({ min: 700, max: batchRows }), async (rows, rowsOfBlock) => {
        const batches = batchesOf(rows, rowsOfBlock);
        const expected = arrowRows(batches);
        const file = write(batches);
        expect(await rowsIn(file)).toEqual(expected);
        for (const name of ['request_uri', 'key_logged'])
          expect(await saidOf(file, name)).toEqual(await foundIn(file, name));
      }),
      { numRuns: 12 },
    );
  });

  it('holds a dictionary that begins with what does not get smaller', async () => {
    const rows = make(60_000, (n) => ({ raw: n < 40_000 ? randomText(n >> 1) : `the same beginning ${n >> 1}` }));
    const batches = batchesOf(rows);
    const expected = arrowRows(batches);
    expect(await throughParquet(batches)).toEqual(expected);
  });

  it('has row groups when there are many rows', async () => {
    const rows = make(130_000, (n) => ({ raw: `/${n % 1000}`, size: BigInt(n) }));
    const file = write(batchesOf(rows));
    const { connection } = database;
    const [read] = await queryRows<Row>(
      connection,
      `select count(*) as n, sum(object_size) as total, count(distinct request_uri) as texts,
        bool_and(request_uri = '/' || object_size % 1000 and log_line = object_size) as are_beside
       from read_parquet($1)`,
      [file],
    );
    expect(read).toEqual({ n: 130_000n, total: (130_000n * 129_999n) / 2n, texts: 1000n, are_beside: true });
    const groups = await queryRows<Row>(
      connection,
      `select distinct row_group_id, row_group_num_rows as rows from parquet_metadata($1) order by all`,
      [file],
    );
    expect(groups).toEqual([
      { row_group_id: 0n, rows: 122_880n },
      { row_group_id: 1n, rows: 7120n },
    ]);
  });

  it('keeps what is left when rows were removed, and what was copied', async () => {
    const removed = [0, 1, 17, 150, 298, 299];
    const all = arrowRows([oneBatch()]);
    const copies: ParsedBatch[] = [];
    const builder = new BatchBuilder(accessLogTable, (batch) => copies.push(batch));
    const from = oneBatch();
    for (const index of removed) copyRow(from, index, builder);
    builder.flush();
    expect(await throughParquet(copies)).toEqual(removed.map((index) => all[index]));
    const kept = arrowRows([removeRows(oneBatch(), removed)!]);
    expect(kept.toSorted(byLine)).toEqual(all.filter((_, index) => !removed.includes(index)));
    expect(await throughParquet([removeRows(oneBatch(), removed)!])).toEqual(kept);
  });

  it('keeps bytes that are no text in a blob, beside text', async () => {
    const batches: ParsedBatch[] = [];
    const builder = new BatchBuilder(rejectsTable, (batch) => batches.push(batch));
    const raw = Buffer.from([0xff, 0x00, 0xc3, 0x28, ...Buffer.from('not utf-8 at all')]);
    builder.string(columnIndex(rejectsTable, 'detail'), 'a detail of more than twelve bytes');
    builder.copy(columnIndex(rejectsTable, 'raw'), raw);
    builder.endRow(NaN);
    builder.flush();
    const [stored] = await queryRows<Row>(
      database.connection,
      'select detail, hex(raw) as raw, typeof(raw) as type from read_parquet($1)',
      [write(batches)],
    );
    expect(stored).toEqual({
      detail: 'a detail of more than twelve bytes',
      raw: raw.toString('hex').toUpperCase(),
      type: 'BLOB',
    });
  });

  it('refuses a block that is not UTF-8', () => {
    const batches: ParsedBatch[] = [];
    const builder = new BatchBuilder(accessLogTable, (batch) => batches.push(batch));
    const block = Buffer.from([...Buffer.from('more than twelve bytes '), 0xff]);
    builder.row(block, 0, block.length);
    builder.text(column('request_uri'), 0, block.length);
    builder.endRow(NaN);
    builder.flush();
    expect(() => write(batches)).toThrow('not UTF-8');
  });
});

/** What the metadata says of a column. */
async function saidOf(file: string, name: string): Promise<Row> {
  const [row] = await queryRows<Row>(
    database.connection,
    `select stats_min_value as least, stats_max_value as greatest, stats_null_count as nulls
     from parquet_metadata($1) where path_in_schema = $2`,
    [file, name],
  );
  return row!;
}

/** The same from the values; a long text is no help to readers and not said. */
async function foundIn(file: string, name: string): Promise<Row> {
  const [row] = await queryRows<Row>(
    database.connection,
    `select case when strlen(least) <= 256 then least end as least,
       case when strlen(greatest) <= 256 then greatest end as greatest, nulls
     from (
       select min(${name})::varchar as least, max(${name})::varchar as greatest, count(*) - count(${name}) as nulls
       from read_parquet($1)
     )`,
    [file],
  );
  return row!;
}

describe('the metadata of a Parquet file', () => {
  it('has the least and the greatest value and the nulls of every column', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, async (rows) => {
        const file = write(batchesOf(rows));
        for (const name of names) expect(await saidOf(file, name)).toEqual(await foundIn(file, name));
      }),
      { numRuns: 30 },
    );
  });

  it('has filters that know every text, and few others', async () => {
    const file = write(batchesOf(make(40_000, (n) => ({ raw: `text ${'of any length'.repeat(n % 5)} ${n % 2000}` }))));
    const { connection } = database;
    const texts = await queryRows<{ text: string }>(
      connection,
      'select distinct request_uri as text from read_parquet($1) limit 300',
      [file],
    );
    const excluded = async (text: string): Promise<boolean> => {
      const [row] = await queryRows<{ bloom_filter_excludes: boolean }>(
        connection,
        `from parquet_bloom_probe($1, 'request_uri', $2)`,
        [file, text],
      );
      return row!.bloom_filter_excludes;
    };
    for (const { text } of texts) expect(await excluded(text)).toBe(false);
    let others = 0;
    for (let n = 0; n < 300; n++) if (!(await excluded(`text that is not there ${n}`))) others++;
    expect(others).toBeLessThan(15);
  });
});

function byLine(a: Row, b: Row): number {
  return Number((a['log_line'] as bigint) - (b['log_line'] as bigint));
}
