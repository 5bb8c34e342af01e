/**
 * The CloudTrail parser: walks the documents, arrays and envelopes of an object and hands each record on. It consumes
 * whole records only, so that nothing is kept between blocks but where it is. Longer than most files: the states of
 * the walk belong together.
 */
import { isUtf8 } from 'node:buffer';
import { BatchBuilder, type BatchSink } from './batch.js';
import { BucketResources } from './cloudtrail-buckets.js';
import { isContainerKey, isControl, isDigest, isRecord } from './cloudtrail-envelopes.js';
import { containerSlots, firstEnvelopeSlot, recordFields, slotOf } from './cloudtrail-fields.js';
import { CloudtrailRecords } from './cloudtrail-records.js';
import { CloudtrailRejects } from './cloudtrail-rejects.js';
import { findRecordStart } from './cloudtrail-resync.js';
import { CloudtrailRowWriter, plainKinds, recordPlace } from './cloudtrail-row.js';
import { container, incomplete, JsonScanner, malformed } from './json-scanner.js';
import { isSecretKey } from './json-secrets.js';
import { ValueSkipper } from './json-skip.js';
import { isNumberUpToEnd } from './json-text.js';
import { defaultLimits, type ObjectCursor, type Parser, type ParserLimits } from './parser.js';
import { PlainRecords } from './plain-records.js';
import type { RejectWriter } from './reject-writer.js';
import { RowPlace } from './row-place.js';
import { cloudtrailTable } from './tables.js';
import { repairUtf8, wholeCharacters } from './utf8.js';

export interface CloudtrailParserOptions {
  /** Receives batches of the cloudtrail table. */
  readonly batches: BatchSink;
  /** Receives what is rejected; the caller flushes it. */
  readonly rejects: RejectWriter;
  readonly limits?: ParserLimits;
}

/**
 * Makes a parser of inflated CloudTrail objects in any carrier: `{"Records":[…]}`, a bare array, records one after
 * another, CloudWatch Logs subscription payloads, EventBridge events, `lookup-events` answers. Digests, Insights and
 * aggregated events are skipped and counted. JSON text columns are as logged, but for half surrogate pairs and bytes
 * that are not UTF-8, which become U+FFFD, and for blanked secrets. Of a repeated key the last counts in the flattened
 * columns. An id or code of '' or "null" is null. A number, true or false in a text column is its JSON text.
 */
export function createCloudtrailParser(options: CloudtrailParserOptions): Parser {
  return new CloudtrailParser(options);
}

/**
 * Where the walk is. `elements`: before a document or an element of an array. `tail`: in an envelope whose records
 * were read. `skipping`: inside a value that is passed over. `hunting`: after malformed JSON, for the next record.
 */
type State = 'elements' | 'tail' | 'skipping' | 'hunting';

const resourcesSlot = slotOf('resources');

class CloudtrailParser implements Parser {
  readonly #builder: BatchBuilder;
  readonly #scanner: JsonScanner;
  readonly #records: CloudtrailRecords;
  readonly #plain: PlainRecords;
  readonly #rejects: CloudtrailRejects;
  readonly #row: CloudtrailRowWriter;
  readonly #buckets = new BucketResources();
  readonly #skipper = new ValueSkipper();
  readonly #maxRecordBytes: number;
  // The object.
  #cursor: ObjectCursor | null = null;
  #state: State = 'elements';
  #stateAfterSkip: State = 'elements';
  /** True inside an array that is a document. */
  #inArray = false;
  /** True inside the array of an envelope, which may itself be in an array. */
  #inEnvelope = false;
  /** Offset in the object of the last malformed JSON. */
  #lastError = -1;
  // The block.
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #last = false;
  #p = 0;
  /** True when the block has bytes that are not UTF-8; those before `#repaired` were overwritten. */
  #isDamaged = false;
  #repaired = 0;

  constructor({ batches, rejects, limits = defaultLimits }: CloudtrailParserOptions) {
    this.#maxRecordBytes = limits.maxRecordBytes;
    this.#builder = new BatchBuilder(cloudtrailTable, batches);
    const scanner = new JsonScanner(recordFields, {
      plainKinds,
      firstCollected: firstEnvelopeSlot,
      listSlot: resourcesSlot,
      elements: recordFields.children[resourcesSlot]!,
      onElement: () => this.#buckets.add(scanner, this.#block),
      onListRepeated: () => this.#buckets.clear(),
      isContainer: (slot) => containerSlots[slot] === 1 && !isRecord(scanner),
      isSensitive: isSecretKey,
    });
    this.#scanner = scanner;
    const place = new RowPlace(this.#builder, recordPlace);
    this.#plain = new PlainRecords(this.#builder, place, limits.maxRecordBytes);
    this.#row = new CloudtrailRowWriter(this.#builder, place, { scanner, buckets: this.#buckets });
    this.#rejects = new CloudtrailRejects(rejects, limits.maxRecordBytes);
    this.#records = new CloudtrailRecords({ scanner, buckets: this.#buckets, row: this.#row, rejects: this.#rejects });
  }

  parse(block: Uint8Array, start: number, end: number, cursor: ObjectCursor, last: boolean): number {
    if (cursor !== this.#cursor) this.#beginObject(cursor);
    this.#beginBlock(block, start, end, last);
    while (this.#p < this.#end && this.#step()) if (this.#isDamaged) this.#repair();
    if (last) this.#finish();
    if (this.#isDamaged) this.#repair();
    cursor.offset += this.#p - start;
    this.#endBlock();
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
    this.#lastError = -1;
    this.#row.beginObject(cursor);
    this.#rejects.beginObject(cursor);
    this.#records.beginObject(cursor);
  }

  #beginBlock(block: Uint8Array, start: number, end: number, last: boolean): void {
    const bytes = Buffer.from(block.buffer, block.byteOffset, end);
    this.#block = bytes;
    this.#start = start;
    this.#end = end;
    this.#last = last;
    this.#p = start;
    this.#repaired = start;
    this.#isDamaged = !isUtf8(bytes.subarray(start, last ? end : wholeCharacters(bytes, start, end)));
    this.#scanner.load(bytes, start, end);
    this.#plain.use(bytes);
    this.#row.load(block, bytes);
    this.#rejects.load(bytes, start);
    this.#records.load(bytes, start, this.#isDamaged);
  }

  #endBlock(): void {
    this.#block = Buffer.alloc(0);
    this.#plain.use(this.#block);
    this.#scanner.unload();
    this.#records.unload();
    this.#row.unload();
    this.#rejects.unload();
  }

  /** Overwrites what is not UTF-8 in the bytes consumed so far: the store takes the block range of a batch as text. */
  #repair(): void {
    repairUtf8(this.#block, this.#repaired, this.#p);
    this.#repaired = this.#p;
  }

  /** Goes on by one element, or one change of state; false when more bytes are needed. */
  #step(): boolean {
    switch (this.#state) {
      case 'elements':
        return this.#element();
      case 'tail':
        return this.#tail();
      case 'skipping':
        return this.#skip();
      default:
        return this.#hunt();
    }
  }

  /** Reads what stands between elements, or an element. Commas and brackets are not insisted on: records count. */
  #element(): boolean {
    if (this.#cursor!.offset === 0 && this.#p === this.#start && !this.#passByteOrderMark()) return false;
    const p = (this.#p = this.#scanner.space(this.#p));
    if (p === this.#end) return false;
    const c = this.#block[p]!;
    const inList = this.#inArray || this.#inEnvelope;
    if (c === 123) return (inList && this.#plainRecords(p)) || this.#object(p);
    if (c === 44 && inList) this.#p = p + 1;
    else if (c === 93 && inList) this.#leaveArray(p);
    else if (c === 91 && !inList) {
      this.#inArray = true;
      this.#p = p + 1;
    } else return this.#otherValue(p);
    return true;
  }

  /** Stores the plain records from `p` on; false when the first is not plain. */
  #plainRecords(p: number): boolean {
    if (this.#isDamaged) return false;
    const end = this.#plain.read(p, this.#end, this.#cursor!);
    if (end === p) return false;
    this.#records.isLog = true;
    this.#p = end;
    return true;
  }

  /** False when the first bytes may be the beginning of a mark. */
  #passByteOrderMark(): boolean {
    const bytes = this.#block;
    const p = this.#start;
    if (bytes[p] !== 0xef) return true;
    if (this.#end - p < 3) return this.#last;
    if (bytes[p + 1] === 0xbb && bytes[p + 2] === 0xbf) this.#p = p + 3;
    return true;
  }

  #leaveArray(p: number): void {
    if (this.#inEnvelope) this.#state = 'tail';
    else this.#inArray = false;
    this.#inEnvelope = false;
    this.#p = p + 1;
  }

  #object(p: number): boolean {
    const scanner = this.#scanner;
    scanner.rewind(p);
    scanner.begin();
    this.#buckets.clear();
    scanner.findContainers = !this.#inEnvelope;
    const end = scanner.object(p + 1, recordFields.root);
    if (end === container) return this.#enterEnvelope(p);
    if (end < 0 || end - p > this.#maxRecordBytes) return this.#noValue(p, end);
    this.#records.take(p, end, this.#inEnvelope);
    this.#p = end;
    return true;
  }

  #enterEnvelope(p: number): boolean {
    if (isControl(this.#scanner, this.#block)) {
      this.#records.skip('control');
      this.#beginSkip(p, 'elements');
    } else {
      this.#records.isLog = true;
      this.#inEnvelope = true;
      this.#p = this.#scanner.containerAt;
    }
    return true;
  }

  /** Reads the member of an envelope after its records; it may be a list of records again. */
  #tail(): boolean {
    const scanner = this.#scanner;
    const block = this.#block;
    const start = (this.#p = scanner.space(this.#p));
    if (start === this.#end) return false;
    if (block[start] !== 34) {
      if (block[start] !== 44) this.#state = 'elements';
      if (block[start] === 44 || block[start] === 125) this.#p = start + 1;
      return true;
    }
    scanner.rewind(start);
    scanner.begin();
    const keyEnd = scanner.string(start + 1);
    let p = keyEnd < 0 ? keyEnd : scanner.space(keyEnd + 1);
    if (p >= 0 && p < this.#end) p = block[p] === 58 ? scanner.space(p + 1) : scanner.fail(p, 'a colon');
    if (p === this.#end) p = incomplete;
    if (p >= 0) {
      const c = block[p]!;
      if (c === 91 && isContainerKey(block, start + 1, keyEnd)) {
        this.#inEnvelope = true;
        this.#state = 'elements';
        this.#p = p + 1;
        return true;
      }
      if (c === 34 || c === 123 || c === 91) return this.#beginSkip(p, 'tail');
      p = scanner.scalar(p);
    }
    if (p < 0) return this.#noMember(start, p);
    this.#p = p;
    return true;
  }

  /** What is no member of the envelope is rejected as an element. */
  #noMember(p: number, code: number): boolean {
    if (code === incomplete && this.#end - p <= this.#maxRecordBytes) return false;
    if (!this.#noValue(p, code)) return false;
    if (this.#state === 'tail') this.#state = 'elements';
    return true;
  }

  #otherValue(p: number): boolean {
    const scanner = this.#scanner;
    scanner.rewind(p);
    scanner.begin();
    let end = scanner.value(p);
    // A number may end where the object does.
    if (end === incomplete && this.#last && isNumberUpToEnd(this.#block, p)) end = this.#end;
    if (end < 0 || end - p > this.#maxRecordBytes) return this.#noValue(p, end);
    if (this.#isAmongRecords()) this.#rejects.write(p, end, 'not-a-record', 'the element is not a JSON object');
    else this.#rejects.writeWhole(p, end);
    this.#p = end;
    return true;
  }

  #isAmongRecords(): boolean {
    return this.#records.isLog || this.#inArray || this.#inEnvelope;
  }

  /** What starts at `p` is malformed, or too long, or not here yet: `end` is what the scanner answered. */
  #noValue(p: number, end: number): boolean {
    if (end === malformed && this.#scanner.errorAt - p <= this.#maxRecordBytes) return this.#malformed(p);
    if (end === incomplete && this.#end - p <= this.#maxRecordBytes) return false;
    const isFile = !this.#inEnvelope && isDigest(this.#scanner);
    if (isFile) this.#records.skip('digest');
    else this.#rejects.begin(p, this.#end, 'line-too-long', `the record has more than ${this.#maxRecordBytes} bytes`);
    const c = this.#block[p];
    if (c === 34 || c === 123 || c === 91) return this.#beginSkip(p, 'elements');
    this.#state = 'hunting';
    this.#p = p + 1;
    return true;
  }

  #beginSkip(p: number, after: State): boolean {
    this.#skipper.begin();
    this.#state = 'skipping';
    this.#stateAfterSkip = after;
    this.#p = p;
    return true;
  }

  #skip(): boolean {
    const end = this.#skipper.skip(this.#block, this.#p, this.#end);
    this.#p = end < 0 ? this.#end : end;
    if (end < 0) return false;
    this.#rejects.end(end);
    this.#state = this.#stateAfterSkip;
    return true;
  }

  /**
   * Rejects from `p` to the next plausible record. That one may begin before the error, as when a quote is missing; but
   * when it was tried and led to the same error the search begins there, so that no byte is scanned again and again.
   */
  #malformed(p: number): boolean {
    const { errorAt, expected } = this.#scanner;
    const error = this.#rejects.objectOffset(errorAt);
    const from = error === this.#lastError ? Math.max(p + 1, errorAt) : p + 1;
    const { found, resume } = this.#findRecord(from);
    if (found < 0 && !this.#last && this.#end - p <= this.#maxRecordBytes) return false;
    this.#lastError = error;
    const isJson = this.#isAmongRecords() || this.#block[p] === 123;
    const end = found >= 0 ? found : this.#end;
    if (isJson)
      this.#rejects.begin(p, end, 'malformed-json', `malformed at byte ${error} of the object; expected ${expected}`);
    else this.#rejects.beginWhole(p, end);
    return this.#resume(found, resume);
  }

  #hunt(): boolean {
    const { found, resume } = this.#findRecord(this.#p);
    return this.#resume(found, resume);
  }

  #findRecord(from: number): { found: number; resume: number } {
    return findRecordStart(this.#block, from, { atLineStarts: !this.#inArray && !this.#inEnvelope, last: this.#last });
  }

  #resume(found: number, resume: number): boolean {
    this.#state = found < 0 ? 'hunting' : 'elements';
    this.#p = found < 0 ? resume : found;
    if (found >= 0) this.#rejects.end(found);
    return found >= 0;
  }

  /** The object ends: what is left is half a record, and an array that is open had more of them. */
  #finish(): void {
    const p = this.#p;
    const isOpen = this.#inEnvelope || this.#inArray;
    this.#p = this.#end;
    this.#rejects.end(this.#end);
    if (this.#state !== 'elements' || (p === this.#end && !isOpen)) return;
    if (this.#isAmongRecords() || this.#block[p] === 123) {
      this.#rejects.write(
        p,
        this.#end,
        'truncated-line',
        `the object ends inside ${p === this.#end ? 'its array' : 'a record'}`,
      );
    } else this.#rejects.writeWhole(p, this.#end);
  }
}
