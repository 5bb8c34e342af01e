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
 * Hands the bytes of a file to `sink`, piece by piece; a piece is good during the call. The file has the rows of the batches, all
 * of one table, in their order; their memory is given back. Throws when a text is not UTF-8, which is a mistake of a parser.
 */
export function writeParquet(batches: readonly ParsedBatch[], sink: (piece: Uint8Array) => void): void {
  const file = new ParquetFile(batches[0]!.table, sink);
  for (const group of groupsOf(batches)) file.writeGroup(group);
  file.end();
}

/** Batches that share a row group. */
function groupsOf(batches: readonly ParsedBatch[]): ParsedBatch[][] {
  const groups: ParsedBatch[][] = [];
  let rows = maxGroupRows;
  for (const batch of batches) {
    rows += batch.rows;
    if (rows > maxGroupRows) {
      groups.push([]);
      rows = batch.rows;
    }
    groups.at(-1)!.push(batch);
  }
  return groups;
}

class ParquetFile {
  readonly #table: Table;
  readonly #sink: (piece: Uint8Array) => void;
  readonly #encoder: RowGroupEncoder = rowGroupEncoder();
  readonly #groups: RowGroup[] = [];
  /** Bytes of the file so far. */
  #offset = 0;
  /** What the pages of the column would be without compression, headers included. */
  #inflated = 0;

  constructor(table: Table, sink: (piece: Uint8Array) => void) {
    this.#table = table;
    this.#sink = sink;
    this.#write(magic);
  }

  writeGroup(batches: readonly ParsedBatch[]): void {
    const rows = batches.reduce((sum, batch) => sum + batch.rows, 0);
    this.#encoder.begin(this.#table, batches);
    for (const batch of batches) {
      checkTexts(batch);
      this.#encoder.add(batch);
      releaseBatch(batch);
    }
    const chunks = this.#table.columns.map((column, index) => this.#writeColumn(column, index, rows));
    // Filters stand behind all pages, so that columns which are read together stand together.
    for (const [index, chunk] of chunks.entries())
      if (chunk.dictionaryOffset !== null) chunk.filter = this.#writeFilter(index);
    this.#groups.push({ rows, chunks });
  }

  end(): void {
    const metadata = fileMetadata(this.#table, this.#groups);
    this.#write(metadata);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(metadata.length);
    this.#write(length);
    this.#write(magic);
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
    exports.findEnds(index);
    return {
      nulls,
      distinct,
      least: this.#text(exports.firstText.value, exports.firstLength.value),
      greatest: this.#text(exports.lastText.value, exports.lastLength.value),
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
