/**
 * Writes a scanned record as a row of the cloudtrail table. Strings without escapes, nearly all, become views of the
 * block; everything else goes through `SlotValue` and the side buffer of the batch.
 */
import { isUtf8 } from 'node:buffer';
import type { BatchBuilder } from './batch.js';
import { parseBuckets, type BucketResources } from './cloudtrail-buckets.js';
import { collectExtraFields } from './cloudtrail-extras.js';
import {
  booleanSources,
  integerSources,
  jsonSources,
  recordFields,
  slotOf,
  textFlattened,
  textOrNothing,
  textSources,
  type ColumnSource,
} from './cloudtrail-fields.js';
import { cloudtrailTimeUs } from './cloudtrail-time.js';
import { SlotValue } from './cloudtrail-value.js';
import {
  kindAbsent,
  kindArray,
  kindEscaped,
  kindFalse,
  kindNull,
  kindNumber,
  kindObject,
  kindText,
  kindTrue,
  type JsonScanner,
} from './json-scanner.js';
import type { ObjectCursor } from './parser.js';
import { integerOf, notAnInt64 } from './json-text.js';
import type { PlaceColumns, RowPlace } from './row-place.js';
import { cloudtrailTable, columnIndex } from './tables.js';
import { escapeInvalidUtf8 } from './utf8.js';

const column = (name: string): number => columnIndex(cloudtrailTable, name);
const eventTimeColumn = column('event_time');
const creationDateColumn = column('session_creation_date');
const bucketColumn = column('bucket');
const bucketAccountColumn = column('bucket_account_id');
const extraFieldsColumn = column('extra_fields');
const flagsColumn = column('flags');

/** Where a record was. */
export const recordPlace: PlaceColumns = { uri: column('log_uri'), number: column('log_index'), first: 0 };

const eventTimeSlot = slotOf('eventTime');
const creationDateSlot = slotOf('userIdentity.sessionContext.attributes.creationDate');
const resourcesSlot = slotOf('resources');
const bucketNameSlot = slotOf('requestParameters.bucketName');

const nothing = Buffer.alloc(0);

/** The flags of a row as bits, and the text of every combination. */
export const flagRepeatedKey = 1;
export const flagInvalidUtf8 = 2;
export const flagLoneSurrogate = 4;
const flagOverflow = 8;
const flagNames = ['duplicate_json_key', 'invalid_utf8', 'lone_surrogate', 'number_overflow'];
const flagTexts = Array.from({ length: 16 }, (_, bits) =>
  Buffer.from(flagNames.filter((_, i) => bits & (1 << i)).join()),
);

/** Text columns and columns of JSON text, in this order. */
const viewSources = [...textSources, ...jsonSources];
const viewColumns = Uint8Array.from(viewSources, ({ column }) => column);
const viewSlots = Uint8Array.from(viewSources, ({ slots }) => slots[0]!);
const bucketView = viewColumns.indexOf(bucketColumn);
const indexesWhere = (test: (source: ColumnSource) => boolean): Uint8Array =>
  Uint8Array.from(viewSources.flatMap((source, index) => (test(source) ? [index] : [])));
/** Where another slot counts when the first holds nothing. */
const viewsWithAlternative = indexesWhere(({ slots }) => slots.length > 1);
/** Where a short string may mean that there is nothing. */
const viewsOrNothing = indexesWhere(({ mode }) => (mode & textOrNothing) !== 0);
const maxNothingBytes = 4;

/** By slot: the kind of value that becomes a view just as it lies there. */
export const plainKinds = new Uint8Array(recordFields.count);
for (const { slots } of textSources) plainKinds[slots[0]!] = kindText;
for (const { slots } of jsonSources) plainKinds[slots[0]!] = kindObject;
plainKinds[resourcesSlot] = kindArray;
// The fields of a bucket among the resources: what is odd there makes the whole record be looked at more closely.
for (const key of ['type', 'accountId', 'ARN', 'arn', 'ARNPrefix']) plainKinds[slotOf(`resources.${key}`)] = kindText;

/** Where a writer finds what was scanned. */
interface Scanned {
  readonly scanner: JsonScanner;
  readonly buckets: BucketResources;
}

export class CloudtrailRowWriter {
  readonly #builder: BatchBuilder;
  readonly #scanner: JsonScanner;
  readonly #buckets: BucketResources;
  readonly #place: RowPlace;
  /** The block as the caller gave it, and as a buffer that ends where the bytes of the object do. */
  #block: Uint8Array = nothing;
  #bytes: Buffer = nothing;
  #cursor!: ObjectCursor;
  #flags = 0;
  readonly #value: SlotValue;
  #view: DataView = new DataView(nothing.buffer, 0, 0);

  constructor(builder: BatchBuilder, place: RowPlace, { scanner, buckets }: Scanned) {
    this.#builder = builder;
    this.#place = place;
    this.#scanner = scanner;
    this.#buckets = buckets;
    this.#value = new SlotValue(scanner);
  }

  /** Sets the object that the next rows come from. */
  beginObject(cursor: ObjectCursor): void {
    this.#cursor = cursor;
  }

  load(block: Uint8Array, bytes: Buffer): void {
    this.#block = block;
    this.#view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    this.#bytes = bytes;
    this.#value.load(bytes);
  }

  unload(): void {
    this.load(nothing, nothing);
  }

  /** The eventTime of the scanned record in microseconds, NaN when it has none or an impossible one. */
  eventTimeUs(): number {
    return this.#timeUs(eventTimeSlot);
  }

  /** Writes the scanned record, which lies in `[start, end)` of the block, with the flags that are known. */
  write(start: number, end: number, timeUs: number, flags: number): void {
    const builder = this.#builder;
    this.#flags = flags;
    builder.row(this.#block, start, end);
    builder.timestamp(eventTimeColumn, timeUs);
    this.#writeBucket();
    this.#writeViews(end);
    for (let i = 0; i < booleanSources.length; i++) this.#writeBoolean(booleanSources[i]!);
    for (let i = 0; i < integerSources.length; i++) this.#writeInteger(integerSources[i]!);
    const createdUs = this.#scanner.kinds[creationDateSlot] === kindAbsent ? NaN : this.#timeUs(creationDateSlot);
    if (!Number.isNaN(createdUs)) builder.timestamp(creationDateColumn, createdUs);
    if (this.#scanner.extraCount > 0) this.#copy(extraFieldsColumn, collectExtraFields(this.#scanner, this.#bytes));
    if (this.#flags !== 0) builder.copy(flagsColumn, flagTexts[this.#flags]!);
    this.#place.write(this.#cursor);
    builder.endRow(timeUs);
  }

  /** Writes all text: first what needs more than a view of the block, then all views at once. */
  #writeViews(end: number): void {
    const scanner = this.#scanner;
    const { kinds, spans } = scanner;
    if (this.#flags & flagInvalidUtf8) return this.#writeDamaged();
    if (scanner.hasOdd) this.#writeOddViews();
    for (let i = 0; i < viewsWithAlternative.length; i++) {
      const view = viewsWithAlternative[i]!;
      const kind = kinds[viewSlots[view]!]!;
      if (kind === kindAbsent || kind === kindNull) this.#writeOdd(view);
    }
    for (let i = 0; i < viewsOrNothing.length; i++) {
      const slot = viewSlots[viewsOrNothing[i]!]!;
      if (kinds[slot] === kindText && spans[(slot << 1) | 1]! - spans[slot << 1]! <= maxNothingBytes)
        this.#writeShort(viewsOrNothing[i]!);
    }
    if (end + 12 <= this.#view.byteLength) this.#builder.texts(this.#view, viewColumns, viewSlots, spans);
    else this.#writeLastViews();
  }

  #writeDamaged(): void {
    for (let view = 0; view < viewSlots.length; view++) if (view !== bucketView) this.#writeOdd(view);
  }

  #writeOddViews(): void {
    for (let view = 0; view < viewSlots.length; view++) {
      const slot = viewSlots[view]!;
      const kind = this.#scanner.kinds[slot]!;
      if (kind !== kindAbsent && kind !== kindNull && kind !== plainKinds[slot] && view !== bucketView)
        this.#writeOdd(view);
    }
  }

  #writeShort(view: number): void {
    this.#scanner.makeOdd(viewSlots[view]!);
    this.#writeOdd(view);
  }

  /** Too near the end of the block for `texts`, which reads 12 bytes from every start. */
  #writeLastViews(): void {
    const { spans } = this.#scanner;
    for (let view = 0; view < viewSlots.length; view++) {
      const span = viewSlots[view]! << 1;
      if (spans[span | 1]! >= 0) this.#builder.text(viewColumns[view]!, spans[span]!, spans[span | 1]!);
    }
  }

  #writeOdd(i: number): void {
    if (i < textSources.length) this.#writeOddText(viewSources[i]!);
    else this.#writeOddJson(viewSources[i]!);
  }

  #writeOddText({ column, slots, mode }: ColumnSource): void {
    for (const slot of slots) {
      if (this.#scanner.kinds[slot] === kindAbsent) continue;
      this.#value.read(slot);
      if (this.#value.isNothing(mode)) continue;
      this.#writeResolved(column);
      return;
    }
  }

  /** JSON text that is no object, or has bytes that are not UTF-8. */
  #writeOddJson({ column, slots }: ColumnSource): void {
    const slot = slots[0]!;
    const scanner = this.#scanner;
    const kind = scanner.kinds[slot]!;
    const quotes = kind === kindText || kind === kindEscaped ? 1 : 0;
    if (kind === kindAbsent || kind === kindNull || (quotes === 1 && this.#isNullText(slot))) return;
    const start = scanner.start(slot) - quotes;
    const end = scanner.end(slot) + quotes;
    if (this.#flags & flagInvalidUtf8) this.#copy(column, this.#bytes.subarray(start, end));
    else this.#builder.text(column, start, end);
  }

  #isNullText(slot: number): boolean {
    this.#value.read(slot);
    return this.#value.isWord('null');
  }

  #writeBoolean({ column, slots }: ColumnSource): void {
    const slot = slots[0]!;
    const kind = this.#scanner.kinds[slot]!;
    if (kind === kindAbsent) return;
    if (kind === kindTrue || kind === kindFalse) {
      this.#builder.boolean(column, kind === kindTrue);
      return;
    }
    const value = this.#value;
    value.read(slot);
    const isTrue = value.kind === kindTrue || value.isWord('true');
    if (isTrue || value.kind === kindFalse || value.isWord('false')) this.#builder.boolean(column, isTrue);
  }

  #writeInteger({ column, slots }: ColumnSource): void {
    const slot = slots[0]!;
    const kind = this.#scanner.kinds[slot];
    if (kind === kindAbsent) return;
    this.#value.read(slot);
    const { kind: meant, bytes, start, end } = this.#value;
    if (meant !== kindNumber && meant !== kindText) return;
    const value = integerOf(bytes, start, end);
    if (typeof value === 'number') this.#builder.int64(column, value);
    else if (typeof value === 'bigint') this.#builder.bigint64(column, value);
    else if (value === notAnInt64) this.#flags |= flagOverflow;
  }

  #timeUs(slot: number): number {
    const scanner = this.#scanner;
    if (scanner.kinds[slot] === kindText) return cloudtrailTimeUs(this.#bytes, scanner.start(slot), scanner.end(slot));
    this.#value.read(slot);
    const { kind, bytes, start, end } = this.#value;
    return kind === kindText ? cloudtrailTimeUs(bytes, start, end) : NaN;
  }

  /** bucketName, else the first bucket among the resources; its owner is that of the resource of the same name. */
  #writeBucket(): void {
    const buckets = this.#buckets;
    const scanner = this.#scanner;
    const start = scanner.start(bucketNameSlot);
    const end = scanner.end(bucketNameSlot);
    if (scanner.kinds[bucketNameSlot] !== kindText || start === end || this.#flags & flagInvalidUtf8 || buckets.isOdd) {
      this.#writeOddBucket();
    } else if (buckets.count > 0) {
      const bucket = buckets.count === 1 ? 0 : buckets.named(this.#bytes, start, end);
      this.#writeRange(bucketAccountColumn, buckets.accountStart(bucket), buckets.accountEnd(bucket));
    }
  }

  #writeOddBucket(): void {
    const scanner = this.#scanner;
    scanner.makeOdd(bucketNameSlot);
    const value = this.#value;
    value.read(bucketNameSlot);
    const isNamed = value.kind !== kindAbsent && !value.isNothing(textFlattened) && value.start < value.end;
    if (isNamed) this.#writeResolved(bucketColumn);
    if (this.#buckets.count === 0 && !this.#buckets.isOdd) return;
    const name = isNamed ? value.bytes.toString('utf8', value.start, value.end) : '';
    const all = parseBuckets(this.#bytes.toString('utf8', scanner.start(resourcesSlot), scanner.end(resourcesSlot)));
    const bucket = (isNamed ? all.find((resource) => resource.name === name) : undefined) ?? all[0];
    if (bucket === undefined) return;
    if (!isNamed && bucket.name !== '') this.#builder.string(bucketColumn, bucket.name);
    if (bucket.account !== '') this.#builder.string(bucketAccountColumn, bucket.account);
  }

  /** Sets a column to a string of the block without escapes; the empty one is null. */
  #writeRange(column: number, start: number, end: number): void {
    if (start === end) return;
    this.#value.setText(start, end);
    this.#writeResolved(column);
  }

  /** Writes the resolved value: a view where it lies in the block, else a copy. */
  #writeResolved(column: number): void {
    const { kind, bytes, start, end } = this.#value;
    if ((this.#flags & flagInvalidUtf8) !== 0 && !isUtf8(bytes.subarray(start, end))) {
      if (kind === kindText) this.#builder.copy(column, escapeInvalidUtf8(bytes, start, end));
      else this.#copy(column, Buffer.from(bytes.subarray(start, end)));
    } else if (bytes === this.#bytes) this.#builder.text(column, start, end);
    else this.#builder.copy(column, bytes, start, end);
  }

  /** Copies JSON text; bytes that are not UTF-8 become U+FFFD, for `\xNN` would not be JSON. */
  #copy(column: number, json: Buffer): void {
    if (isUtf8(json)) this.#builder.copy(column, json);
    else this.#builder.string(column, json.toString('utf8'));
  }
}
