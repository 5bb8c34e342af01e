/** What holds for every input of the access-log parsers: no throw, nothing lost, the same rows however it is read. */
import fs from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlainLines, readAhead } from '../../parsers/access-log-fast-path.js';
import { fieldCount, LineFields } from '../../parsers/access-log-fields.js';
import { locateFields } from '../../parsers/access-log-slow-path.js';
import { parseLog, parseRow, type ParseOptions } from './access-log-harness.js';
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

interface Located {
  readonly values: string[];
  readonly numbers: (number | bigint)[];
  readonly timeUs: number;
  readonly flags: number;
  readonly count: number;
  readonly keyIsEncoded: boolean;
}

function located(fields: LineFields): Located {
  const indexes = Array.from({ length: fieldCount }, (_, field) => field);
  return {
    values: indexes
      .map((field) => (fields.isNull(field) ? 'null' : `${fields.start(field)}:${fields.end(field)}`))
      .filter((_, field) => !isNumber(field) && field !== 2),
    numbers: indexes
      .filter(isNumber)
      .map((field) => (fields.numbers[field] === -2 ? fields.large[field]! : fields.numbers[field]!)),
    timeUs: fields.timeUs,
    flags: fields.flags,
    count: fields.count,
    keyIsEncoded: fields.keyIsEncoded,
  };
}

const isNumber = (field: number): boolean => field === 9 || (field >= 11 && field <= 14);

/** The fields as the fast path sees them, after another line so that it has something to compare with; null when not plain. */
function fast(line: string | Buffer, previous: string | Buffer): Located | null {
  const fields = new LineFields();
  const plain = new PlainLines(fields);
  const bytes = Buffer.concat([Buffer.from(previous), Buffer.from('\n'), Buffer.from(line), Buffer.from('\n')]);
  const padded = Buffer.concat([bytes, Buffer.alloc(readAhead, '"')]);
  const start = Buffer.byteLength(previous) + 1;
  plain.use(padded.subarray(0, bytes.length), new DataView(padded.buffer, padded.byteOffset, padded.length), 0);
  plain.locate(0);
  const next = plain.locate(start);
  if (next === 0) return null;
  expect(next).toBe(bytes.indexOf(10, start) + 1);
  return located(fields);
}

function slow(line: string | Buffer, previous: string | Buffer): Located | null {
  const fields = new LineFields();
  const bytes = Buffer.concat([Buffer.from(previous), Buffer.from('\n'), Buffer.from(line)]);
  const start = Buffer.byteLength(previous) + 1;
  const lineFeed = bytes.indexOf(10, start);
  let end = lineFeed < 0 ? bytes.length : lineFeed;
  while (bytes[end - 1] === 13 || bytes[end - 1] === 32) end--;
  return locateFields(bytes, start, end, fields) === null ? located(fields) : null;
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

/** Lines that the fast path must take: long numbers are left to the slow path. */
const shortNumbers = plainLine.map((line) => ({ ...line, bytes_sent: 7n, object_size: null }));

describe('the fast path', () => {
  it('takes every plain line and agrees with the slow path', () => {
    fc.assert(
      fc.property(shortNumbers, shortNumbers, (first, second) => {
        const line = formatLine(second);
        const previous = formatLine(first);
        expect(fast(line, previous)).not.toBeNull();
        expect(fast(line, previous)).toEqual(slow(line, previous));
        expect(fast(line, line)).toEqual(slow(line, line));
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
        const found = fast(line, previous);
        if (found === null) return;
        taken++;
        expect(found).toEqual(slow(line, previous));
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(1000);
  });

  it('takes the plain lines of the fixtures', () => {
    const lines = fixture('operations.log').toString().trimEnd().split('\n');
    const plain = lines.filter((line) => fast(line, lines[0]!) !== null);
    expect(lines.filter((line) => !plain.includes(line)).map((line) => line.split('"')[1])).toEqual([
      'COPY /photos/2026/a.jpg',
    ]);
  });
});
