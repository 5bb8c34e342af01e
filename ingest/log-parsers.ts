/** The parsers of one thread, with one stage behind them. */
import { createAccessLogJsonParser } from '../parsers/access-log-json.js';
import { createAccessLogParser } from '../parsers/access-log.js';
import type { BatchSink } from '../parsers/batch.js';
import { createCloudtrailParser } from '../parsers/cloudtrail.js';
import type { ObjectCursor, Parser, ParserLimits } from '../parsers/parser.js';
import type { RejectReason } from '../parsers/reject.js';
import { RejectWriter } from '../parsers/reject-writer.js';

/** Formats that a parser reads; containers such as gzip are opened before. */
export type LogFormat = 'access-log-text' | 'access-log-json' | 'cloudtrail-json';

export class LogParsers {
  readonly #parsers: Readonly<Record<LogFormat, Parser>>;
  readonly #rejects: RejectWriter;

  constructor(batches: BatchSink, limits: ParserLimits) {
    const rejects = (this.#rejects = new RejectWriter(batches));
    this.#parsers = {
      'access-log-text': createAccessLogParser({ batches, rejects, limits }),
      'access-log-json': createAccessLogJsonParser({ batches, rejects, limits }),
      'cloudtrail-json': createCloudtrailParser({ batches, rejects, limits }),
    };
  }

  of(format: LogFormat): Parser {
    return this.#parsers[format];
  }

  /** Rejects what an object is as a whole: it counts as one line. */
  rejectObject(cursor: ObjectCursor, reason: RejectReason, detail: string, head: Uint8Array): void {
    cursor.lines++;
    cursor.rejected++;
    this.#rejects.write({
      uri: cursor.uri,
      logType: null,
      position: null,
      offset: cursor.offset,
      reason,
      detail,
      raw: head,
    });
  }

  /** Sends on every row so far. Afterwards the current block may be left. */
  flush(): void {
    for (const parser of Object.values(this.#parsers)) parser.flush();
    this.#rejects.flush();
  }
}
