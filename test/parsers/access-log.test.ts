/** Behaviour of the text parser that a fixture cannot show: limits, blocks, many objects, very long lines. */
import { describe, expect, it } from 'vitest';
import { createAccessLogParser } from '../../parsers/access-log.js';
import { startObject, type Parser } from '../../parsers/parser.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { RejectWriter } from '../../parsers/reject-writer.js';
import { parseLog, parseReject, parseRow } from './access-log-harness.js';

const before = 'o b [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - A REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 ';
const tail = '- h SigV4 C AuthHeader b.example.com TLSv1.3 - - us-east-1';
const line = `${before}"-" "agent" ${tail}`;

describe('limits', () => {
  it('keeps a line of hundreds of kilobytes', () => {
    const agent = 'x'.repeat(500_000);
    expect(parseRow(`${before}"-" "${agent}" ${tail}`)['user_agent']).toBe(agent);
    expect(parseRow(`${before}"-" "${agent}"" ${tail}`)['user_agent']).toBe(`${agent}"`);
  });

  it('rejects a line above the maximum with its offset, its length and its beginning', () => {
    const { rows, rejects } = parseLog(`${line}\n${'y'.repeat(1001)}\n${line}\n`, { limits: { maxRecordBytes: 1000 } });
    expect(rows.map((row) => row['log_line'])).toEqual([1, 3]);
    expect(rejects).toEqual([
      {
        log_uri: 's3://example-logs/object',
        log_type: 'access_log',
        log_line: 2,
        log_offset: line.length + 1,
        reason: 'line-too-long',
        detail: 'line of 1001 bytes; expected at most 1000',
        raw_length: 1001,
        raw: 'y'.repeat(1000),
      },
    ]);
  });

  it('keeps a line of exactly the maximum', () => {
    expect(parseLog(`${line}\n`, { limits: { maxRecordBytes: line.length } }).cursor.rows).toBe(1);
    expect(parseLog(`${line}\n`, { limits: { maxRecordBytes: line.length - 1 } }).cursor.rejected).toBe(1);
  });

  it('blanks secrets in the beginning of a line that is too long', () => {
    const { rejects } = parseLog(`X-Amz-Signature=abc ${'z'.repeat(200)}`, {
      limits: { maxRecordBytes: 100 },
      cuts: [150],
    });
    expect(String(rejects[0]!['raw'])).toMatch(/^X-Amz-Signature=\*\*\* z+$/);
  });

  it('takes time in proportion to a hostile line', () => {
    const hostile = ['" ', '" "', '" - ', '"" ', ' HTTP/1.1" 200 - 1 1 1 1 '].map((part) => part.repeat(30_000));
    for (const agent of hostile)
      expect(parseRow(`${before}"-" "${agent}" ${tail}`)).toMatchObject({
        http_status: 200,
        host_id: 'h',
        source_region: 'us-east-1',
      });
  });

  it('answers a number of a hundred thousand digits with a flag', () => {
    const digits = '9'.repeat(100_000);
    expect(parseRow(line.replace(' 1 2 3 4 ', ` ${digits} 2 3 4 `))).toMatchObject({
      object_size: 2,
      flags: 'number_overflow',
    });
  });
});

interface Run {
  readonly parser: Parser;
  /** URI and line of each row. */
  readonly rows: [string, bigint][];
}

function run(): Run {
  const rows: [string, bigint][] = [];
  const parser = createAccessLogParser({
    batches: (batch) => {
      for (const row of toRecordBatch(batch).toArray()) rows.push([String(row['log_uri']), row['log_line'] as bigint]);
    },
    rejects: new RejectWriter(() => {}),
  });
  return { parser, rows };
}

describe('objects', () => {
  it('share a block and a batch and keep their own URI and line numbers', () => {
    const { parser, rows } = run();
    const block = Buffer.from(`${line}\n\n${line}\n${line}\n`);
    const first = startObject('s3://example-logs/a-longer-name-than-twelve');
    const second = startObject('s3://b');
    const end = 2 * line.length + 3;
    expect(parser.parse(block, 0, end, first, true)).toBe(end);
    expect(parser.parse(block, end, block.length, second, true)).toBe(block.length);
    parser.flush();
    expect(rows).toEqual([
      ['s3://example-logs/a-longer-name-than-twelve', 1n],
      ['s3://example-logs/a-longer-name-than-twelve', 3n],
      ['s3://b', 1n],
    ]);
    expect([first.position, first.offset, first.rows, second.rows]).toEqual([3, end, 2, 1]);
  });

  it('fill more than one batch', () => {
    const { parser, rows } = run();
    const block = Buffer.from(`${line}\n`.repeat(5000));
    parser.parse(block, 0, block.length, startObject('s3://example-logs/many'), true);
    expect(rows).toHaveLength(4096);
    parser.flush();
    expect(rows.map(([, at]) => at)).toEqual(Array.from({ length: 5000 }, (_, at) => BigInt(at + 1)));
  });

  it('read what a block held before as little as what it holds after', () => {
    const { parser, rows } = run();
    const block = Buffer.alloc(4096, '"');
    for (const owner of ['owner-one', 'owner-2', 'owner-one']) {
      const end = block.write(`${line.replace('o b', `${owner} b`)}\n${line}\n`);
      parser.parse(block, 0, end, startObject(`s3://${owner}`), true);
      parser.flush();
    }
    expect(rows).toHaveLength(6);
  });

  it('that are given up inside a long line leave the next object alone', () => {
    const rejects: number[] = [];
    const writer = new RejectWriter(({ rows }) => rejects.push(rows));
    const parser = createAccessLogParser({ batches: () => {}, rejects: writer, limits: { maxRecordBytes: 200 } });
    const long = Buffer.alloc(300, 'x');
    const given = startObject('s3://given-up');
    expect(parser.parse(long, 0, 300, given, false)).toBe(300);
    expect(given.lines).toBe(0);
    const next = startObject('s3://next');
    const block = Buffer.from(`${line}\n`);
    parser.parse(block, 0, block.length, next, true);
    expect(next.rows).toBe(1);
  });
});

describe('rejects', () => {
  it('escape what they quote of the log', () => {
    expect(parseReject('a b \u001b[31m"\\')['detail']).toBe(
      'expected [dd/Mon/yyyy:HH:MM:SS +0000], found "\\x1b[31m\\"\\\\"',
    );
  });

  it('hold the raw bytes of the line', () => {
    expect(parseReject(Buffer.from([0x61, 0xff, 0x0d]))).toMatchObject({
      raw: 'a\xff\r',
      raw_length: 3,
      reason: 'too-few-fields',
    });
  });

  it('report a line without line feed as cut off only when something is missing', () => {
    expect(parseLog(line).cursor.rows).toBe(1);
    for (let length = 1; length < line.lastIndexOf('TLSv1.3') + 7; length++) {
      const { rows, rejects } = parseLog(line.slice(0, length));
      const isWhole = line.slice(0, length).endsWith('TLSv1'); // a TLS version too
      expect(rows).toHaveLength(isWhole ? 1 : 0);
      expect(rejects.map((reject) => reject['reason'])).toEqual(isWhole ? [] : ['truncated-line']);
    }
  });

  it('take an old short line without line feed for whole', () => {
    const old = `${before.replace('2026', '2014')}"-" "agent"`;
    expect(parseLog(old).cursor.rows).toBe(1);
    expect(parseLog(`${before}"-" "agent"`).rejects[0]!['reason']).toBe('truncated-line');
    expect(parseLog(`${before}"-" "agent"\n`).cursor.rows).toBe(1);
  });
});
