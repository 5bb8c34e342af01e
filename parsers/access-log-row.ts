/** Writes the fields of one access-log line as a row: text as views, numbers, the decoded key, flags, where it was. */
import { isUtf8 } from 'node:buffer';
import { column, flagText, int64Columns, int64Fields, textColumns, textFields } from './access-log-columns.js';
import { Field, FlagBit, type LineFields } from './access-log-fields.js';
import type { BatchBuilder } from './batch.js';
import type { ObjectCursor } from './parser.js';
import { decodeKeyOnce, decodeKeyTwice, encodesKeyTwice } from './percent.js';
import type { RowPlace } from './row-place.js';
import { escapeInvalidUtf8 } from './utf8.js';

const maxInt16 = 32_767;
const space = 0x20;
const quote = 0x22;

/** How a line is written: `repaired` copes with invalid UTF-8. */
export type RowText = 'exact' | 'repaired';

/** Fills rows of the access-log table. */
export class RowWriter {
  readonly #builder: BatchBuilder;
  readonly #place: RowPlace;

  constructor(builder: BatchBuilder, place: RowPlace) {
    this.#builder = builder;
    this.#place = place;
  }

  /** Sets every column of the row; the caller has begun the row and ends it. */
  write(fields: LineFields, bytes: Uint8Array, text: RowText, cursor: ObjectCursor): void {
    const builder = this.#builder;
    if (text === 'repaired') fields.flags |= FlagBit.invalid_utf8;
    if (text === 'exact') this.#exactTexts(fields);
    else this.#repairedTexts(fields, bytes);
    if (fields.flags & FlagBit.doubled_space && !fields.isNull(Field.extra)) this.#extra(fields, bytes);
    builder.timestamp(column.eventTime, fields.timeUs);
    if (fields.keyIsEncoded) this.#key(fields, bytes, text);
    this.#numbers(fields);
    if (fields.count > Field.aclRequired) this.#aclRequired(fields, bytes);
    if (fields.flags !== 0) builder.copy(column.flags, flagText(fields.flags));
    this.#place.write(cursor);
  }

  #exactTexts(fields: LineFields): void {
    for (let i = 0; i < textFields.length; i++) {
      const field = textFields[i]!;
      if (!fields.isNull(field)) this.#builder.text(textColumns[i]!, fields.start(field), fields.end(field));
    }
  }

  #repairedTexts(fields: LineFields, bytes: Uint8Array): void {
    for (let i = 0; i < textFields.length; i++) {
      const field = textFields[i]!;
      if (fields.isNull(field)) continue;
      const start = fields.start(field);
      const end = fields.end(field);
      if (isUtf8(bytes.subarray(start, end))) this.#builder.text(textColumns[i]!, start, end);
      else this.#builder.copy(textColumns[i]!, escapeInvalidUtf8(bytes, start, end));
    }
  }

  /** Extra fields as logged, but with one space between them. */
  #extra(fields: LineFields, bytes: Uint8Array): void {
    const extra = bytes.subarray(fields.start(Field.extra), fields.end(Field.extra));
    const text = isUtf8(extra) ? extra : escapeInvalidUtf8(extra, 0, extra.length);
    let isQuoted = false;
    const single = text.filter((byte, at) => {
      if (byte === quote) isQuoted = !isQuoted;
      return isQuoted || byte !== space || text[at - 1] !== space;
    });
    this.#builder.copy(column.extraFields, single);
  }

  #numbers(fields: LineFields): void {
    const builder = this.#builder;
    const { numbers } = fields;
    const status = numbers[Field.httpStatus]!;
    if (status > maxInt16) fields.flags |= FlagBit.number_overflow;
    else if (status >= 0) builder.int16(column.httpStatus, status);
    for (let i = 0; i < int64Fields.length; i++) {
      const value = numbers[int64Fields[i]!]!;
      if (value >= 0) builder.int64(int64Columns[i]!, value);
      else if (value === -2) builder.bigint64(int64Columns[i]!, fields.large[int64Fields[i]!]!);
    }
  }

  /** `Yes` or `-`, where the dash is a real no; any other word says nothing. */
  #aclRequired(fields: LineFields, bytes: Uint8Array): void {
    const start = fields.start(Field.aclRequired);
    if (fields.isNull(Field.aclRequired)) this.#builder.boolean(column.aclRequired, false);
    else if (isWord(bytes, start, fields.end(Field.aclRequired), 'yes'))
      this.#builder.boolean(column.aclRequired, true);
    else if (isWord(bytes, start, fields.end(Field.aclRequired), 'no'))
      this.#builder.boolean(column.aclRequired, false);
  }

  /** Decodes the key as often as its operation encodes it; leaves as logged what does not change or cannot be decoded. */
  #key(fields: LineFields, bytes: Uint8Array, text: RowText): void {
    const start = fields.start(Field.key);
    const end = fields.end(Field.key);
    const target = this.#builder.room(end - start);
    const to = this.#builder.sideEnd;
    const isTwice = encodesKeyTwice(bytes, fields.start(Field.operation), fields.end(Field.operation));
    const length = isTwice
      ? decodeKeyTwice(bytes, start, end, target, to)
      : decodeKeyOnce(bytes, start, end, target, to);
    if (length < 0) {
      fields.flags |= FlagBit.key_undecodable;
      return;
    }
    if (isSame(bytes, start, end, target, to, length)) return;
    this.#builder.claim(column.key, length);
    if (text !== 'repaired' || isUtf8(bytes.subarray(start, end))) this.#builder.text(column.keyLogged, start, end);
    else this.#builder.copy(column.keyLogged, escapeInvalidUtf8(bytes, start, end));
  }
}

function isSame(
  bytes: Uint8Array,
  start: number,
  end: number,
  other: Uint8Array,
  from: number,
  length: number,
): boolean {
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== other[from + i]) return false;
  return true;
}

/** Compares with a word of letters, ignoring case. */
function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) if ((bytes[start + i]! | 0x20) !== word.charCodeAt(i)) return false;
  return true;
}
