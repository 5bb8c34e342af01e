/** Decides what becomes of each object of a CloudTrail file: a row, a reject, a skipped record, or an envelope to open. */
import { isUtf8 } from 'node:buffer';
import type { BucketResources } from './cloudtrail-buckets.js';
import { isControlText, isRecord, skippedFile, skippedRecord, unwrap, wrappedRecord } from './cloudtrail-envelopes.js';
import { recordFields, slotOf } from './cloudtrail-fields.js';
import type { CloudtrailRejects } from './cloudtrail-rejects.js';
import { flagInvalidUtf8, flagLoneSurrogate, flagRepeatedKey, type CloudtrailRowWriter } from './cloudtrail-row.js';
import { repeatsKey } from './json-repeats.js';
import { kindAbsent, kindEscaped, type JsonScanner } from './json-scanner.js';
import { blankJsonSecrets } from './json-secrets.js';
import type { ObjectCursor } from './parser.js';
import type { SkippedKind } from './reject.js';
import { SecretWatch } from './secrets.js';

/** Envelopes that are opened one inside the other, for example EventBridge in CloudWatch Logs. */
const maxLayers = 4;
const eventTimeSlot = slotOf('eventTime');
const envelopeProblems = { 'not-a-record': 'no record', 'malformed-json': 'a record that is not valid JSON' } as const;
const nothing = Buffer.alloc(0);
const replacement = Buffer.from('\\ufffd');

export interface RecordParts {
  readonly scanner: JsonScanner;
  readonly buckets: BucketResources;
  readonly row: CloudtrailRowWriter;
  readonly rejects: CloudtrailRejects;
}

export class CloudtrailRecords {
  readonly #scanner: JsonScanner;
  readonly #buckets: BucketResources;
  readonly #row: CloudtrailRowWriter;
  readonly #rejects: CloudtrailRejects;
  readonly #secrets = new SecretWatch();
  #cursor!: ObjectCursor;
  #block: Buffer = nothing;
  #isDamaged = false;
  /** True once the object is known to hold CloudTrail. */
  isLog = false;

  constructor({ scanner, buckets, row, rejects }: RecordParts) {
    this.#scanner = scanner;
    this.#buckets = buckets;
    this.#row = row;
    this.#rejects = rejects;
  }

  beginObject(cursor: ObjectCursor): void {
    this.#cursor = cursor;
    this.isLog = false;
  }

  /** Sets the bytes, of which those from `start` on are new; `isDamaged` says that some of them are not UTF-8. */
  load(block: Buffer, start: number, isDamaged: boolean): void {
    this.#block = block;
    this.#isDamaged = isDamaged;
    this.#secrets.use(block, start);
  }

  unload(): void {
    this.load(nothing, 0, false);
  }

  /** Takes the object in `[start, end)`, which was scanned; `inEnvelope` says that it is one of a list of records. */
  take(start: number, end: number, inEnvelope: boolean): void {
    const scanner = this.#scanner;
    const skipped = skippedRecord(scanner, this.#block);
    if (skipped !== null) return this.skip(skipped);
    if (scanner.kinds[eventTimeSlot] !== kindAbsent || isRecord(scanner)) return this.#writeRow(start, end, start, 0);
    if (wrappedRecord(scanner) >= 0) return this.#takeWrapped(start, end, inEnvelope);
    const file = inEnvelope ? null : skippedFile(scanner, this.#block);
    if (file !== null) return this.skip(file);
    if (inEnvelope || this.isLog) return this.#rejectTime(start, end);
    this.#rejects.writeWhole(start, end);
  }

  /** Counts a record that is recognised and not stored. */
  skip(kind: SkippedKind): void {
    const { skipped } = this.#cursor;
    skipped[kind] = (skipped[kind] ?? 0) + 1;
    this.#cursor.position++;
    this.isLog = true;
  }

  #takeWrapped(start: number, end: number, inEnvelope: boolean): void {
    const problem = this.#openEnvelopes(start, end);
    this.#scanner.widen(end);
    if (problem === null) return;
    if (inEnvelope || this.isLog)
      this.#rejects.write(start, end, problem, `the envelope holds ${envelopeProblems[problem]}`);
    else this.#rejects.writeWhole(start, end);
  }

  /** Opens the envelope in `[start, end)`, and the envelopes in it, and takes the record; null when there was one. */
  #openEnvelopes(start: number, end: number): keyof typeof envelopeProblems | null {
    const scanner = this.#scanner;
    const block = this.#block;
    let flags = 0;
    let isRewritten = false;
    for (let layer = 0; layer < maxLayers; layer++) {
      const slot = wrappedRecord(scanner);
      if (slot < 0) break;
      if (scanner.loneSurrogateCount > 0) flags |= flagLoneSurrogate;
      if (scanner.kinds[slot] === kindEscaped) isRewritten = true;
      const textStart = scanner.start(slot);
      const textEnd = unwrap(scanner, block, slot);
      if (isControlText(block, textStart, textEnd)) return this.#skipped('control');
      scanner.narrow(textStart, textEnd);
      const open = scanner.space(textStart);
      if (open === textEnd || block[open] !== 123) return 'not-a-record';
      scanner.begin();
      this.#buckets.clear();
      scanner.findContainers = false;
      const close = scanner.object(open + 1, recordFields.root);
      if (close < 0 || scanner.space(close) !== textEnd) return 'malformed-json';
      const skipped = skippedRecord(scanner, block);
      if (skipped !== null) return this.#skipped(skipped);
      if (isRecord(scanner)) {
        // The watch has searched the text as it was before.
        if (isRewritten) blankJsonSecrets(block, open, textEnd);
        this.#writeRow(start, end, open, flags);
        return null;
      }
    }
    return 'not-a-record';
  }

  #skipped(kind: SkippedKind): null {
    this.skip(kind);
    return null;
  }

  /** Writes the scanned record as a row; its brace is at `open`, in an envelope in `[start, end)`. */
  #writeRow(start: number, end: number, open: number, envelopeFlags: number): void {
    const scanner = this.#scanner;
    const cursor = this.#cursor;
    this.isLog = true;
    const timeUs = this.#row.eventTimeUs();
    if (Number.isNaN(timeUs)) return this.#rejectTime(start, end);
    let flags = envelopeFlags;
    if (this.#isDamaged && !isUtf8(this.#block.subarray(start, end))) flags |= flagInvalidUtf8;
    if (scanner.loneSurrogateCount > 0) {
      flags |= flagLoneSurrogate;
      this.#replaceLoneSurrogates();
    }
    if (scanner.repeated || (scanner.perhapsRepeated && this.#findRepeatedKey(open))) flags |= flagRepeatedKey;
    if (scanner.sensitive || this.#secrets.sees(open, end)) blankJsonSecrets(this.#block, open, end);
    this.#row.write(start, end, timeUs, flags);
    cursor.position++;
    cursor.lines++;
    cursor.rows++;
  }

  /** Overwrites half surrogate pairs with an escape of the same length, so that the JSON is good for every reader. */
  #replaceLoneSurrogates(): void {
    const { loneSurrogates, loneSurrogateCount } = this.#scanner;
    for (let i = 0; i < loneSurrogateCount; i++) this.#block.set(replacement, loneSurrogates[i]);
  }

  #findRepeatedKey(open: number): boolean {
    this.#scanner.rewind(open);
    this.#scanner.repeated = repeatsKey(this.#scanner, this.#block, open);
    return this.#scanner.repeated;
  }

  #rejectTime(start: number, end: number): void {
    const scanner = this.#scanner;
    this.isLog = true;
    const from = scanner.start(eventTimeSlot);
    const text = this.#block
      .toString('latin1', from, Math.min(scanner.end(eventTimeSlot), from + 40))
      .replaceAll(/[^ -~]/g, '?');
    const found = scanner.kinds[eventTimeSlot] === kindAbsent ? 'absent' : text === '' ? 'empty' : text;
    this.#rejects.write(start, end, 'bad-time', `eventTime is ${found}; expected YYYY-MM-DDTHH:MM:SSZ`);
  }
}
