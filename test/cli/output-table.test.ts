import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../cli/output/display-width.js';
import {
  toRowStream,
  type Cell,
  type Column,
  type ColumnType,
  type Row,
  type RowStream,
} from '../../cli/output/rows.js';
import { createStyle, plainStyle } from '../../cli/output/style.js';
import { minTableWidth, writeTable } from '../../cli/output/table.js';

async function tableOf(rows: RowStream, width: number | null = null, style = plainStyle): Promise<string> {
  const text: string[] = [];
  const write = async (chunk: string | Uint8Array): Promise<void> => {
    text.push(String(chunk));
  };
  await writeTable(rows, { write }, { width, style });
  return text.join('');
}

const column = (name: string, type: ColumnType = 'text'): Column => ({ name, type });
const set = (columns: Column[], ...rows: Row[]): RowStream => toRowStream({ columns, rows });

describe('a table', () => {
  it('aligns text left and numbers right, under headers, with the number of rows below', async () => {
    const rows = set(
      [column('bucket'), column('count', 'integer'), column('ok', 'boolean')],
      ['acme-logs', 5, true],
      ['a', 12345, false],
    );
    expect(await tableOf(rows)).toBe(
      [
        'bucket     count  ok',
        '─────────  ─────  ─────',
        'acme-logs      5  true',
        'a          12345  false',
        '2 rows',
        '',
      ].join('\n'),
    );
  });

  it('shows NULL, dim when there are colours', async () => {
    expect(await tableOf(set([column('a')], [null], ['']))).toBe('a\n────\nNULL\n\n2 rows\n');
    expect(await tableOf(set([column('a')], [null]), null, createStyle(true))).toContain('\x1b[2mNULL\x1b[22m');
  });

  it('aligns wide and combining characters', async () => {
    const lines = (await tableOf(set([column('a'), column('b')], ['漢字', 'x'], ['e\u0301', 'x'], ['😀', 'x']))).split(
      '\n',
    );
    expect(lines.slice(2, 5).map((line) => displayWidth(line.slice(0, line.indexOf('x'))))).toEqual([6, 6, 6]);
  });

  it('shows bytes and milliseconds with units by the name of the column', async () => {
    const rows = set(
      [
        column('bytes_sent', 'integer'),
        column('max_bytes', 'integer'),
        column('total_time_ms', 'real'),
        column('kilobytes', 'integer'),
        column('bytes'),
        column('avg_ms', 'decimal'),
      ],
      [1437000000, 12n, 2345.6, 1000, '5000', '1500.5'],
    );
    expect((await tableOf(rows)).split('\n')[2]).toMatch(/^ +1\.4 GB +12 B +2\.3 s +1000 {2}5000 +1\.5 s$/);
  });

  it('prints ISO times, nested values as JSON and bytes readably', async () => {
    const rows = set(
      [column('at', 'timestamp'), column('l', 'list'), column('b', 'blob')],
      ['2026-01-31T07:00:00Z', ['x', 1], new Uint8Array([0x61, 0x1b])],
    );
    expect((await tableOf(rows)).split('\n')[2]).toBe('2026-01-31T07:00:00Z  ["x",1]  a\\x1B');
  });

  it('cuts the widest text first and leaves numbers whole', async () => {
    const rows = set(
      [column('agent'), column('bucket'), column('n', 'integer')],
      ['x'.repeat(200), 'acme-logs', 123456789012],
    );
    const lines = (await tableOf(rows, 50)).split('\n');
    expect(lines[2]).toBe(`${'x'.repeat(24)}…  acme-logs  123456789012`);
  });

  it('is not cut when it goes to a file', async () => {
    expect(await tableOf(set([column('a')], ['x'.repeat(5000)]))).toContain('x'.repeat(5000));
  });

  it('becomes one value a line when the columns do not fit, and then cuts nothing', async () => {
    const columns = Array.from({ length: 27 }, (_, index) => column(`column_${index}`));
    const text = await tableOf(set(columns, Array(27).fill('value '.repeat(30).trim()), Array(27).fill('b')), 80);
    expect(text).toMatch(/^── row 1 ─+\ncolumn_0 {3}value value/);
    expect(text).toContain('── row 2 ');
    expect(text.match(/value/g)).toHaveLength(27 * 30);
    expect(text).not.toContain('…');
  });

  it('prints thousands of rows with the widths of the first', async () => {
    const batches = Array.from({ length: 5 }, (_, batch) =>
      Array.from({ length: 700 }, (_, row): Row => [batch < 2 ? 'short' : `longer than before ${row}`]),
    );
    const lines = (await tableOf({ columns: [column('a')], batches }, 80)).split('\n');
    expect(lines).toHaveLength(2 + 3500 + 2);
    expect(lines.at(-3)).toBe('long…');
    expect(lines.at(-2)).toBe('3,500 rows');
  });
});

const hostileCell: fc.Arbitrary<Cell> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '\x1b]0;title\x07',
    '\u202edrowssap',
    'a\r\nb',
    '\0',
    '😀'.repeat(40),
    'x'.repeat(3000),
    `e${'\u0301'.repeat(50)}`,
    '=1+1',
    '漢'.repeat(90),
  ),
  fc.array(fc.string({ unit: 'binary' })),
);

describe('a table of hostile text', () => {
  const hostile = fc.integer({ min: 1, max: 9 }).chain((count) =>
    fc.record({
      names: fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { minLength: count, maxLength: count }),
      rows: fc.array(fc.array(hostileCell, { minLength: count, maxLength: count }), { maxLength: 6 }),
      width: fc.integer({ min: 1, max: 160 }),
    }),
  );

  it('emits no control character but line feeds, and no line wider than the terminal', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async ({ names, rows, width }) => {
        const columns = names.map((name) => column(name, 'list'));
        const lines = (await tableOf(set(columns, ...rows), width)).split('\n');
        for (const line of lines) {
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(width, minTableWidth));
        }
      }),
    );
  });

  it('emits no escape sequence but its own looks when there are colours', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async ({ names, rows, width }) => {
        const text = await tableOf(
          set(
            names.map((name) => column(name)),
            ...rows,
          ),
          width,
          createStyle(true),
        );
        const withoutLooks = ['\x1b[1m', '\x1b[2m', '\x1b[22m', '\n'].reduce(
          (rest, own) => rest.replaceAll(own, ''),
          text,
        );
        expect(withoutLooks).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
