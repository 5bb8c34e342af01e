/** Runs the access-log parsers over bytes and gives rows and rejects as plain objects, in the order of their lines. */
import { isUtf8 } from 'node:buffer';
import { expect } from 'vitest';
import { createAccessLogJsonParser } from '../../parsers/access-log-json.js';
import { createAccessLogParser } from '../../parsers/access-log.js';
import { releaseBatch, type ParsedBatch } from '../../parsers/batch.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { startObject, type ObjectCursor, type ParserLimits } from '../../parsers/parser.js';
import { RejectWriter } from '../../parsers/reject-writer.js';

export type Value = string | number | bigint | boolean;
/** Non-null columns by name; times are ISO strings, integers beyond 2^53 strings, bytes latin-1 text. */
export type Row = Record<string, Value>;

export interface Parsed {
  readonly rows: Row[];
  readonly rejects: Row[];
  readonly cursor: ObjectCursor;
}

export interface ParseOptions {
  readonly format?: 'text' | 'json';
  readonly limits?: ParserLimits;
  /** Offsets at which reads of the object end; by default one read takes all. */
  readonly cuts?: readonly number[];
}

export const uri = 's3://example-logs/object';

/** Parses as a caller does: what was not consumed is given again, before the next bytes. */
export function parseLog(log: Uint8Array | string, { format = 'text', limits, cuts = [] }: ParseOptions = {}): Parsed {
  const bytes = Buffer.from(log);
  const rows: Row[] = [];
  const rejects: Row[] = [];
  const create = format === 'text' ? createAccessLogParser : createAccessLogJsonParser;
  const writer = new RejectWriter((batch) => rejects.push(...rowsOf(batch)));
  const parser = create({
    batches: (batch) => rows.push(...rowsOf(batch)),
    rejects: writer,
    ...(limits && { limits }),
  });
  const cursor = startObject(uri);
  let carried: Buffer = Buffer.alloc(0);
  for (let at = 0, read = 0; ; read++) {
    const taken = bytes.subarray(at, cuts[read] ?? bytes.length);
    at += taken.length;
    const isLast = at >= bytes.length;
    const block = Buffer.concat([carried, taken, Buffer.alloc(32, 'x')]);
    const end = block.length - 32;
    const used = parser.parse(block, 0, end, cursor, isLast);
    expect(cursor.lines).toBe(cursor.rows + cursor.rejected);
    expect(cursor.offset).toBe(at - (end - used));
    parser.flush();
    if (isLast) break;
    carried = Buffer.from(block.subarray(used, end));
  }
  writer.flush();
  expect(rows.length).toBe(cursor.rows);
  expect(rejects.length).toBe(cursor.rejected);
  return { rows, rejects, cursor };
}

/** Parses one line and expects it to be a row. */
export function parseRow(line: Uint8Array | string, options?: ParseOptions): Row {
  const { rows, rejects } = parseLog(Buffer.concat([Buffer.from(line), Buffer.from('\n')]), options);
  expect(rejects).toEqual([]);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

/** Parses one line and expects it to be rejected. */
export function parseReject(line: Uint8Array | string, options?: ParseOptions): Row {
  const { rows, rejects } = parseLog(Buffer.concat([Buffer.from(line), Buffer.from('\n')]), options);
  expect(rows).toEqual([]);
  expect(rejects).toHaveLength(1);
  return rejects[0]!;
}

export function rowsOf(parsed: ParsedBatch): Row[] {
  const { table } = parsed;
  const batch = toRecordBatch(parsed);
  const rows = Array.from({ length: batch.numRows }, (): Row => ({}));
  table.columns.forEach(({ name, kind }, index) => {
    const vector = batch.getChildAt(index)!;
    const data = vector.data[0]!;
    if (kind === 'text' && table.name === 'access_log')
      expect(data.variadicBuffers.every((buffer) => isUtf8(buffer))).toBe(true);
    rows.forEach((row, at) => {
      if (!vector.isValid(at)) return;
      row[name] =
        kind === 'timestamp'
          ? isoTime((data.values as BigInt64Array)[at]!)
          : plain(vector.get(at) as Value | Uint8Array);
    });
  });
  releaseBatch(parsed);
  return rows;
}

function isoTime(timeUs: bigint): string {
  return `${new Date(Number(timeUs / 1000n)).toISOString().slice(0, -1)}${(timeUs % 1000n).toString().padStart(3, '0')}Z`;
}

function plain(value: Value | Uint8Array): Value {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}
