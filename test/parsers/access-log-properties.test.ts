/** What holds for every input of the access-log parsers: no throw, nothing lost, the same rows however it is read. */
import fs from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeColumns } from '../../parsers/access-log-columns.js';
import { BatchBuilder } from '../../parsers/batch.js';
import { defaultLimits, startObject } from '../../parsers/parser.js';
import { PlainLines } from '../../parsers/plain-lines.js';
import { RowPlace } from '../../parsers/row-place.js';
import { secretNames } from '../../parsers/secrets.js';
import { accessLogTable } from '../../parsers/tables.js';
import { parseLog, parseRow, rowsOf, uri, type ParseOptions, type Row } from './access-log-harness.js';
import { columnsOf, formatLine, plainLine } from './access-log-lines.js';

const folder = path.join(import.meta.dirname, '../../fixtures/logs/access-log');
const fixture = (name: string): Buffer => fs.readFileSync(path.join(folder, name));
const logs = fs.readdirSync(folder).filter((name) => name.endsWith('.log'));
const formatOf = (name: string): NonNullable<ParseOptions['format']> => (name.endsWith('.json.log') ? 'json' : 'text');

/** Bytes that mean something to the parser, far more often than chance would have them. */
const hostileBytes = fc
  .array(fc.oneof(fc.constantFrom(...Buffer.from(' "-[]\n\r%=\\{}:,')), fc.integer({ min: 0, max: 255 })), {
    maxLength: 400,
  })
  .map((bytes) => Buffer.from(bytes));

/** A log with some bytes overwritten, inserted and removed. */
const damaged = fc
  .tuple(
    fc.constantFrom(...logs),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(2),
        fc.oneof(fc.constantFrom(...Buffer.from(' "-\n\r%')), fc.integer({ min: 0, max: 255 })),
      ),
    ),
  )
  .map(([name, edits]) => ({
    name,
    bytes: edits.reduce((bytes, [at, removed, byte]) => edit(bytes, at, removed, byte), fixture(name)),
  }));

function edit(bytes: Buffer, at: number, removed: number, byte: number): Buffer {
  const from = bytes.length === 0 ? 0 : at % bytes.length;
  return Buffer.concat([bytes.subarray(0, from), Buffer.of(byte), bytes.subarray(from + removed)]);
}

/** The rows of lines as the compiled reader sees them, up to the first that is not plain. */
function plainRows(...lines: (string | Buffer)[]): Row[] {
  const rows: Row[] = [];
  const builder = new BatchBuilder(accessLogTable, (batch) => rows.push(...rowsOf(batch)));
  const plain = new PlainLines(builder, new RowPlace(builder, placeColumns), defaultLimits.maxRecordBytes);
  const block = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
  plain.use(block);
  plain.read(0, block.length, startObject(uri));
  builder.flush();
  return rows;
}

/** The rows of lines as the slow path sees them: a space at the end of a line makes it read that, and means nothing. */
function exactRows(...lines: string[]): Row[] {
  return parseLog(lines.map((line) => `${line.replaceAll('\n', ' \n')} \n`).join('')).rows;
}

describe('access-log parsers', () => {
  it('never throw on any bytes and count every line once', () => {
    fc.assert(
      fc.property(hostileBytes, fc.constantFrom('text' as const, 'json' as const), (bytes, format) => {
        const { cursor } = parseLog(bytes, { format });
        expect(cursor.offset).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('never throw on damaged logs and count every line once', () => {
    fc.assert(
      fc.property(damaged, ({ name, bytes }) => {
        const { cursor } = parseLog(bytes, { format: formatOf(name) });
        const lines = bytes
          .toString('latin1')
          .replace(/^\xef\xbb\xbf/, '')
          .split('\n');
        expect(cursor.lines).toBe(lines.filter((line) => !/^[ \r]*$/.test(line)).length);
      }),
      { numRuns: 300 },
    );
  });

  it.each(logs)('read %s the same wherever a block ends', (name) => {
    const bytes = fixture(name);
    const whole = parseLog(bytes, { format: formatOf(name) });
    const step = Math.max(1, Math.floor(bytes.length / 150));
    for (let cut = 0; cut <= bytes.length; cut += step) {
      expect(parseLog(bytes, { format: formatOf(name), cuts: [cut] })).toEqual(whole);
    }
  });

  it('read a line the same at every cut, also when it is too long', () => {
    const row =
      'o b [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - A REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "☃" - - - - - - - -';
    const lines = [row, 'x'.repeat(300), '', 'y\r'];
    const bytes = Buffer.from(`\ufeff${lines.join('\n')}\n${lines.join('\n')}`);
    const limits = { maxRecordBytes: 200 };
    const whole = parseLog(bytes, { limits });
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(parseLog(bytes, { limits, cuts: [cut] })).toEqual(whole);
      expect(parseLog(bytes, { limits, cuts: [cut, cut + 1, cut + 250] })).toEqual(whole);
    }
  });

  it('give back the fields that a line was written from', () => {
    fc.assert(
      fc.property(plainLine, (line) => {
        const parsed = parseRow(formatLine(line));
        const { log_uri: _uri, log_line: _line, key, key_logged: logged = key, flags = '', ...row } = parsed;
        expect(['', 'key_undecodable']).toContain(flags);
        expect(logged === undefined ? row : { ...row, key_raw: logged }).toEqual(columnsOf(line));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Lines that the compiled reader must take: long numbers are left to the slow path. */
const shortNumbers = plainLine.map((line) => ({ ...line, bytes_sent: 7n, object_size: null }));

describe('the reader of plain lines', () => {
  it('takes every plain line and agrees with the slow path', () => {
    fc.assert(
      fc.property(fc.array(shortNumbers, { minLength: 1, maxLength: 5 }), (fields) => {
        const lines = fields.map(formatLine);
        const decodable = lines.filter((line) => exactRows(line)[0]!['flags'] === undefined);
        expect(plainRows(...decodable)).toEqual(exactRows(...decodable));
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with the slow path on every damaged line that it takes', () => {
    const hostile = fc.constantFrom(
      ' ',
      '"',
      '-',
      '" "',
      '" ',
      ' "',
      ' HTTP/1.1" ',
      '\n',
      '\r',
      '""',
      '=',
      '\t',
      ' - ',
      '" 200 - 1 1 1 1 "',
      '+',
      '%',
      '%25',
      '%C3%A9',
      '%25ED%25A0%2580',
      'X-Amz-Signature=0123&',
      'x-amz-security-token%3D0123',
      '\\',
    );
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(3), hostile), { minLength: 1, maxLength: 4 });
    let taken = 0;
    fc.assert(
      fc.property(shortNumbers, edits, (plain, changes) => {
        const previous = formatLine(plain);
        let line = previous;
        for (const [at, removed, text] of changes) {
          const from = at % (line.length + 1);
          line = line.slice(0, from) + text + line.slice(from + removed);
        }
        const exact = exactRows(line);
        expect(parseLog(`${line}\n`).rows).toEqual(exact);
        const rows = plainRows(line);
        if (rows.length > 0) taken++;
        expect(rows).toEqual(exact.slice(0, rows.length));
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(1000);
  });

  it.each(secretNames)('blanks what follows %s, in any case of letters and however it is encoded', (name) => {
    const line =
      'o b [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - A REST.GET.OBJECT a "GET /a?SECRET&x=1 HTTP/1.1" 200 - 1 2 3 4 "-" "-" -';
    for (const spelt of [name, name.toUpperCase(), `X-Amz-${name}`]) {
      for (const equals of ['=', '%3D', '%253d']) {
        const [row] = plainRows(line.replace('SECRET', `${spelt}${equals}0123abcd`));
        expect(row!['request_uri']).toBe(`GET /a?${spelt}${equals}********&x=1 HTTP/1.1`);
      }
    }
  });

  it('takes the plain lines of the fixtures', () => {
    const lines = fixture('operations.log').toString().trimEnd().split('\n');
    const others = lines.filter((line) => plainRows(line).length === 0);
    expect(others.map((line) => line.split('"')[1])).toEqual(['COPY /photos/2026/a.jpg']);
  });

  it('reads lines of every length the same wherever its window ends', () => {
    const line = plainLine.map((fields) => formatLine({ ...fields, user_agent: 'a'.repeat(5000) }));
    fc.assert(
      fc.property(fc.array(line, { minLength: 10, maxLength: 40 }), (lines) => {
        const { rows } = parseLog(lines.map((text) => `${text}\n`).join(''));
        expect(rows).toEqual(exactRows(...lines));
      }),
      { numRuns: 100 },
    );
  });

  it('serves builders in turn', () => {
    const line =
      'o b [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - A REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "-" -';
    const readers = ['first', 'second'].map((key) => {
      const rows: Row[] = [];
      const builder = new BatchBuilder(accessLogTable, (batch) => rows.push(...rowsOf(batch)));
      const plain = new PlainLines(builder, new RowPlace(builder, placeColumns), defaultLimits.maxRecordBytes);
      const block = Buffer.from(`${line.replace(' a ', ` ${key} `)}\n`.repeat(3));
      plain.use(block);
      return { key, rows, builder, plain, block, cursor: startObject(uri) };
    });
    for (let at = 0; at < 3; at++) {
      for (const { plain, block, cursor } of readers) {
        const length = block.length / 3;
        expect(plain.read(at * length, (at + 1) * length, cursor)).toBe((at + 1) * length);
      }
    }
    for (const { key, rows, builder } of readers) {
      builder.flush();
      expect(rows.map((row) => [row['key'], row['log_line']])).toEqual([1, 2, 3].map((number) => [key, number]));
    }
  });
});
