/** Parses S3 server access logs in their text form: plain lines quickly, every other line exactly. */
import { blankSecrets } from './secrets.js';
import { placeColumns } from './access-log-columns.js';
import { Field, LineFields } from './access-log-fields.js';
import { LineReader, type Line, type LineFormat } from './access-log-lines.js';
import { RowWriter } from './access-log-row.js';
import { locateFields, type LineFailure } from './access-log-slow-path.js';
import { isTailField } from './access-log-tail.js';
import { BatchBuilder, type BatchSink } from './batch.js';
import { defaultLimits, type ObjectCursor, type Parser, type ParserLimits } from './parser.js';
import { PlainLines } from './plain-lines.js';
import type { RejectWriter } from './reject-writer.js';
import { RowPlace } from './row-place.js';
import { accessLogTable } from './tables.js';

/** Where a parser sends its batches and what it cannot read. */
export interface AccessLogParserOptions {
  readonly batches: BatchSink;
  readonly rejects: RejectWriter;
  readonly limits?: ParserLimits;
}

/**
 * A parser for the text form ("Log format" in the S3 User Guide, 2026). A block must have room for `maxRecordBytes` and
 * one byte more, or a longest line could never be read.
 */
export function createAccessLogParser({ batches, rejects, limits = defaultLimits }: AccessLogParserOptions): Parser {
  const builder = new BatchBuilder(accessLogTable, batches);
  return new LineReader(new TextFormat(builder, limits), builder, rejects, limits);
}

/** Every S3 access log has had the TLS version, field 24, since 2019. */
const fullLinesSinceUs = Date.UTC(2020, 0, 1) * 1000;

class TextFormat implements LineFormat {
  readonly #fields = new LineFields();
  readonly #plain: PlainLines;
  readonly #row: RowWriter;

  constructor(builder: BatchBuilder, { maxRecordBytes }: ParserLimits) {
    const place = new RowPlace(builder, placeColumns);
    this.#plain = new PlainLines(builder, place, maxRecordBytes);
    this.#row = new RowWriter(builder, place);
  }

  get timeUs(): number {
    return this.#fields.timeUs;
  }

  use(bytes: Buffer): void {
    this.#plain.use(bytes);
  }

  plain(start: number, end: number, cursor: ObjectCursor): number {
    return this.#plain.read(start, end, cursor);
  }

  line(line: Line, cursor: ObjectCursor): LineFailure | null {
    const { bytes, start, end, isUtf8, isTerminated } = line;
    const fields = this.#fields;
    blankSecrets(bytes, start, end);
    const failure = locateFields(bytes, start, end, fields);
    if (!isTerminated && isCutOff(failure, bytes, fields)) {
      return { reason: 'truncated-line', at: end, expected: failure?.expected ?? 'at least 24 fields' };
    }
    if (failure === null) this.#row.write(fields, bytes, isUtf8 ? 'exact' : 'repaired', cursor);
    return failure;
  }

  blank(bytes: Uint8Array, start: number, end: number): void {
    blankSecrets(bytes, start, end);
  }
}

/**
 * Whether a last line without line feed was cut off rather than only lacks its line feed: fields are missing, or it is
 * too young to be as short as it is.
 */
function isCutOff(failure: LineFailure | null, bytes: Uint8Array, fields: LineFields): boolean {
  if (failure !== null) return failure.reason === 'too-few-fields' || failure.reason === 'bad-quotes';
  if (fields.timeUs < fullLinesSinceUs) return false;
  if (fields.count <= Field.tlsVersion) return true;
  if (fields.isNull(Field.tlsVersion)) return false;
  return !isTailField(bytes, Field.tlsVersion, fields.start(Field.tlsVersion), fields.end(Field.tlsVersion));
}
