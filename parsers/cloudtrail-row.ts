/**
 * Writes a scanned record as a row of the cloudtrail table. Strings without escapes, nearly all, become views of the
 * block; everything else goes through `#resolve` and the side buffer of the batch.
 */
import { isUtf8 } from 'node:buffer';
import type { BatchBuilder } from './batch.js';
import type { BucketResources } from './cloudtrail-buckets.js';
import { collectExtraFields } from './cloudtrail-extras.js';
import {
  booleanSources, integerSources, jsonSources, slotOf, textFlattened, textOrNothing, textSources, type ColumnSource,
} from './cloudtrail-fields.js';
import { cloudtrailTimeUs } from './cloudtrail-time.js';
import {
  kindAbsent, kindArray, kindEscaped, kindFalse, kindNull, kindNumber, kindObject, kindText, kindTrue, type JsonScanner,
} from './json-scanner.js';
import { integerOf, notANumber, notAnInt64, unescapeJson } from './json-text.js';
import { cloudtrailTable, columnIndex } from './tables.js';
import { escapeInvalidUtf8 } from './utf8.js';

const column = (name: string): number => columnIndex(cloudtrailTable, name);
const eventTimeColumn = column('event_time');
const creationDateColumn = column('session_creation_date');
const bucketColumn = column('bucket');
const bucketAccountColumn = column('bucket_account_id');
const extraFieldsColumn = column('extra_fields');
const flagsColumn = column('flags');
const logUriColumn = column('log_uri');
const logIndexColumn = column('log_index');

const eventTimeSlot = slotOf('eventTime');
const creationDateSlot = slotOf('userIdentity.sessionContext.attributes.creationDate');
const bucketNameSlot = slotOf('requestParameters.bucketName');

/** The flags of a row as bits, and the text of every combination. */
export const flagRepeatedKey = 1;
export const flagInvalidUtf8 = 2;
export const flagLoneSurrogate = 4;
const flagOverflow = 8;
const flagNames = ['duplicate_json_key', 'invalid_utf8', 'lone_surrogate', 'number_overflow'];
const flagTexts = Array.from({ length: 16 }, (_, bits) => Buffer.from(flagNames.filter((_, i) => bits & (1 << i)).join()));

const firstSlots = (sources: readonly ColumnSource[]): Int32Array => Int32Array.from(sources, ({ slots }) => slots[0]!);
const columns = (sources: readonly ColumnSource[]): Int32Array => Int32Array.from(sources, ({ column }) => column);
const textSlots = firstSlots(textSources);
const textColumns = columns(textSources);
/** Strings shorter than this may mean that there is nothing. */
const textMinimum = Int32Array.from(textSources, ({ mode }) => (mode & textOrNothing ? 5 : 0));
const textAlternatives = Uint8Array.from(textSources, ({ slots }) => (slots.length > 1 ? 1 : 0));
const jsonSlots = firstSlots(jsonSources);
const jsonColumns = columns(jsonSources);

export class CloudtrailRowWriter {
  readonly #builder: BatchBuilder;
  readonly #scanner: JsonScanner;
  readonly #buckets: BucketResources;
  #bytes: Uint8Array = Buffer.alloc(0);
  #uri: Uint8Array = Buffer.alloc(0);
  #uriOffset = -1;
  #flags = 0;
  /** The value that `#resolve` found. */
  #kind = kindAbsent;
  #from: Uint8Array = this.#bytes;
  #start = 0;
  #end = 0;
  #scratch = Buffer.alloc(1024);

  constructor(builder: BatchBuilder, scanner: JsonScanner, buckets: BucketResources) {
    this.#builder = builder;
    this.#scanner = scanner;
    this.#buckets = buckets;
  }

  /** Sets the object that the next rows come from. */
  beginObject(uri: string): void {
    this.#uri = Buffer.from(uri);
    this.#uriOffset = -1;
  }

  /** Sets the bytes that the scanner's offsets are of. */
  load(block: Uint8Array): void {
    this.#bytes = block;
  }

  /** The eventTime of the scanned record in microseconds, NaN when it has none or an impossible one. */
  eventTimeUs(): number {
    return this.#timeUs(eventTimeSlot);
  }

  /** Writes the scanned record, which lies in `[start, end)` of the block, as record `index` of its object. */
  write(start: number, end: number, index: number, timeUs: number, flags: number): void {
    const builder = this.#builder;
    this.#flags = flags;
    builder.row(this.#bytes, start, end);
    builder.timestamp(eventTimeColumn, timeUs);
    this.#writeTexts();
    this.#writeJson();
    for (const source of booleanSources) this.#writeBoolean(source);
    for (const source of integerSources) this.#writeInteger(source);
    const createdUs = this.#scanner.kinds[creationDateSlot] === kindAbsent ? NaN : this.#timeUs(creationDateSlot);
    if (!Number.isNaN(createdUs)) builder.timestamp(creationDateColumn, createdUs);
    this.#writeBucket();
    if (this.#scanner.extraCount > 0) this.#copy(extraFieldsColumn, collectExtraFields(this.#scanner, this.#bytes));
    if (this.#flags !== 0) builder.copy(flagsColumn, flagTexts[this.#flags]!);
    if (builder.rows === 0 || this.#uriOffset < 0) this.#uriOffset = builder.keep(this.#uri);
    builder.kept(logUriColumn, this.#uriOffset, this.#uri.length);
    builder.int64(logIndexColumn, index);
    builder.endRow(timeUs);
  }

  #writeTexts(): void {
    const builder = this.#builder;
    const { kinds, starts, ends } = this.#scanner;
    const isDamaged = (this.#flags & flagInvalidUtf8) !== 0;
    for (let i = 0; i < textSlots.length; i++) {
      const slot = textSlots[i]!;
      const kind = kinds[slot]!;
      if (kind === kindText && !isDamaged && ends[slot]! - starts[slot]! >= textMinimum[i]!) {
        builder.text(textColumns[i]!, starts[slot]!, ends[slot]!);
      } else if (kind !== kindAbsent || textAlternatives[i] === 1) {
        this.#writeOddText(textSources[i]!);
      }
    }
  }

  #writeOddText({ column, slots, mode }: ColumnSource): void {
    for (const slot of slots) {
      if (this.#scanner.kinds[slot] === kindAbsent) continue;
      this.#resolve(slot);
      if (this.#isNothing(mode)) continue;
      this.#writeResolved(column);
      return;
    }
  }

  #isNothing(mode: number): boolean {
    if (this.#kind === kindNull) return true;
    if (this.#kind === kindObject || this.#kind === kindArray) return (mode & textFlattened) !== 0;
    return (mode & textOrNothing) !== 0 && (this.#start === this.#end || this.#isWord('null'));
  }

  #writeJson(): void {
    const { kinds, starts, ends } = this.#scanner;
    const isDamaged = (this.#flags & flagInvalidUtf8) !== 0;
    for (let i = 0; i < jsonSlots.length; i++) {
      const slot = jsonSlots[i]!;
      const kind = kinds[slot]!;
      if (kind === kindAbsent || kind === kindNull) continue;
      const quotes = kind === kindText || kind === kindEscaped ? 1 : 0;
      const start = starts[slot]! - quotes;
      const end = ends[slot]! + quotes;
      if (quotes === 1 && this.#isNullText(slot)) continue;
      if (isDamaged) this.#copy(jsonColumns[i]!, Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start));
      else this.#builder.text(jsonColumns[i]!, start, end);
    }
  }

  #isNullText(slot: number): boolean {
    this.#resolve(slot);
    return this.#isWord('null');
  }

  #writeBoolean({ column, slots }: ColumnSource): void {
    const slot = slots[0]!;
    const kind = this.#scanner.kinds[slot]!;
    if (kind === kindAbsent) return;
    if (kind === kindTrue || kind === kindFalse) {
      this.#builder.boolean(column, kind === kindTrue);
      return;
    }
    this.#resolve(slot);
    const isTrue = this.#kind === kindTrue || this.#isWord('true');
    if (isTrue || this.#kind === kindFalse || this.#isWord('false')) this.#builder.boolean(column, isTrue);
  }

  #writeInteger({ column, slots }: ColumnSource): void {
    const slot = slots[0]!;
    if (this.#scanner.kinds[slot] === kindAbsent) return;
    this.#resolve(slot);
    if (this.#kind !== kindNumber && this.#kind !== kindText) return;
    const value = integerOf(this.#from, this.#start, this.#end);
    if (typeof value === 'number') this.#builder.int64(column, value);
    else if (typeof value === 'bigint') this.#builder.bigint64(column, value);
    else if (value === notAnInt64) this.#flags |= flagOverflow;
    else if (value !== notANumber) value satisfies never;
  }

  #timeUs(slot: number): number {
    this.#resolve(slot);
    return this.#kind === kindText ? cloudtrailTimeUs(this.#from, this.#start, this.#end) : NaN;
  }

  /** bucketName, else the bucket among the resources; its owner is that of the resource of the same name. */
  #writeBucket(): void {
    const buckets = this.#buckets;
    let bucket = 0;
    let isNamed = false;
    if (this.#scanner.kinds[bucketNameSlot] !== kindAbsent) {
      this.#resolve(bucketNameSlot);
      isNamed = !this.#isNothing(textFlattened) && this.#start < this.#end;
      if (isNamed) this.#writeResolved(bucketColumn);
    }
    if (buckets.count === 0) return;
    if (!isNamed) this.#writeRange(bucketColumn, buckets.nameStart(0), buckets.nameEnd(0));
    else if (buckets.count > 1 && this.#from === this.#bytes) bucket = buckets.named(this.#bytes, this.#start, this.#end);
    this.#writeRange(bucketAccountColumn, buckets.accountStart(bucket), buckets.accountEnd(bucket));
  }

  /** Sets a column to a string of the block without escapes; the empty one is null. */
  #writeRange(column: number, start: number, end: number): void {
    if (start === end) return;
    this.#kind = kindText;
    this.#from = this.#bytes;
    this.#start = start;
    this.#end = end;
    this.#writeResolved(column);
  }

  /** Finds what a slot means: the one value of an array of one scalar, and the text of a string with escapes. */
  #resolve(slot: number): void {
    const scanner = this.#scanner;
    this.#from = this.#bytes;
    this.#kind = scanner.kinds[slot]!;
    this.#start = scanner.starts[slot]!;
    this.#end = scanner.ends[slot]!;
    if (this.#kind === kindArray) this.#resolveArray();
    if (this.#kind === kindEscaped) this.#unescape();
  }

  #resolveArray(): void {
    const scanner = this.#scanner;
    const p = scanner.space(this.#start + 1);
    const c = this.#bytes[p]!;
    if (c === 93 || c === 91 || c === 123) return;
    scanner.rewind(p);
    const end = scanner.scalar(p);
    if (this.#bytes[scanner.space(end)] !== 93) return;
    const isString = c === 34;
    this.#kind = isString ? (scanner.escaped ? kindEscaped : kindText) : c === 116 ? kindTrue : c === 102 ? kindFalse : c === 110 ? kindNull : kindNumber;
    this.#start = isString ? p + 1 : p;
    this.#end = isString ? end - 1 : end;
  }

  #unescape(): void {
    const length = this.#end - this.#start;
    if (length > this.#scratch.length) this.#scratch = Buffer.allocUnsafe(length * 2);
    this.#end = unescapeJson(this.#bytes, this.#start, this.#end, this.#scratch, 0);
    this.#start = 0;
    this.#from = this.#scratch;
    this.#kind = kindText;
  }

  /** Writes the resolved value: a view where it lies in the block, else a copy. */
  #writeResolved(column: number): void {
    const bytes = this.#from;
    if ((this.#flags & flagInvalidUtf8) !== 0 && !isUtf8(bytes.subarray(this.#start, this.#end))) {
      if (this.#kind === kindText) this.#builder.copy(column, escapeInvalidUtf8(bytes, this.#start, this.#end));
      else this.#copy(column, Buffer.from(bytes.subarray(this.#start, this.#end)));
    } else if (bytes === this.#bytes) this.#builder.text(column, this.#start, this.#end);
    else this.#builder.copy(column, bytes, this.#start, this.#end);
  }

  /** Copies JSON text; bytes that are not UTF-8 become U+FFFD, for `\xNN` would not be JSON. */
  #copy(column: number, json: Buffer): void {
    if (isUtf8(json)) this.#builder.copy(column, json);
    else this.#builder.string(column, json.toString('utf8'));
  }

  /** True when the resolved string is `word`, without regard to case. */
  #isWord(word: string): boolean {
    if (this.#kind !== kindText || this.#end - this.#start !== word.length) return false;
    for (let i = 0; i < word.length; i++) if ((this.#from[this.#start + i]! | 32) !== word.charCodeAt(i)) return false;
    return true;
  }
}
