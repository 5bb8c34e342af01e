/** A Parquet file out of batches: https://parquet.apache.org/docs/file-format/. Knows nothing of the disk. */
import { isUtf8 } from 'node:buffer';
import { releaseBatch, type ParsedBatch } from '../parsers/batch.js';
import type { Column, Table } from '../parsers/tables.js';
import {
  dataPageHeader,
  dictionaryPageHeader,
  Encoding,
  fileMetadata,
  filterHeader,
  type ColumnChunk,
  type RowGroup,
  type Statistics,
} from './metadata.js';
import { isText, rowGroupEncoder, type RowGroupEncoder } from './row-group.js';

/** What readers of DuckDB and others like: large enough for dictionaries, small enough to be skipped. */
const maxGroupRows = 122_880;
/** Longer texts do not help to skip anything. */
const maxStatisticBytes = 256;

const magic = Buffer.from('PAR1');

/**
 * Writes batches of one table as a file, in their order: hands its bytes to `sink` piece by piece; a piece is good during the
 * call. What was added is encoded at once, so that a batch is not needed any more.
 */
export class ParquetWriter {
  readonly #table: Table;
  readonly #sink: (piece: Uint8Array) => void;
  readonly #encoder: RowGroupEncoder = rowGroupEncoder();
  readonly #groups: RowGroup[] = [];
  /** The row group that batches are added to, and its rows so far. */
  #group: number;
  #rows = 0;
  /** Bytes of the file so far. */
  #offset = 0;
  /** What the pages of the column would be without compression, headers included. */
  #inflated = 0;

  constructor(table: Table, sink: (piece: Uint8Array) => void) {
    this.#table = table;
    this.#sink = sink;
    this.#group = this.#encoder.begin(table);
  }

  /** Adds a batch and gives its memory back. Throws when a text is not UTF-8, which is a mistake of a parser. */
  add(batch: ParsedBatch): void {
    checkTexts(batch);
    if (this.#rows + batch.rows > maxGroupRows) {
      this.#writeGroup();
      this.#group = this.#encoder.begin(this.#table);
    }
    this.#encoder.use(this.#group);
    this.#encoder.add(batch);
    this.#rows += batch.rows;
    releaseBatch(batch);
  }

  /** Writes what is left; nothing can be added afterwards. */
  end(): void {
    this.#writeGroup();
    const metadata = fileMetadata(this.#table, this.#groups);
    this.#write(metadata);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    this.#write(length);
    this.#write(magic);
  }

  #writeGroup(): void {
    if (this.#offset === 0) this.#write(magic);
    const rows = this.#rows;
    this.#rows = 0;
    this.#encoder.use(this.#group);
    const chunks = this.#table.columns.map((column, index) => this.#writeColumn(column, index, rows));
    // Filters stand behind all pages, so that columns which are read together stand together.
    for (const [index, chunk] of chunks.entries())
      if (chunk.dictionaryOffset !== null) chunk.filter = this.#writeFilter(index);
    this.#groups.push({ rows, chunks });
    this.#encoder.finish();
  }

  #writeColumn(column: Column, index: number, rows: number): ColumnChunk {
    const { exports } = this.#encoder;
    const start = this.#offset;
    this.#inflated = 0;
    const encodings: number[] = [Encoding.rle];
    const hasDictionary = exports.beginColumn(index, isText(column.kind)) !== 0;
    if (hasDictionary) {
      encodings.push(Encoding.plain);
      this.#writeDictionary(index);
    }
    const dataOffset = this.#offset;
    for (let row = 0; row < rows; row += exports.pageRows.value) {
      this.#writePage(column, index, { row, hasDictionary });
      const encoding = exports.encoding.value;
      if (!encodings.includes(encoding)) encodings.push(encoding);
    }
    return {
      column,
      rows,
      encodings,
      inflated: this.#inflated,
      packed: this.#offset - start,
      dictionaryOffset: hasDictionary ? start : null,
      dataOffset,
      statistics: this.#statistics(column, index, { rows, hasDictionary }),
      filter: null,
    };
  }

  #writeDictionary(index: number): void {
    const { exports } = this.#encoder;
    const packed = exports.dictionaryPage(index);
    const inflated = exports.pageBytes.value;
    const header = { inflated, packed, values: exports.distinct(index), encoding: Encoding.plain };
    this.#writePacked(dictionaryPageHeader(header), packed);
  }

  /** Writes the page of a column that begins with a row. */
  #writePage(column: Column, index: number, { row, hasDictionary }: { row: number; hasDictionary: boolean }): void {
    const { exports } = this.#encoder;
    const packed = hasDictionary
      ? exports.indexPage(index)
      : isText(column.kind)
        ? exports.textPage(index, row)
        : column.kind === 'boolean'
          ? exports.booleanPage(index)
          : exports.numberPage(index);
    const inflated = exports.pageBytes.value;
    const header = { inflated, packed, values: exports.pageRows.value, encoding: exports.encoding.value };
    this.#writePacked(dataPageHeader(header), packed);
  }

  #writePacked(header: Uint8Array, packed: number): void {
    const { exports } = this.#encoder;
    this.#inflated += header.length + exports.pageBytes.value;
    this.#write(header);
    this.#write(this.#encoder.bytesAt(exports.packed.value, packed));
  }

  #writeFilter(index: number): ColumnChunk['filter'] {
    const offset = this.#offset;
    const bytes = this.#encoder.exports.buildFilter(index);
    this.#write(filterHeader(bytes));
    this.#write(this.#encoder.bytesAt(this.#encoder.exports.filter.value, bytes));
    return { offset, bytes: this.#offset - offset };
  }

  #statistics(
    column: Column,
    index: number,
    { rows, hasDictionary }: { rows: number; hasDictionary: boolean },
  ): Statistics {
    const { exports } = this.#encoder;
    const nulls = rows - exports.known(index);
    const distinct = hasDictionary ? exports.distinct(index) : null;
    if (nulls === rows) return { nulls, distinct, least: null, greatest: null };
    if (!isText(column.kind)) {
      const least = plainNumber(exports.least(index), column);
      return { nulls, distinct, least, greatest: plainNumber(exports.greatest(index), column) };
    }
    return {
      nulls,
      distinct,
      least: this.#text(exports.firstText(index), exports.firstLength(index)),
      greatest: this.#text(exports.lastText(index), exports.lastLength(index)),
    };
  }

  #text(address: number, length: number): Uint8Array | null {
    return length > maxStatisticBytes ? null : Uint8Array.from(this.#encoder.bytesAt(address, length));
  }

  #write(piece: Uint8Array): void {
    this.#offset += piece.length;
    this.#sink(piece);
  }
}

function checkTexts({ table, buffers }: ParsedBatch): void {
  if (table.columns.some(({ kind }) => kind === 'blob')) return;
  for (const buffer of buffers)
    if (!isUtf8(buffer)) throw new Error(`a text buffer of a ${table.name} batch is not UTF-8`);
}

/** A number in Parquet's plain encoding. */
function plainNumber(value: bigint, { kind }: Column): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes.subarray(0, kind === 'boolean' ? 1 : kind === 'int16' ? 4 : 8);
}
