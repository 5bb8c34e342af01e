/**
 * Reads objects into blocks and lets the right parser at them. Small objects share a block, so that their rows share a
 * batch; large ones go through block after block.
 */
import fs from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { CallerColumns } from '../parsers/caller-columns.js';
import { fillHasKey } from '../parsers/has-key-column.js';
import { startObject, type ObjectCursor } from '../parsers/parser.js';
import type { RejectReason } from '../parsers/reject.js';
import type { ObjectFormat } from '../parsers/sniff.js';
import type { LedgerEntry } from '../store/catalog.js';
import type { ParquetConverter } from '../store/parquet-log.js';
import type { Stage } from '../store/stage.js';
import type { TrailObject } from '../store/trail-objects.js';
import { BlockPool, usualBlockBytes } from './blocks.js';
import { freeInflated, inflate, type ByteFault } from './inflate.js';
import { InflatingBody } from './inflate-stream.js';
import { readLineRange, type LineRange } from './line-range.js';
import { LogParsers, type LogFormat } from './log-parsers.js';
import { isLogFormat, sniffBytes, sniffObject } from './object-format.js';
import { readWhole, writeWhole } from './read-whole.js';
import { readProblem, type ReadProblem } from './read-error.js';
import type { ObjectBody, OpenObject, SourceObject } from './source.js';
import { openLocalObject } from './sources/local.js';
import { hashedTrailObject, trailHash, trailObject } from './trail-object.js';

/** What became of one object. */
export interface ReadOutcome extends LedgerEntry {
  /** Null for what is neither a log file nor a digest of CloudTrail. */
  readonly trail: TrailObject | null;
  /** Why the object could not be read; null when it could. It is not in the ledger then. */
  readonly failure: ReadProblem | null;
  /** True when rows, or with a failure rejects too, were staged that must not stay. */
  readonly discard: boolean;
}

export interface ReaderOptions {
  readonly stage: Stage;
  readonly open: OpenObject;
  /** Bytes that may be staged before they are written. */
  readonly stageBytes: number;
  readonly maxRecordBytes: number;
  readonly maxInflatedBytes: number;
  readonly scratch: string;
  /** Turns a Parquet file into JSON lines. */
  readonly convertParquet: ParquetConverter;
}

/** Compressed objects up to this size are inflated at once, unless they are bombs. */
const inflateAtOnceBytes = 4 << 20;
const inflatedAtOnceBytes = 64 << 20;
/** Inflated objects up to this size share a block with others. */
const shareBlockBytes = usualBlockBytes / 2;

/** What is known of the object that is being read. */
interface Reading {
  readonly object: SourceObject;
  readonly cursor: ObjectCursor;
  body: ObjectBody;
  format: string;
  trail: TrailObject | null;
  discard: boolean;
}

export class ObjectReader {
  readonly #options: ReaderOptions;
  readonly #parsers: LogParsers;
  readonly #blocks = new BlockPool();
  #block: Buffer;
  #filled = 0;
  #conversions = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    const callers = new CallerColumns();
    this.#parsers = new LogParsers((batch) => options.stage.add(callers.fill(fillHasKey(batch))), {
      maxRecordBytes: options.maxRecordBytes,
    });
    this.#block = this.#blocks.take();
  }

  /** Reads an object to its end. Never throws for the object's sake. */
  async read(object: SourceObject): Promise<ReadOutcome> {
    return this.#guard(object, (reading) => this.#readBody(reading));
  }

  /** Reads the lines of an access log that begin in a range of bytes; `range` is shared with the readers of the others. */
  async readRange(object: SourceObject, range: LineRange): Promise<ReadOutcome> {
    return this.#guard(
      object,
      async (reading) => {
        reading.format = 'access-log-text';
        this.#parsers.flush();
        const { block, start, end, line } = await readLineRange(reading.body, range, (bytes) =>
          this.#blocks.take(bytes),
        );
        reading.cursor.position = line;
        reading.cursor.offset = Math.max(0, range.from - 1) + start;
        this.#parsers.of('access-log-text').parse(block, start, end, reading.cursor, true);
        this.#parsers.flush();
        this.#blocks.giveBack(block);
      },
      Math.max(0, range.from - 1),
    );
  }

  /** Writes everything that is staged. */
  finish(): void {
    this.#parsers.flush();
    this.#options.stage.write();
  }

  async #guard(object: SourceObject, work: (reading: Reading) => Promise<void>, offset = 0): Promise<ReadOutcome> {
    const cursor = startObject(object.uri);
    const reading: Reading = { object, cursor, body: nothing, format: 'unknown', trail: null, discard: false };
    let failure: ReadProblem | null = null;
    try {
      const opened = this.#options.open(object, offset);
      reading.body = opened instanceof Promise ? await opened : opened;
      await work(reading);
    } catch (error) {
      failure = readProblem(error);
      // Most fail before anything of them was staged, and then no file has to be written again.
      reading.discard = cursor.lines > 0;
    } finally {
      reading.body.close();
    }
    if (this.#options.stage.bytes > this.#options.stageBytes) this.finish();
    const { uri, etag, size } = object;
    const { lines, rows, rejected, skipped } = cursor;
    const { format, trail, discard } = reading;
    return { uri, etag, size, format, lines, rows, duplicates: 0, rejected, skipped, trail, failure, discard };
  }

  async #readBody(reading: Reading): Promise<void> {
    const { object, body } = reading;
    const room = Math.min(Math.max(object.size, sniffBytes) + 1, usualBlockBytes);
    if (this.#block.length - this.#filled < room) this.#nextBlock(this.#filled, this.#filled, usualBlockBytes);
    const start = this.#filled;
    const ended = await this.#fill(body);
    const format = (reading.format = sniffObject(this.#block.subarray(start, this.#filled)));
    await this.#readFormat(reading, format, start, ended);
  }

  async #readFormat(reading: Reading, format: ObjectFormat, start: number, ended: boolean): Promise<void> {
    switch (format) {
      case 'access-log-text':
      case 'access-log-json':
      case 'cloudtrail-json':
        return this.#parse(reading, format, start, ended);
      case 'gzip':
        return this.#readGzip(reading, start, ended);
      case 'parquet':
        return this.#readParquet(reading, start, ended);
      case 'zstd':
        return this.#rejectBytes(
          reading,
          start,
          'unreadable',
          'zstd is not supported; expected plain text, gzip or Parquet',
        );
      case 'not-a-log':
        return this.#rejectBytes(reading, start, 'not-a-log', 'expected S3 access-log lines or CloudTrail JSON');
      case 'empty':
        // Only blanks so far: a long run of them may still be followed by lines.
        return ended ? undefined : this.#parse(reading, 'access-log-text', start, ended);
    }
  }

  /** Parses the bytes from `start` to the end of the object, the first of which are in the block. */
  async #parse(reading: Reading, format: LogFormat, start: number, ended: boolean): Promise<void> {
    const parser = this.#parsers.of(format);
    for (let from = start; ; from = 0) {
      const end = this.#filled;
      const consumed = parser.parse(this.#block, from, end, reading.cursor, ended);
      if (ended) return;
      const tail = end - consumed;
      const crowded = tail > this.#block.length / 2;
      this.#nextBlock(
        consumed,
        end,
        crowded ? Math.min(tail * 2, 2 * this.#options.maxRecordBytes + 2) : usualBlockBytes,
      );
      ended = await this.#fill(reading.body);
    }
  }

  async #readGzip(reading: Reading, start: number, ended: boolean): Promise<void> {
    const { object, cursor } = reading;
    if (object.size <= inflateAtOnceBytes || ended) {
      const compressed = await this.#readAll(reading.body, start, ended);
      const inflated = inflate(compressed, Math.min(inflatedAtOnceBytes, this.#options.maxInflatedBytes));
      if (inflated !== null) {
        reading.trail = trailObject(object, inflated.bytes, reading.body);
        const { fault } = inflated;
        const head = fault === null ? noBytes : Buffer.from(compressed.subarray(0, sniffBytes));
        await this.#readInflated(reading, inflated.bytes);
        freeInflated(inflated);
        return this.#rejectFault(reading, fault, head);
      }
      reading.body = new InflatingBody(Buffer.from(compressed), reading.body, this.#options.maxInflatedBytes);
    } else {
      const head = Buffer.from(this.#block.subarray(start, this.#filled));
      reading.body = new InflatingBody(head, reading.body, this.#options.maxInflatedBytes);
    }
    this.#filled = start;
    const stream = reading.body as InflatingBody;
    stream.hash = trailHash(object);
    this.#nextBlock(start, start, usualBlockBytes);
    const inflatedEnded = await this.#fill(stream);
    await this.#readInside(reading, 0, inflatedEnded);
    reading.trail = hashedTrailObject(stream.hash, stream.fault);
    if (stream.fault?.reason === 'corrupt-gzip') {
      reading.discard = cursor.rows > 0;
      cursor.lines -= cursor.rows;
      cursor.rows = 0;
    }
    this.#rejectFault(reading, stream.fault, noBytes);
  }

  async #readInflated(reading: Reading, bytes: Buffer): Promise<void> {
    if (bytes.length <= shareBlockBytes) {
      if (this.#block.length - this.#filled < bytes.length)
        this.#nextBlock(this.#filled, this.#filled, usualBlockBytes);
      const start = this.#filled;
      this.#block.set(bytes, start);
      this.#filled += bytes.length;
      return this.#readInside(reading, start, true);
    }
    this.#parsers.flush();
    const format = sniffObject(bytes);
    reading.format = `gzip ${format}`;
    if (isLogFormat(format)) this.#parsers.of(format).parse(bytes, 0, bytes.length, reading.cursor, true);
    else if (format !== 'empty')
      this.#parsers.rejectObject(
        reading.cursor,
        'not-a-log',
        'inflates to neither access-log lines nor CloudTrail JSON',
        bytes,
      );
    this.#parsers.flush();
  }

  /** Parses what a container holds, which lies in the block from `start`. */
  async #readInside(reading: Reading, start: number, ended: boolean): Promise<void> {
    const head = this.#block.subarray(start, Math.min(this.#filled, start + sniffBytes));
    const format = sniffObject(head);
    reading.format = `gzip ${format}`;
    if (isLogFormat(format)) return this.#parse(reading, format, start, ended);
    if (format === 'empty' && ended) return;
    this.#rejectBytes(reading, start, 'not-a-log', 'inflates to neither access-log lines nor CloudTrail JSON');
  }

  /**
   * Rejects an object whose bytes lie in the block from `start`, and gives their room back: a batch may begin before them
   * and end behind them, and all of its block must be text.
   */
  #rejectBytes({ cursor }: Reading, start: number, reason: RejectReason, detail: string): void {
    this.#parsers.rejectObject(cursor, reason, detail, this.#block.subarray(start, this.#filled));
    this.#filled = start;
  }

  #rejectFault({ cursor }: Reading, fault: ByteFault | null, head: Buffer): void {
    if (fault !== null) this.#parsers.rejectObject(cursor, fault.reason, fault.detail, head);
  }

  async #readParquet(reading: Reading, start: number, ended: boolean): Promise<void> {
    const { object, cursor } = reading;
    const { maxInflatedBytes: maxBytes } = this.#options;
    const head = Buffer.from(this.#block.subarray(start, this.#filled));
    this.#filled = start;
    const scratch = path.join(this.#options.scratch, `parquet-${process.pid}-${threadId}-${this.#conversions++}`);
    const lines = `${scratch}.jsonl`;
    try {
      const file = object.kind === 'local' ? object.uri : `${scratch}.parquet`;
      if (file !== object.uri && !(await writeWhole(reading.body, { head, ended, file, maxBytes })))
        return this.#parsers.rejectObject(
          cursor,
          'too-large',
          `a Parquet file of more than ${maxBytes} bytes (limits.max_inflated)`,
          head.subarray(0, sniffBytes),
        );
      const problem = await this.#options.convertParquet(file, lines).then(() => null, firstLine);
      if (problem !== null)
        return this.#parsers.rejectObject(cursor, 'unreadable', `Parquet: ${problem}`, head.subarray(0, sniffBytes));
      await this.#parseFile({ ...reading, object: { ...object, uri: lines } });
    } finally {
      for (const file of [`${scratch}.parquet`, lines]) fs.rmSync(file, { force: true });
    }
  }

  async #parseFile(reading: Reading): Promise<void> {
    const body = openLocalObject(reading.object, 0);
    try {
      this.#nextBlock(this.#filled, this.#filled, usualBlockBytes);
      await this.#parse({ ...reading, body }, 'access-log-json', 0, await this.#fill(body));
    } finally {
      body.close();
    }
  }

  /** Fills the block; true when the object ended. */
  async #fill(body: ObjectBody): Promise<boolean> {
    // Bytes of an object that fails half-way are no text that a batch may span, so they only count when all is there.
    let filled = this.#filled;
    while (filled < this.#block.length) {
      const got = body.read(this.#block.subarray(filled));
      const length = typeof got === 'number' ? got : await got;
      if (length === 0) break;
      filled += length;
    }
    this.#filled = filled;
    return filled < this.#block.length;
  }

  /** The whole object, of which the block holds the part from `start`; good until the block is used, whose room is given back. */
  async #readAll(body: ObjectBody, start: number, ended: boolean): Promise<Buffer> {
    const head = this.#block.subarray(start, this.#filled);
    this.#filled = start;
    return ended ? head : Buffer.concat([head, await readWhole(body)]);
  }

  /** Leaves the block for a new one that begins with the bytes from `start` to `end` of this one. */
  #nextBlock(start: number, end: number, bytes: number): void {
    this.#parsers.flush();
    const next = this.#blocks.take(Math.max(bytes, end - start + 1));
    this.#block.copy(next, 0, start, end);
    this.#blocks.giveBack(this.#block);
    this.#block = next;
    this.#filled = end - start;
    if (this.#options.stage.bytes > this.#options.stageBytes) this.#options.stage.write();
  }
}

const noBytes = Buffer.alloc(0);

const nothing: ObjectBody = { read: () => 0, close: () => undefined };

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0]!;
}
