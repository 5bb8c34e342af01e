/** Turns rejected records into batches of the rejects table. */
import { BatchBuilder, type BatchSink } from './batch.js';
import type { RejectReason } from './reject.js';
import { columnIndex, rejectsTable } from './tables.js';

/** Bytes of a rejected record that are kept. */
export const maxRawBytes = 64 << 10;

export interface Reject {
  readonly uri: string;
  readonly logType: 'access_log' | 'cloudtrail' | null;
  /** Line from 1 or record from 0; null when the whole object is rejected. */
  readonly position: number | null;
  readonly offset: number;
  readonly reason: RejectReason;
  /** One line; text from the log must be escaped by the caller. */
  readonly detail: string;
  /** The bytes of the record with secrets already blanked; only the first 64 KiB are kept. */
  readonly raw: Uint8Array;
  /** Bytes of the record when `raw` is only its beginning. */
  readonly rawLength?: number;
}

const column = {
  uri: columnIndex(rejectsTable, 'log_uri'),
  logType: columnIndex(rejectsTable, 'log_type'),
  line: columnIndex(rejectsTable, 'log_line'),
  offset: columnIndex(rejectsTable, 'log_offset'),
  reason: columnIndex(rejectsTable, 'reason'),
  detail: columnIndex(rejectsTable, 'detail'),
  rawLength: columnIndex(rejectsTable, 'raw_length'),
  raw: columnIndex(rejectsTable, 'raw'),
};

/** Collects rejects; the bytes are copied, so the caller may reuse its block at once. */
export class RejectWriter {
  readonly #builder: BatchBuilder;

  constructor(sink: BatchSink) {
    this.#builder = new BatchBuilder(rejectsTable, sink);
  }

  write(reject: Reject): void {
    const builder = this.#builder;
    builder.string(column.uri, reject.uri);
    if (reject.logType !== null) builder.string(column.logType, reject.logType);
    if (reject.position !== null) builder.int64(column.line, reject.position);
    builder.int64(column.offset, reject.offset);
    builder.string(column.reason, reject.reason);
    builder.string(column.detail, reject.detail);
    builder.int64(column.rawLength, reject.rawLength ?? reject.raw.length);
    builder.copy(column.raw, reject.raw, 0, Math.min(reject.raw.length, maxRawBytes));
    builder.endRow(NaN);
  }

  flush(): void {
    this.#builder.flush();
  }
}
