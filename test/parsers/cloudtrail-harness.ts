/** Runs the CloudTrail parser over bytes and reads its batches back as plain objects. */
import { isUtf8 } from 'node:buffer';
import { createCloudtrailParser } from '../../parsers/cloudtrail.js';
import type { ParsedBatch } from '../../parsers/batch.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { startObject, type ObjectCursor, type ParserLimits } from '../../parsers/parser.js';
import { RejectWriter } from '../../parsers/reject-writer.js';

export type Row = Record<string, unknown>;

export interface Parsed {
  readonly rows: Row[];
  readonly rejects: Row[];
  readonly cursor: ObjectCursor;
}

export interface ParseOptions {
  readonly uri?: string;
  readonly limits?: ParserLimits;
  /** Where the bytes are cut into blocks, ascending. */
  readonly cuts?: readonly number[];
}

/** The non-null columns of a batch; timestamps as ISO text with microseconds, int64 as number or bigint. */
export function rowsOf(parsed: ParsedBatch): Row[] {
  const { table } = parsed;
  const batch = toRecordBatch(parsed);
  const rows: Row[] = [];
  for (const buffer of batch.getChildAt(
    batch.numCols - 1 - table.columns.toReversed().findIndex(({ kind }) => kind === 'text'),
  )!.data[0]!.variadicBuffers) {
    if (!isUtf8(buffer) && table.name !== 'rejects') throw new Error('a buffer of the batch is not UTF-8');
  }
  for (let index = 0; index < batch.numRows; index++) {
    const row: Row = {};
    for (const [at, { name, kind }] of table.columns.entries()) {
      const value: unknown = batch.getChildAt(at)!.get(index);
      if (value === null) continue;
      if (kind === 'blob') row[name] = Buffer.from(value as Uint8Array).toString('latin1');
      else if (kind === 'timestamp') row[name] = new Date(Number(value)).toISOString();
      else if (kind === 'int64') row[name] = Number.isSafeInteger(Number(value)) ? Number(value) : value;
      else row[name] = value;
    }
    rows.push(row);
  }
  return rows;
}

/** Parses `bytes` as one object, block by block as an ingest would: what was not consumed opens the next block. */
export function parseCloudtrail(bytes: Uint8Array | string, options: ParseOptions = {}): Parsed {
  const rows: Row[] = [];
  const rejects: Row[] = [];
  const writer = new RejectWriter((batch) => rejects.push(...rowsOf(batch)));
  const parser = createCloudtrailParser({
    batches: (batch) => rows.push(...rowsOf(batch)),
    rejects: writer,
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const cursor = startObject(options.uri ?? 's3://acme-trail/AWSLogs/file.json.gz');
  const input = Buffer.from(bytes);
  let rest: Uint8Array = Buffer.alloc(0);
  const edges = [...(options.cuts ?? []), input.length];
  for (const [index, edge] of edges.entries()) {
    const fresh = input.subarray(index === 0 ? 0 : edges[index - 1], edge);
    // Blocks do not start at 0 and have bytes after the end, as in an ingest that packs objects.
    const block = Buffer.concat([Buffer.from('"\\{'), rest, fresh, Buffer.from('"}]\\')]);
    const end = block.length - 4;
    const consumed = parser.parse(block, 3, end, cursor, index === edges.length - 1);
    rest = Buffer.from(block.subarray(consumed, end));
    parser.flush();
  }
  writer.flush();
  return { rows, rejects, cursor };
}
