/**
 * The CloudTrail parser: walks the envelopes of an object, hands each record to the scanner, and decides what becomes
 * of it. It consumes whole records only, so that nothing is kept between blocks but where it is in the envelopes.
 * Longer than most files: the states of the walk belong together.
 */
import { isUtf8 } from 'node:buffer';
import { BatchBuilder, type BatchSink } from './batch.js';
import { BucketResources } from './cloudtrail-buckets.js';
import {
  isContainerKey, isControl, isControlText, isRecord, resourceSlotsEnd, skippedFile, skippedRecord, unwrap, wrappedRecord,
} from './cloudtrail-envelopes.js';
import { collectedSlots, containerSlots, recordFields, slotOf } from './cloudtrail-fields.js';
import { findRecordStart } from './cloudtrail-resync.js';
import { CloudtrailRowWriter, flagInvalidUtf8, flagLoneSurrogate, flagRepeatedKey } from './cloudtrail-row.js';
import { blankRecordSecrets, isSecretKey, SecretWatch } from './cloudtrail-secrets.js';
import { repeatsKey } from './json-repeats.js';
import { container, incomplete, JsonScanner, kindAbsent, kindObject, malformed } from './json-scanner.js';
import { ValueSkipper } from './json-skip.js';
import { defaultLimits, type ObjectCursor, type Parser, type ParserLimits } from './parser.js';
import { maxRawBytes, type RejectWriter } from './reject-writer.js';
import type { RejectReason, SkippedKind } from './reject.js';
import { cloudtrailTable } from './tables.js';
import { repairUtf8 } from './utf8.js';

export interface CloudtrailParserOptions {
  /** Receives batches of the cloudtrail table. */
  readonly batches: BatchSink;
  /** Receives what is rejected; the caller flushes it. */
  readonly rejects: RejectWriter;
  readonly limits?: ParserLimits;
}

/**
 * Makes a parser of inflated CloudTrail objects in any carrier: `{"Records":[…]}`, a bare array, records one after
 * another, CloudWatch Logs subscription payloads, EventBridge events, `lookup-events` answers (docs/data-quality.md).
 * Values that AWS writes in several ways are normalised, an accessKeyId of '' is null, repeated keys: the last wins.
 */
export function createCloudtrailParser(options: CloudtrailParserOptions): Parser {
  return new CloudtrailParser(options);
}

/**
 * Where the walk is. `elements`: before a document, or an element of an array. `tail`: in an envelope whose records
 * have been read. `skipping`: inside a value that is passed over. `hunting`: after malformed JSON.
 */
type State = 'elements' | 'tail' | 'skipping' | 'hunting';

/** A reject whose end is not known yet. */
interface PendingReject {
  readonly position: number | null;
  readonly offset: number;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly raw: Uint8Array;
}

/** Envelopes inside envelopes that are opened: EventBridge in CloudWatch Logs in `lookup-events` would be three. */
const maxLayers = 4;
const resourcesSlot = slotOf('resources');
const eventTimeSlot = slotOf('eventTime');

class CloudtrailParser implements Parser {
  readonly #builder: BatchBuilder;
  readonly #scanner: JsonScanner;
  readonly #row: CloudtrailRowWriter;
  readonly #rejects: RejectWriter;
  readonly #maxRecordBytes: number;
  readonly #skipper = new ValueSkipper();
  readonly #secrets = new SecretWatch();
  readonly #buckets = new BucketResources(resourceSlotsEnd);
  // The object.
  #cursor: ObjectCursor | null = null;
  #state: State = 'elements';
  #stateAfterSkip: State = 'elements';
  /** True inside an array that is the document, or that starts among the documents. */
  #inArray = false;
  /** True inside the array of an envelope. */
  #inEnvelope = false;
  /** True once the object is known to hold CloudTrail. */
  #isLog = false;
  /** True once the object was rejected as no log at all. */
  #isNoLog = false;
  #pending: PendingReject | null = null;
  /** Offset in the object of the last error of malformed JSON. */
  #lastError = -1;
  // The block.
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #last = false;
  #p = 0;
  /** True when the block has bytes that are not UTF-8; `#repaired` is the offset up to which they were overwritten. */
  #isDamaged = false;
  #repaired = 0;

  constructor({ batches, rejects, limits = defaultLimits }: CloudtrailParserOptions) {
    this.#builder = new BatchBuilder(cloudtrailTable, batches);
    this.#rejects = rejects;
    this.#maxRecordBytes = limits.maxRecordBytes;
    this.#scanner = new JsonScanner(recordFields, {
      containers: containerSlots,
      collected: collectedSlots,
      listSlot: resourcesSlot,
      elements: recordFields.children[resourcesSlot]!,
      onElement: () => this.#buckets.add(this.#scanner, this.#block),
      onListRepeated: () => this.#buckets.clear(),
      isSensitive: isSecretKey,
    });
    this.#row = new CloudtrailRowWriter(this.#builder, this.#scanner, this.#buckets);
  }

  parse(block: Uint8Array, start: number, end: number, cursor: ObjectCursor, last: boolean): number {
    if (cursor !== this.#cursor) this.#beginObject(cursor);
    this.#beginBlock(block, start, end, last);
    while (this.#p < this.#end && this.#step()) if (this.#isDamaged) this.#repair();
    if (last) this.#finish();
    if (this.#isDamaged) this.#repair();
    cursor.offset += this.#p - start;
    this.#scanner.unload();
    this.#secrets.unload();
    this.#block = Buffer.alloc(0);
    if (last) this.#cursor = null;
    return this.#p;
  }

  flush(): void {
    this.#builder.flush();
  }

  #beginObject(cursor: ObjectCursor): void {
    this.#cursor = cursor;
    this.#state = 'elements';
    this.#inArray = false;
    this.#inEnvelope = false;
    this.#isLog = false;
    this.#isNoLog = false;
    this.#pending = null;
    this.#lastError = -1;
    this.#row.beginObject(cursor.uri);
  }

  #beginBlock(block: Uint8Array, start: number, end: number, last: boolean): void {
    this.#start = start;
    this.#end = end;
    this.#last = last;
    this.#p = start;
    this.#repaired = start;
    this.#block = Buffer.from(block.buffer, block.byteOffset, end);
    const whole = last ? end : lastWholeCharacter(this.#block, start, end);
    this.#isDamaged = !isUtf8(this.#block.subarray(start, whole));
    this.#scanner.load(this.#block, start, end);
    this.#secrets.load(this.#block, start, end);
    this.#row.load(this.#block);
  }

  /** Overwrites what is not UTF-8 in the bytes consumed so far: the store takes the block range of a batch as text. */
  #repair(): void {
    repairUtf8(this.#block, this.#repaired, this.#p);
    this.#repaired = this.#p;
  }

  /** Goes on by one element, or one change of state; false when more bytes are needed. */
  #step(): boolean {
    switch (this.#state) {
      case 'elements': return this.#element();
      case 'tail': return this.#tail();
      case 'skipping': return this.#skip();
      case 'hunting': return this.#hunt();
    }
  }

  /** Reads what comes before, between and after elements, and the next element. */
  #element(): boolean {
    const block = this.#block;
    const scanner = this.#scanner;
    let p = this.#p;
    if (this.#cursor!.offset === 0 && p === this.#start && block[p] === 0xef) {
      if (this.#end - p < 3 && !this.#last) return false;
      if (block[p + 1] === 0xbb && block[p + 2] === 0xbf) p += 3;
    }
    p = scanner.space(p);
    this.#p = p;
    if (p === this.#end) return false;
    const c = block[p]!;
    if (c === 123) return this.#object(p);
    if (c === 44 && (this.#inArray || this.#inEnvelope)) this.#p = p + 1;
    else if (c === 93 && this.#inEnvelope) this.#leaveArray(p);
    else if (c === 93 && this.#inArray) {
      this.#inArray = false;
      this.#p = p + 1;
    } else if (c === 91 && !this.#inArray && !this.#inEnvelope) {
      this.#inArray = true;
      this.#p = p + 1;
    } else return this.#otherValue(p);
    return true;
  }

  #leaveArray(p: number): void {
    this.#inEnvelope = false;
    this.#state = 'tail';
    this.#p = p + 1;
  }

  #object(p: number): boolean {
    const scanner = this.#scanner;
    scanner.rewind(p);
    this.#begin();
    scanner.findContainers = !this.#inEnvelope;
    const end = scanner.object(p + 1, recordFields.root);
    if (end === container) return this.#enterEnvelope(p);
    if (end === malformed && scanner.errorAt - p <= this.#maxRecordBytes) return this.#malformed(p);
    if ((end < 0 ? this.#end : end) - p > this.#maxRecordBytes) return this.#tooLong(p);
    if (end === incomplete) return false;
    this.#record(p, end);
    this.#p = end;
    return true;
  }

  #begin(): void {
    this.#scanner.begin();
    this.#buckets.clear();
  }

  #enterEnvelope(p: number): boolean {
    this.#isLog = true;
    if (isControl(this.#scanner, this.#block)) {
      this.#countSkipped('control');
      this.#beginSkip(p, 'elements');
    } else {
      this.#inEnvelope = true;
      this.#p = this.#scanner.containerAt;
    }
    return true;
  }

  /** Reads the members of an envelope after its records; they may be followed by more records. */
  #tail(): boolean {
    const scanner = this.#scanner;
    const block = this.#block;
    let p = scanner.space(this.#p);
    this.#p = p;
    if (p === this.#end) return false;
    if (block[p] === 44) {
      this.#p = p + 1;
      return true;
    }
    if (block[p] !== 34) {
      this.#state = 'elements';
      if (block[p] === 125) this.#p = p + 1;
      return true;
    }
    scanner.rewind(p);
    const keyEnd = scanner.string(p + 1);
    p = keyEnd < 0 ? keyEnd : scanner.space(keyEnd + 1);
    if (p >= 0 && p < this.#end) p = block[p] === 58 ? scanner.space(p + 1) : scanner.fail(p, 'a colon');
    if (p === malformed) return this.#leaveBrokenTail();
    if (p === incomplete || p === this.#end) return this.#end - this.#p > this.#maxRecordBytes && this.#leaveBrokenTail();
    const c = block[p]!;
    if (c === 91 && isContainerKey(block, this.#p + 1, keyEnd)) {
      this.#inEnvelope = true;
      this.#state = 'elements';
      this.#p = p + 1;
      return true;
    }
    if (c === 34 || c === 123 || c === 91) {
      this.#beginSkip(p, 'tail');
      return true;
    }
    p = scanner.scalar(p);
    if (p === malformed) return this.#leaveBrokenTail();
    if (p === incomplete) return false;
    this.#p = p;
    return true;
  }

  /** What is not a member is looked at as an element, and rejected there. */
  #leaveBrokenTail(): boolean {
    this.#state = 'elements';
    return this.#malformed(this.#p);
  }

  #otherValue(p: number): boolean {
    const scanner = this.#scanner;
    scanner.rewind(p);
    this.#begin();
    let end = scanner.value(p);
    if (end === malformed && scanner.errorAt - p <= this.#maxRecordBytes) return this.#malformed(p);
    if ((end < 0 ? this.#end : end) - p > this.#maxRecordBytes) return this.#tooLong(p);
    // A number ends where the object does.
    if (end === incomplete && this.#last && /^-?\d[\d.eE+-]*$/.test(this.#block.toString('latin1', p, p + 32))) end = this.#end;
    if (end === incomplete) return false;
    this.#rejectOther(p, end);
    this.#p = end;
    return true;
  }

  /** Rejects a value that is no record: singly among records, once where nothing says that this is a log. */
  #rejectOther(p: number, end: number): void {
    if (this.#isAmongRecords()) this.#reject(p, end, 'not-a-record', 'an element is not a JSON object; expected a CloudTrail record');
    else this.#rejectWhole(p, end);
    this.#cursor!.position++;
  }

  #isAmongRecords(): boolean {
    return this.#isLog || this.#inArray || this.#inEnvelope;
  }

  #rejectWhole(p: number, end: number): void {
    if (this.#isNoLog) return;
    this.#isNoLog = true;
    this.#countReject();
    this.#writeReject(this.#rejectOf(p, 'not-a-log', 'no CloudTrail record and no known envelope', null), end - p);
  }

  /** Decides what becomes of the object in `[start, end)`, which was scanned. */
  #record(start: number, end: number): void {
    const block = this.#block;
    const scanner = this.#scanner;
    const skipped = skippedRecord(scanner, block);
    if (skipped !== null) this.#countSkipped(skipped);
    else if (scanner.kinds[eventTimeSlot] !== kindAbsent || isRecord(scanner)) this.#writeRow(start, end, start, end, 0);
    else if (wrappedRecord(scanner) >= 0) this.#unwrapRecord(start, end);
    else {
      const kind = this.#inEnvelope ? null : skippedFile(scanner, block);
      if (kind !== null) this.#countSkipped(kind);
      else if (this.#inEnvelope || this.#isLog) this.#rejectBadTime(start, end);
      else {
        this.#rejectWhole(start, end);
        this.#cursor!.position++;
      }
    }
  }

  /** Opens the envelope in `[start, end)`, and the envelopes in it, and takes the record. */
  #unwrapRecord(start: number, end: number): void {
    const scanner = this.#scanner;
    const block = this.#block;
    let flags = 0;
    for (let layer = 0; layer < maxLayers; layer++) {
      const slot = wrappedRecord(scanner);
      if (slot < 0) break;
      if (scanner.loneSurrogateCount > 0) flags |= flagLoneSurrogate;
      const recordEnd = unwrap(scanner, block, slot);
      const text = scanner.starts[slot]!;
      if (isControlText(block, text, recordEnd)) return this.#endUnwrapped(() => this.#countSkipped('control'));
      scanner.load(block, text, recordEnd);
      const open = scanner.space(text);
      if (open === recordEnd || block[open] !== 123) {
        return this.#endUnwrapped(() => this.#rejectUnwrapped(text, recordEnd, start));
      }
      this.#begin();
      scanner.findContainers = false;
      const close = scanner.object(open + 1, recordFields.root);
      if (close < 0 || scanner.space(close) !== recordEnd) {
        return this.#endUnwrapped(() =>
          this.#reject(text, recordEnd, 'malformed-json', 'the record in the envelope is not valid JSON', start),
        );
      }
      const skipped = skippedRecord(scanner, block);
      if (skipped !== null) return this.#endUnwrapped(() => this.#countSkipped(skipped));
      if (isRecord(scanner)) {
        this.#secrets.load(block, open, close);
        return this.#endUnwrapped(() => this.#writeRow(start, end, open, close, flags));
      }
    }
    this.#endUnwrapped(() => this.#rejectBadTime(start, end));
  }
}
