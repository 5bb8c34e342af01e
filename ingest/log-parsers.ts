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
  readonly #make: Readonly<Record<LogFormat, () => Parser>>;
  /** Those that were asked for: a reader in WebAssembly is compiled for each. */
  readonly #parsers = new Map<LogFormat, Parser>();
  readonly #rejects: RejectWriter;

  constructor(batches: BatchSink, limits: ParserLimits) {
    const rejects = (this.#rejects = new RejectWriter(batches));
    const options = { batches, rejects, limits };
    this.#make = {
      'access-log-text': () => createAccessLogParser(options),
      'access-log-json': () => createAccessLogJsonParser(options),
      'cloudtrail-json': () => createCloudtrailParser(options),
    };
  }

  of(format: LogFormat): Parser {
    let parser = this.#parsers.get(format);
    if (parser === undefined) this.#parsers.set(format, (parser = this.#make[format]()));
    return parser;
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
    for (const parser of this.#parsers.values()) parser.flush();
    this.#rejects.flush();
  }
}
