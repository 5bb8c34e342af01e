import { tableFromIPC } from 'apache-arrow';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formats, writeRows, type Format, type FormatOptions } from '../../cli/output/format.js';
import { toRowStream, type Cell, type Column, type ColumnType, type RowStream } from '../../cli/output/rows.js';

async function bytesOf(format: Format, rows: RowStream, options?: FormatOptions): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const write = async (chunk: string | Uint8Array): Promise<void> => {
    chunks.push(Buffer.from(chunk as string));
  };
  await writeRows(format, rows, { write }, options);
  return Buffer.concat(chunks);
}
const textOf = async (format: Format, rows: RowStream): Promise<string> => (await bytesOf(format, rows)).toString();

function oneColumn(type: ColumnType, ...cells: Cell[]): RowStream {
  return toRowStream({ columns: [{ name: 'c', type }], rows: cells.map((cell) => [cell]) });
}

const columns: Column[] = [
  { name: 'name', type: 'text' },
  { name: 'bytes_sent', type: 'integer' },
  { name: 'at', type: 'timestamp' },
];
const sample = (): RowStream =>
  toRowStream({
    columns,
    rows: [
      ['a', 9007199254740993n, '2026-01-31T07:00:00.123456Z'],
      [null, null, null],
    ],
  });

async function* twoBatches(): AsyncGenerator<Cell[][]> {
  yield [['1'], ['2']];
  yield [['3']];
}

async function* brokenSource(): AsyncGenerator<Cell[][]> {
  yield [['1']];
  throw new Error('source broke');
}

/** RFC 4180 as it is written, to read back what was printed. */
function parseCsv(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/y;
  const records: string[][] = [[]];
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (match === null) throw new Error('not CSV');
    records.at(-1)!.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '\n') records.push([]);
  }
  return records.slice(0, -1);
}

describe('every format', () => {
  it.each(formats.filter((format) => format !== 'parquet'))('%s prints a result without rows', async (format) => {
    const bytes = await bytesOf(format, toRowStream({ columns, rows: [] }));
    expect(bytes.length > 0 || format === 'jsonl').toBe(true);
  });

  it.each(['csv', 'json', 'jsonl', 'markdown'] as const)('%s keeps every digit of a large integer', async (format) => {
    expect(await textOf(format, sample())).toContain('9007199254740993');
  });

  it.each(['table', 'csv', 'json', 'jsonl', 'markdown'] as const)(
    '%s takes batches one by one and counts their rows',
    async (format) => {
      const text: string[] = [];
      const count = await writeRows(
        format,
        { columns: [{ name: 'c', type: 'text' }], batches: twoBatches() },
        {
          async write(chunk) {
            text.push(String(chunk));
          },
        },
      );
      expect(count).toBe(3);
      expect(text.join('')).toMatch(/1[^]*2[^]*3/);
    },
  );

  it('refuses bytes on a terminal', async () => {
    await expect(bytesOf('arrow', sample(), { isTerminal: true })).rejects.toMatchObject({
      code: 'usage',
      exitCode: 2,
    });
  });

  it('leaves parquet to the store', async () => {
    await expect(bytesOf('parquet', sample())).rejects.toMatchObject({ code: 'usage' });
    const written = await bytesOf('parquet', sample(), {
      writeParquet: async (_, output) => (await output.write('PAR1'), 2),
    });
    expect(written.toString()).toBe('PAR1');
  });
});

describe('json and jsonl', () => {
  it('print one object a line', async () => {
    expect(await textOf('jsonl', sample())).toBe(
      '{"name":"a","bytes_sent":9007199254740993,"at":"2026-01-31T07:00:00.123456Z"}\n{"name":null,"bytes_sent":null,"at":null}\n',
    );
  });

  it('print an array that parses', async () => {
    expect(JSON.parse(await textOf('json', oneColumn('text', 'a', 'b')))).toEqual([{ c: 'a' }, { c: 'b' }]);
    expect(JSON.parse(await textOf('json', oneColumn('text')))).toEqual([]);
  });

  it.each<[ColumnType, Cell, string]>([
    ['decimal', '123456789012345678901234567890.10', '123456789012345678901234567890.10'],
    ['real', NaN, '"NaN"'],
    ['real', -Infinity, '"-Infinity"'],
    ['real', 1e21, '1e+21'],
    ['boolean', true, 'true'],
    ['json', '{"n": 12345678901234567890,\n\t"s": "\u202e"}', '{"n": 12345678901234567890,  "s": "\\u202e"}'],
    ['json', 'not json', '"not json"'],
    ['list', ['a', null, [1n, { b: true }]], '["a",null,[1,{"b":true}]]'],
    ['map', [{ key: 'k', value: 1 }], '[{"key":"k","value":1}]'],
    ['blob', new Uint8Array([0x61, 0x5c, 0x00, 0xff]), '"a\\\\x5C\\\\x00\\\\xFF"'],
    ['text', '\x1b\u009b\ud800', '"\\u001b\\u009b\\ud800"'],
  ])('print %s %s as %s', async (type, cell, expected) => {
    expect(await textOf('jsonl', oneColumn(type, cell))).toBe(`{"c":${expected}}\n`);
  });

  it('keep both values of a repeated column name', async () => {
    const rows = toRowStream({
      columns: [
        { name: 'a', type: 'text' },
        { name: 'a', type: 'text' },
      ],
      rows: [['1', '2']],
    });
    expect(JSON.parse(await textOf('jsonl', rows))).toEqual({ a: '1', 'a:1': '2' });
  });

  it('give back any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const line = await textOf('jsonl', oneColumn('text', text));
        expect(JSON.parse(line)).toEqual({ c: text });
        expect(line.split('\n')).toHaveLength(2);
      }),
    );
  });
});

describe('csv', () => {
  it('tells NULL from empty text', async () => {
    const rows = toRowStream({
      columns: [
        { name: 'a', type: 'text' },
        { name: 'b', type: 'text' },
      ],
      rows: [[null, '']],
    });
    expect(await textOf('csv', rows)).toBe('a,b\n,""\n');
  });

  it('leaves negative numbers numbers and makes formulas of text inert, in names too', async () => {
    const rows = toRowStream({
      columns: [
        { name: '=evil()', type: 'integer' },
        { name: 't', type: 'text' },
      ],
      rows: [
        [-5, '=1+1'],
        [-5n, "=cmd|' /C calc'!A0"],
      ],
    });
    expect(await textOf('csv', rows)).toBe("'=evil(),t\n-5,'=1+1\n-5,'=cmd|' /C calc'!A0\n");
  });

  it('gives back any text that has no dangerous characters, once apostrophes before formulas are taken away', async () => {
    const texts = fc.array(
      fc.string({
        unit: fc.constantFrom('a', '1', ',', '"', "'", '\n', '\r', ' ', '=', '-', '@', '\t', '漢', '😀', ';'),
      }),
      { minLength: 1 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          texts.map((cells) => cells.slice(0, 3)),
          { minLength: 1 },
        ),
        async (records) => {
          const width = Math.max(...records.map((record) => record.length));
          const rows = records.map((record) => Array.from({ length: width }, (_, index) => record[index] ?? ''));
          const columns = rows[0]!.map((_, index): Column => ({ name: `c${index}`, type: 'text' }));
          const parsed = parseCsv(await textOf('csv', toRowStream({ columns, rows })));
          const restored = parsed
            .slice(1)
            .map((record) => record.map((value) => value.replace(/^'('*[=+\-@\t\r\n])/, '$1')));
          expect(restored).toEqual(rows);
        },
      ),
    );
  });
});

describe('markdown', () => {
  it('prints a table with numbers on the right and hostile cells as code', async () => {
    const rows = toRowStream({
      columns: [
        { name: 'k|ey', type: 'text' },
        { name: 'n', type: 'integer' },
      ],
      rows: [
        ['a|<b>', -1],
        [null, 2],
      ],
    });
    expect(await textOf('markdown', rows)).toBe(
      '| `k\\|ey` | n |\n| --- | ---: |\n| `a\\|<b>` | -1 |\n| *NULL* | 2 |\n',
    );
  });
});

describe('arrow', () => {
  it.each(['stream', 'file'] as const)('gives typed columns as a %s', async (arrowContainer) => {
    const rows = toRowStream({
      columns: [
        { name: 't', type: 'text' },
        { name: 'i', type: 'integer' },
        { name: 'r', type: 'real' },
        { name: 'b', type: 'boolean' },
        { name: 'at', type: 'timestamp' },
        { name: 'd', type: 'date' },
        { name: 'x', type: 'blob' },
        { name: 'l', type: 'list' },
        { name: 'm', type: 'decimal' },
      ],
      rows: [
        ['é', 2n ** 62n, 1.5, true, '2026-01-31T07:00:00.123456Z', '2026-01-31', new Uint8Array([1]), [1], '1.10'],
        Array(9).fill(null),
      ],
    });
    const table = tableFromIPC(await bytesOf('arrow', rows, { arrowContainer }));
    expect(table.schema.fields.map(({ type }) => String(type))).toEqual([
      'Utf8',
      'Int64',
      'Float64',
      'Bool',
      'Timestamp<MICROSECOND, UTC>',
      'Date32<DAY>',
      'Binary',
      'Utf8',
      'Utf8',
    ]);
    const [first, second] = table.toArray();
    expect(first?.toJSON()).toMatchObject({ t: 'é', i: 2n ** 62n, r: 1.5, b: true, l: '[1]', m: '1.10' });
    expect(table.getChild('at')?.data[0]?.values[0]).toBe(BigInt(Date.parse('2026-01-31T07:00:00Z')) * 1000n + 123456n);
    expect(Object.values(second!.toJSON()).every((value) => value === null)).toBe(true);
  });

  it('keeps the schema when there are no rows', async () => {
    const table = tableFromIPC(await bytesOf('arrow', toRowStream({ columns, rows: [] })));
    expect([table.numRows, table.schema.names]).toEqual([0, ['name', 'bytes_sent', 'at']]);
  });

  it('refuses an integer of more than 64 bits instead of wrapping it', async () => {
    await expect(bytesOf('arrow', oneColumn('integer', 2n ** 64n))).rejects.toMatchObject({ code: 'query-invalid' });
  });

  it('passes on an error of the source', async () => {
    await expect(bytesOf('arrow', { columns: [{ name: 'c', type: 'text' }], batches: brokenSource() })).rejects.toThrow(
      'source broke',
    );
  });
});
