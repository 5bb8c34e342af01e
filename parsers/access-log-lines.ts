/**
 * Cuts blocks into lines, for both line formats of access logs: counts them, passes over blank ones, rejects those that
 * are too long or no records, and keeps every block valid UTF-8. Only 0x0A ends a line; clients can log every other
 * line terminator.
 */
import { isUtf8 } from 'node:buffer';
import type { BatchBuilder } from './batch.js';
import type { LineFailure } from './access-log-slow-path.js';
import { defaultLimits, type ObjectCursor, type Parser, type ParserLimits } from './parser.js';
import { maxRawBytes, type RejectWriter } from './reject-writer.js';
import { describeFailure } from './access-log-failure.js';
import { repairUtf8 } from './utf8.js';

const lineFeed = 0x0a;

/** A line that is not known to be plain. */
export interface Line {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** End without the line feed and without carriage returns and spaces before it. */
  readonly end: number;
  readonly isUtf8: boolean;
  /** A line feed follows; otherwise the object ends here, perhaps too early. */
  readonly isTerminated: boolean;
}

/** What the formats do differently. */
export interface LineFormat {
  /** Time of the row that was written last. */
  readonly timeUs: number;
  /** Says that the next lines are in `bytes`, from `start`. */
  use(bytes: Buffer, start: number): void;
  /**
   * Stores and counts the lines of `[start, end)` as long as that can be done quickly, and returns the offset of the first
   * that cannot. The bytes are UTF-8, and whole lines.
   */
  plain(start: number, end: number, cursor: ObjectCursor): number;
  /** Blanks the secrets of any line and sets the columns of its row, or says why it is no row. */
  line(line: Line, cursor: ObjectCursor): LineFailure | null;
  /** Blanks the secrets of the beginning of a line that is too long, in place. */
  blank(bytes: Uint8Array, start: number, end: number): void;
}

/** A line that was too long for one block and is being passed over. */
interface LongLine {
  readonly cursor: ObjectCursor;
  readonly offset: number;
  readonly raw: Buffer;
  length: number;
}

/** A parser of lines. Its block must be able to hold `maxRecordBytes` and one byte more. */
export class LineReader implements Parser {
  readonly #format: LineFormat;
  readonly #builder: BatchBuilder;
  readonly #rejects: RejectWriter;
  readonly #maxBytes: number;
  #block: Buffer = Buffer.alloc(0);
  #longLine: LongLine | null = null;

  constructor(format: LineFormat, builder: BatchBuilder, rejects: RejectWriter, limits: ParserLimits = defaultLimits) {
    this.#format = format;
    this.#builder = builder;
    this.#rejects = rejects;
    this.#maxBytes = limits.maxRecordBytes;
  }

  flush(): void {
    this.#builder.flush();
  }

  parse(bytes: Uint8Array, start: number, end: number, cursor: ObjectCursor, last: boolean): number {
    this.#use(bytes);
    let at = this.#passLongLine(start, end, cursor, last);
    const complete = last ? end : Math.max(at, lastLineEnd(this.#block, at, end));
    if (at === start && complete > start && cursor.offset === 0) at += byteOrderMarkLength(bytes, start, complete);
    const base = cursor.offset - start;
    at = this.#lines(at, complete, base, cursor);
    if (end - at > this.#maxBytes) at = this.#beginLongLine(at, end, base, cursor);
    cursor.offset = base + at;
    return at;
  }

  #use(bytes: Uint8Array): void {
    const block = this.#block;
    if (block.buffer === bytes.buffer && block.byteOffset === bytes.byteOffset && block.length === bytes.length) return;
    this.#block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Reads the lines of `[at, complete)`; `base` added to an offset in the block is the offset in the object. What is not
   * UTF-8 is halved until the lines at fault are alone, for only those need the slow path.
   */
  #lines(at: number, complete: number, base: number, cursor: ObjectCursor): number {
    const isValid = isUtf8(this.#block.subarray(at, complete));
    const middle = isValid ? at : lastLineEnd(this.#block, at, (at + complete) >>> 1);
    if (middle > at) return this.#lines(this.#lines(at, middle, base, cursor), complete, base, cursor);
    if (at < complete) this.#format.use(this.#block.subarray(0, complete), at);
    const plainEnd = isValid ? lastLineEnd(this.#block, at, complete) : at;
    while (at < complete) {
      if (at < plainEnd) at = this.#format.plain(at, plainEnd, cursor);
      if (at < complete) at = this.#line(at, complete, base, cursor, isValid);
    }
    return at;
  }

  #line(start: number, complete: number, base: number, cursor: ObjectCursor, isValid: boolean): number {
    const block = this.#block;
    const found = block.indexOf(lineFeed, start);
    const isTerminated = found >= 0 && found < complete;
    const lineEnd = isTerminated ? found : complete;
    const end = contentEnd(block, start, lineEnd);
    const isLineValid = isValid || isUtf8(block.subarray(start, lineEnd));
    if (lineEnd - start > this.#maxBytes) this.#rejectLong(cursor, this.#longLineAt(start, lineEnd, base, cursor));
    else if (end > start) {
      const line = { bytes: block, start, end, isUtf8: isLineValid, isTerminated };
      this.#store(line, lineEnd, base, cursor);
    }
    if (!isLineValid) repairUtf8(block, start, lineEnd);
    cursor.position++;
    return isTerminated ? lineEnd + 1 : lineEnd;
  }

  #store(line: Line, lineEnd: number, base: number, cursor: ObjectCursor): void {
    const { start } = line;
    cursor.lines++;
    this.#builder.row(this.#block, start, lineEnd);
    const failure = this.#format.line(line, cursor);
    if (failure === null) {
      if (!line.isUtf8) repairUtf8(this.#block, start, lineEnd); // the sink sees the block as soon as the row ends
      this.#builder.endRow(this.#format.timeUs);
      cursor.rows++;
      return;
    }
    const raw = this.#block.subarray(start, lineEnd);
    const detail = describeFailure(failure, this.#block, line.end);
    this.#rejects.write({
      uri: cursor.uri,
      logType: 'access_log',
      position: cursor.position + 1,
      offset: base + start,
      reason: failure.reason,
      detail,
      raw,
    });
    cursor.rejected++;
  }

  #beginLongLine(start: number, end: number, base: number, cursor: ObjectCursor): number {
    this.#longLine = this.#longLineAt(start, end, base, cursor);
    this.#repair(start, end);
    return end;
  }

  #longLineAt(start: number, end: number, base: number, cursor: ObjectCursor): LongLine {
    const raw = Buffer.from(this.#block.subarray(start, start + Math.min(this.#maxBytes, maxRawBytes)));
    this.#format.blank(raw, 0, raw.length);
    return { cursor, offset: base + start, raw, length: end - start };
  }

  /** Continues to pass over a long line; returns where the next line starts. */
  #passLongLine(start: number, end: number, cursor: ObjectCursor, last: boolean): number {
    const longLine = this.#longLine;
    if (longLine === null) return start;
    if (longLine.cursor !== cursor) {
      this.#longLine = null;
      return start;
    }
    const found = this.#block.subarray(start, end).indexOf(lineFeed);
    const lineEnd = found < 0 ? end : start + found;
    longLine.length += lineEnd - start;
    this.#repair(start, lineEnd);
    if (found < 0 && !last) return end;
    this.#longLine = null;
    this.#rejectLong(cursor, longLine);
    cursor.position++;
    return found < 0 ? end : lineEnd + 1;
  }

  #rejectLong(cursor: ObjectCursor, { offset, raw, length }: LongLine): void {
    cursor.lines++;
    cursor.rejected++;
    const detail = `line of ${length} bytes; expected at most ${this.#maxBytes}`;
    this.#rejects.write({
      uri: cursor.uri,
      logType: 'access_log',
      position: cursor.position + 1,
      offset,
      reason: 'line-too-long',
      detail,
      raw,
      rawLength: length,
    });
  }

  #repair(start: number, end: number): void {
    if (!isUtf8(this.#block.subarray(start, end))) repairUtf8(this.#block, start, end);
  }
}

/** The offset after the last line feed of `[start, end)`, or `start` when there is none. */
function lastLineEnd(block: Buffer, start: number, end: number): number {
  return end <= start ? start : Math.max(start, start + block.subarray(start, end).lastIndexOf(lineFeed) + 1);
}

/** The end of a line without the spaces and carriage returns at its end: a converted file ends lines in CR LF. */
function contentEnd(block: Buffer, start: number, end: number): number {
  while (end > start && (block[end - 1] === 0x20 || block[end - 1] === 0x0d)) end--;
  return end;
}

function byteOrderMarkLength(bytes: Uint8Array, start: number, end: number): number {
  return end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? 3 : 0;
}
