/**
 * Parses S3 server access logs that are delivered as JSON lines (since 2026): one object a record, null for the dash of
 * the text form, the same columns.
 */
import { isUtf8 } from 'node:buffer';
import { accessLogAliases, accessLogIgnoredNames, normaliseFieldName } from './access-log-aliases.js';
import type { AccessLogParserOptions } from './access-log.js';
import { column, flagText, placeColumns } from './access-log-columns.js';
import { FlagBit } from './access-log-fields.js';
import { decodedJsonKey } from './access-log-json-key.js';
import { JsonMembers, Kind, Slice, type MemberSink } from './access-log-json-members.js';
import { LineReader, type Line, type LineFormat } from './access-log-lines.js';
import { maxInt64, numberOf } from './access-log-number.js';
import type { LineFailure } from './access-log-slow-path.js';
import { BatchBuilder } from './batch.js';
import { unescapeJson } from './json-text.js';
import { defaultLimits, type ObjectCursor, type Parser } from './parser.js';
import { blankJsonSecrets } from './json-secrets.js';
import { RowPlace } from './row-place.js';
import { accessLogTable, columnIndex } from './tables.js';
import { logClockLength, parseIsoTime, parseLogTime } from './time.js';
import { escapeInvalidUtf8 } from './utf8.js';

export { accessLogAliases, accessLogIgnoredNames, normaliseFieldName };

/** A parser for the JSON form; the same contract as `createAccessLogParser`. */
export function createAccessLogJsonParser({
  batches,
  rejects,
  limits = defaultLimits,
}: AccessLogParserOptions): Parser {
  const builder = new BatchBuilder(accessLogTable, batches);
  return new LineReader(new JsonFormat(builder), builder, rejects, limits);
}

const keyColumn = columnIndex(accessLogTable, 'key');
const uriColumn = columnIndex(accessLogTable, 'request_uri');
const bucketColumn = columnIndex(accessLogTable, 'bucket');
const maxInt16 = 32_767n;

/** What a column of its kind does with a value. */
type Setter = 'text' | 'int16' | 'int64' | 'boolean' | 'timestamp';
const setters = accessLogTable.columns.map(({ kind }) => kind as Setter);

/** Columns by name as it is written, for every spelling met; hostile names are not remembered. */
const maxKnownNames = 1000;
const maxKnownOrder = 64;
const ignored = -2;
const unknown = -1;

class JsonFormat implements LineFormat, MemberSink {
  readonly #builder: BatchBuilder;
  readonly #members = new JsonMembers(this);
  readonly #place: RowPlace;
  readonly #columns = new Map<string, number>();
  /** Names and columns of the members of the last line, in order. */
  readonly #order: { name: Uint8Array; to: number }[] = [];
  #ordinal = 0;
  /** Values by column. */
  readonly #values = accessLogTable.columns.map(() => new Slice());
  readonly #extras = new Map<string, string>();
  #bytes: Uint8Array = new Uint8Array(0);
  #flags = 0;
  #scratch = Buffer.alloc(1024);
  timeUs = NaN;

  constructor(builder: BatchBuilder) {
    this.#builder = builder;
    this.#place = new RowPlace(builder, placeColumns);
  }

  use(bytes: Buffer, start: number): void {
    blankJsonSecrets(bytes, start, bytes.length);
  }

  plain(start: number): number {
    return start;
  }

  line(line: Line, cursor: ObjectCursor): LineFailure | null {
    const { bytes, start, end, isTerminated } = line;
    this.#bytes = bytes;
    this.#flags = 0;
    this.#ordinal = 0;
    this.#extras.clear();
    for (const value of this.#values) value.kind = Kind.absent;
    const malformed = this.#members.read(bytes, start, end);
    if (malformed !== null) return isTerminated ? malformed : { ...malformed, reason: 'truncated-line' };
    const failure = this.#checkTime(start) ?? this.#checkNumbers();
    if (failure === null) this.#write(line, cursor);
    return failure;
  }

  blank(bytes: Uint8Array, start: number, end: number): void {
    blankJsonSecrets(bytes, start, end);
  }

  member(name: Slice, value: Slice): void {
    const to = this.#columnAt(this.#ordinal++, name);
    if (to === ignored) return;
    if (to === unknown) this.#extra(Buffer.prototype.latin1Slice.call(this.#bytes, name.start, name.end), value);
    else {
      const slot = this.#values[to]!;
      if (slot.kind !== Kind.absent) this.#flags |= FlagBit.duplicate_json_key;
      slot.set(value.kind, value.start, value.end);
    }
  }

  /** The column of the name of the member `ordinal`, which is nearly always the name of the same member of the last line. */
  #columnAt(ordinal: number, { start, end }: Slice): number {
    const known = this.#order[ordinal];
    if (known !== undefined && isSame(this.#bytes, start, end, known.name)) return known.to;
    const name = Buffer.from(this.#bytes.subarray(start, end));
    const to = this.#columnOf(name.toString('latin1'));
    if (ordinal < maxKnownOrder) this.#order[ordinal] = { name, to };
    return to;
  }

  #columnOf(name: string): number {
    let to = this.#columns.get(name);
    if (to !== undefined) return to;
    const normal = normaliseFieldName(name);
    if (accessLogIgnoredNames.includes(normal)) to = ignored;
    else
      to = Object.hasOwn(accessLogAliases, normal) ? columnIndex(accessLogTable, accessLogAliases[normal]!) : unknown;
    if (this.#columns.size < maxKnownNames) this.#columns.set(name, to);
    return to;
  }

  /** Keeps an unknown member as `name=value`; what is no plain word stays as JSON, in quotes. */
  #extra(name: string, value: Slice): void {
    if (this.#extras.has(name)) this.#flags |= FlagBit.duplicate_json_key;
    if (value.kind === Kind.null) {
      this.#extras.delete(name);
      return;
    }
    const text = Buffer.prototype.latin1Slice.call(this.#bytes, value.start, value.end);
    this.#extras.set(name, value.kind === Kind.text || value.kind === Kind.escaped ? plainOrQuoted(text) : text);
  }

  #checkTime(start: number): LineFailure | null {
    const { kind, start: from, end } = this.#values[column.eventTime]!;
    this.timeUs = kind === Kind.text ? timeOf(this.#bytes, from, end) : NaN;
    if (!Number.isNaN(this.timeUs)) return null;
    return {
      reason: 'bad-time',
      at: kind === Kind.absent ? start : from,
      expected: 'request_time as yyyy-MM-ddTHH:mm:ss.SSSZ',
    };
  }

  #checkNumbers(): LineFailure | null {
    for (let to = 0; to < setters.length; to++) {
      const value = this.#values[to]!;
      const isNumber = setters[to] === 'int16' || setters[to] === 'int64';
      if (!isNumber || value.kind === Kind.absent || value.kind === Kind.null) continue;
      const isDigits = value.kind === Kind.number || value.kind === Kind.text;
      if (!isDigits || (!this.#isDash(value) && numberOf(this.#bytes, value.start, value.end) === null)) {
        return {
          reason: 'bad-number',
          at: value.start,
          expected: `digits or null for ${accessLogTable.columns[to]!.name}`,
        };
      }
    }
    return null;
  }

  #write(line: Line, cursor: ObjectCursor): void {
    const builder = this.#builder;
    if (!line.isUtf8) this.#flags |= FlagBit.invalid_utf8;
    for (let to = 0; to < setters.length; to++) {
      const value = this.#values[to]!;
      if (value.kind === Kind.absent || value.kind === Kind.null) continue;
      if (setters[to] === 'text') this.#text(to, value);
      else if (setters[to] === 'boolean') this.#boolean(to, value);
      else if (setters[to] !== 'timestamp' && !this.#isDash(value)) this.#number(to, value);
    }
    builder.timestamp(column.eventTime, this.timeUs);
    this.#decodedKey();
    this.#extraFields();
    if (this.#flags !== 0) builder.copy(column.flags, flagText(this.#flags));
    this.#place.write(cursor);
  }

  #text(to: number, { kind, start, end }: Slice): void {
    if (kind === Kind.escaped) this.#escaped(to, start, end);
    else if (this.#isUtf8(this.#bytes, start, end)) this.#builder.text(to, start, end);
    else this.#builder.copy(to, escapeInvalidUtf8(this.#bytes, start, end));
  }

  #escaped(to: number, start: number, end: number): void {
    if (this.#scratch.length < end - start) this.#scratch = Buffer.alloc(2 * (end - start));
    const scratch = this.#scratch;
    const length = unescapeJson(this.#bytes, start, end, scratch, 0);
    if (hasLoneSurrogate(this.#bytes, start, end)) this.#flags |= FlagBit.lone_surrogate;
    if (this.#isUtf8(scratch, 0, length)) this.#builder.copy(to, scratch, 0, length);
    else this.#builder.copy(to, escapeInvalidUtf8(scratch, 0, length));
  }

  /** Checks only when the line is known to be invalid somewhere. */
  #isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    return (this.#flags & FlagBit.invalid_utf8) === 0 || isUtf8(bytes.subarray(start, end));
  }

  #number(to: number, { start, end }: Slice): void {
    const value = numberOf(this.#bytes, start, end)!;
    if (value > (setters[to] === 'int16' ? maxInt16 : maxInt64)) this.#flags |= FlagBit.number_overflow;
    else if (setters[to] === 'int16') this.#builder.int16(to, Number(value));
    else if (typeof value === 'bigint') this.#builder.bigint64(to, value);
    else this.#builder.int64(to, value);
  }

  #boolean(to: number, { kind, start, end }: Slice): void {
    const word = Buffer.prototype.latin1Slice.call(this.#bytes, start, end).toLowerCase();
    if (kind === Kind.true || word === 'yes' || word === 'true') this.#builder.boolean(to, true);
    else if (kind === Kind.false || word === 'no' || word === 'false' || word === '-') this.#builder.boolean(to, false);
  }

  #isDash({ kind, start, end }: Slice): boolean {
    return kind === Kind.text && end - start === 1 && this.#bytes[start] === 0x2d;
  }

  #decodedKey(): void {
    const key = this.#string(keyColumn);
    const uri = this.#string(uriColumn);
    if (key === null || uri === null || !(key.includes('%') || key.includes('+'))) return;
    const decoded = decodedJsonKey(key, uri, this.#string(bucketColumn));
    if (decoded === null) return;
    this.#text(column.keyLogged, this.#values[keyColumn]!);
    this.#builder.string(column.key, decoded);
  }

  #string(from: number): string | null {
    const { kind, start, end } = this.#values[from]!;
    if (kind !== Kind.text && kind !== Kind.escaped) return null;
    const text = Buffer.prototype.utf8Slice.call(this.#bytes, start, end);
    return kind === Kind.text ? text : (JSON.parse(`"${text}"`) as string);
  }

  #extraFields(): void {
    if (this.#extras.size === 0) return;
    const text = Buffer.from(
      [...this.#extras].map(([name, value]) => `${plainOrQuoted(name)}=${value}`).join(' '),
      'latin1',
    );
    this.#builder.copy(column.extraFields, isUtf8(text) ? text : escapeInvalidUtf8(text, 0, text.length));
  }
}

function isSame(bytes: Uint8Array, start: number, end: number, other: Uint8Array): boolean {
  if (end - start !== other.length) return false;
  for (let i = 0; i < other.length; i++) if (bytes[start + i] !== other[i]) return false;
  return true;
}

/** JSON text of a string that could be mistaken for something else keeps its quotes. */
function plainOrQuoted(text: string): string {
  return /^[^\s"=\\]+$/.test(text) ? text : `"${text}"`;
}

/** ISO 8601, or the text form's time with or without brackets. */
function timeOf(bytes: Uint8Array, start: number, end: number): number {
  const timeUs = parseIsoTime(bytes, start, end);
  if (!Number.isNaN(timeUs)) return timeUs;
  const clock = bytes[start] === 0x5b && bytes[end - 1] === 0x5d ? start + 1 : start;
  return end - start === (clock - start) * 2 + logClockLength + 6
    ? parseLogTime(bytes, clock, clock + logClockLength + 1)
    : NaN;
}

/** Whether a string with escapes holds half a surrogate pair; raw UTF-8 cannot. */
function hasLoneSurrogate(bytes: Uint8Array, start: number, end: number): boolean {
  const text = Buffer.prototype.latin1Slice.call(bytes, start, end);
  return /\\u[dD]/.test(text) && /\p{Surrogate}/u.test(JSON.parse(`"${text}"`) as string);
}
