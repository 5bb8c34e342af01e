/**
 * Rows as Arrow IPC. Integers are Int64, times are UTC microseconds, nested values and decimals are text (JSON and
 * exact digits): every reader takes those, and no digit is lost.
 */
import {
  AsyncByteQueue,
  Binary,
  Bool,
  DateDay,
  Field,
  Float64,
  Int64,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  makeData,
  vectorFromArray,
  type Data,
  type DataType,
} from 'apache-arrow';
import { AppError } from '../../config/app-error.js';
import { cellText } from './cell-text.js';
import { terminalSafe } from './escape.js';
import type { Cell, Column, ColumnType, Output, Row, RowStream } from './rows.js';

/** `stream` can be piped; `file` has a footer and can be mapped, so it suits `--out FILE`. */
export type ArrowContainer = 'stream' | 'file';

/** Writes the rows as record batches; returns their number. A result without rows still has its schema. */
export async function writeArrow(
  { columns, batches }: RowStream,
  output: Output,
  container: ArrowContainer = 'stream',
): Promise<number> {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, arrowType(type), true)));
  const encoded = new EncodedBytes();
  const options = { autoDestroy: false };
  const writer = container === 'stream' ? new RecordBatchStreamWriter(options) : new RecordBatchFileWriter(options);
  writer.reset(encoded, schema);
  let count = 0;
  for await (const batch of batches) {
    count += batch.length;
    writer.write(recordBatch(batch, columns, schema));
    await output.write(encoded.take());
  }
  writer.finish();
  await output.write(encoded.take());
  return count;
}

/**
 * Where the writer puts its bytes. Its own streams answer an error of the source with an unhandled rejection
 * (apache-arrow 21.2), and its own queue does not say what is waiting.
 */
class EncodedBytes extends AsyncByteQueue {
  #chunks: Uint8Array[] = [];

  override write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes;
  }
}

function arrowType(type: ColumnType): DataType {
  switch (type) {
    case 'integer':
      return new Int64();
    case 'real':
      return new Float64();
    case 'boolean':
      return new Bool();
    case 'timestamp':
      return new TimestampMicrosecond('UTC');
    case 'date':
      return new DateDay();
    case 'blob':
      return new Binary();
    default:
      return new Utf8();
  }
}

function recordBatch(rows: readonly Row[], columns: readonly Column[], schema: Schema): RecordBatch {
  const children = columns.map((column, index) =>
    columnData(
      rows.map((row) => row[index]!),
      column,
    ),
  );
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children }),
  );
}

function columnData(cells: readonly Cell[], column: Column): Data {
  const present = <T>(convert: (cell: Exclude<Cell, null>) => T): (T | null)[] =>
    cells.map((cell) => (cell === null ? null : convert(cell)));
  switch (column.type) {
    case 'integer':
      return (
        vectorFromArray(
          present((cell) => int64(BigInt(cell as number | bigint), column)),
          new Int64(),
        ).data[0] ?? emptyData(column)
      );
    case 'timestamp':
      return timestampData(
        present((cell) => timestampMicros(cell as string)),
        column,
      );
    case 'date':
      return (
        vectorFromArray(
          present((cell) => new Date(`${cell as string}T00:00:00Z`)),
          new DateDay(),
        ).data[0] ?? emptyData(column)
      );
    case 'real':
    case 'boolean':
    case 'blob':
      return vectorFromArray(cells, arrowType(column.type)).data[0] ?? emptyData(column);
    default:
      return (
        vectorFromArray(
          present((cell) => cellText(cell, column.type)),
          new Utf8(),
        ).data[0] ?? emptyData(column)
      );
  }
}

function emptyData({ type }: Column): Data {
  return makeData({ type: arrowType(type), length: 0, nullCount: 0 } as never);
}

/**
 * Arrow's own setter takes milliseconds as a double and would drop the microseconds, so the int64 buffers are lent to
 * the type.
 */
function timestampData(micros: readonly (bigint | null)[], column: Column): Data {
  const data = vectorFromArray(micros, new Int64()).data[0];
  if (data === undefined) return emptyData(column);
  const { length, nullCount, nullBitmap, values } = data;
  return makeData({ type: new TimestampMicrosecond('UTC'), length, nullCount, nullBitmap, data: values } as never);
}

const maxInt64 = 2n ** 63n - 1n;

/** The value, if it fits 64 bits; else an error that names the column. */
export function int64(value: bigint, { name }: Column): bigint {
  if (value >= -maxInt64 - 1n && value <= maxInt64) return value;
  throw new AppError(
    'query-invalid',
    `column ${terminalSafe(name)}: ${value} is outside 64 bits; expected a bigint, so cast the column to double or varchar`,
  );
}

/**
 * ISO 8601 UTC text in microseconds since 1970; infinities are DuckDB's own sentinels. Digits below a microsecond are
 * dropped.
 */
export function timestampMicros(time: string): bigint {
  if (time === 'infinity') return maxInt64;
  if (time === '-infinity') return -maxInt64;
  const [, seconds, fraction] = /^(.*?)(?:\.(\d+))?Z$/.exec(time)!;
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt((fraction ?? '').padEnd(6, '0').slice(0, 6));
}
