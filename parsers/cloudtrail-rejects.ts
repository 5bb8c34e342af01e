/** Rejects of CloudTrail objects: counts them, blanks their secrets, and waits for the end of those that are passed over. */
import { blankJsonSecrets } from './json-secrets.js';
import type { ObjectCursor } from './parser.js';
import type { RejectReason } from './reject.js';
import { maxRawBytes, type Reject, type RejectWriter } from './reject-writer.js';

export class CloudtrailRejects {
  readonly #writer: RejectWriter;
  /** Bytes that are kept: no more than are surely at hand when a record is found to be too long. */
  readonly #maxRawBytes: number;
  #pending: Reject | null = null;
  #cursor!: ObjectCursor;
  #isNoLog = false;
  #block: Buffer = Buffer.alloc(0);
  /** What an offset of the block lacks to an offset of the object. */
  #shift = 0;

  constructor(writer: RejectWriter, maxRecordBytes: number) {
    this.#writer = writer;
    this.#maxRawBytes = Math.min(maxRawBytes, maxRecordBytes + 1);
  }

  beginObject(cursor: ObjectCursor): void {
    // The object before may have been abandoned inside a record: it was counted, so that it must be written.
    if (this.#pending !== null) this.#writer.write({ ...this.#pending, rawLength: this.#pending.raw.length });
    this.#pending = null;
    this.#cursor = cursor;
    this.#isNoLog = false;
  }

  load(block: Buffer, start: number): void {
    this.#block = block;
    this.#shift = this.#cursor.offset - start;
  }

  unload(): void {
    this.#block = Buffer.alloc(0);
  }

  /** Offset in the object of an offset in the block. */
  objectOffset(p: number): number {
    return p + this.#shift;
  }

  /** Rejects the record in `[start, end)` of the block. */
  write(start: number, end: number, reason: RejectReason, detail: string): void {
    this.begin(start, end, reason, detail);
    this.end(end);
  }

  /** Rejects the object as no log, once; what follows counts only where it proves to be a log after all. */
  writeWhole(start: number, end: number): void {
    this.beginWhole(start, end);
    this.end(end);
  }

  /** Rejects the record that starts at `start` and ends at `end` or later: `end` says where. */
  begin(start: number, end: number, reason: RejectReason, detail: string): void {
    this.#begin(start, end, { reason, detail, position: this.#cursor.position });
  }

  beginWhole(start: number, end: number): void {
    const detail = 'no CloudTrail record and no envelope of records';
    if (this.#isNoLog) this.#cursor.position++;
    else this.#begin(start, end, { reason: 'not-a-log', detail, position: null });
    this.#isNoLog = true;
  }

  /** Says where the record ends that was begun last, if its end is not known yet. */
  end(p: number): void {
    const pending = this.#pending;
    if (pending === null) return;
    const rawLength = this.objectOffset(p) - pending.offset;
    this.#writer.write({ ...pending, raw: pending.raw.subarray(0, rawLength), rawLength });
    this.#pending = null;
  }

  #begin(start: number, end: number, what: Pick<Reject, 'reason' | 'detail' | 'position'>): void {
    const cursor = this.#cursor;
    const length = Math.min(end - start, this.#maxRawBytes);
    blankJsonSecrets(this.#block, start, start + length);
    this.#pending = {
      ...what,
      uri: cursor.uri,
      logType: what.position === null ? null : 'cloudtrail',
      offset: this.objectOffset(start),
      raw: Buffer.from(this.#block.subarray(start, start + length)),
    };
    cursor.position++;
    cursor.lines++;
    cursor.rejected++;
  }
}
