/**
 * Encodes batches until there is enough for a Parquet file: sorts rows into event days and sets suspects of repetition
 * aside. Nearly every batch is one day without suspects and passes untouched.
 */
import path from 'node:path';
import { copyRow, removeRows, timeOf } from '../parsers/batch-rows.js';
import { BatchBuilder, releaseBatch, type ParsedBatch } from '../parsers/batch.js';
import { columnIndex, type Table, type TableName } from '../parsers/tables.js';
import { dayOf, lakePath, microsecondsPerDay, type DataDirectory, type LakeFile } from './lake-files.js';
import { LakeFileWriter } from './lake-writer.js';
import type { RequestFilter } from './request-filter.js';

/** What a stage has written: files of the lake, and files of suspects that the commit resolves. */
export interface StagedFiles {
  readonly files: LakeFile[];
  readonly suspects: { table: TableName; path: string; rows: number }[];
}

export interface StageOptions {
  readonly directory: DataDirectory;
  readonly filter: RequestFilter;
  /** Unique in the data directory; begins every file name. */
  readonly prefix: string;
  /** Files rows without an event time, that is rejects: the day of the run. */
  readonly runDay: string;
}

/** The day of rows that the commit files itself. */
const setAside = 'aside';

/**
 * Real logs hold a day or two at a time. Rows of any further day are set aside with the suspects, which the commit
 * files by day, so that a log with a forged time in every line does not become a file and a column block a line.
 */
const maxHeaps = 8;

/** Rows that go to one file. */
interface Heap {
  readonly table: Table;
  readonly day: string;
  /** The file, relative to the data directory; that of suspects absolute. */
  readonly path: string;
  readonly file: LakeFileWriter;
  rows: number;
  minTimeUs: number;
  maxTimeUs: number;
  /** Collects rows that came in a batch of mostly other rows. */
  builder: BatchBuilder | null;
}

export class Stage {
  /** Bytes of what is not written yet: as many as the encoders hold, about. */
  bytes = 0;
  readonly #options: StageOptions;
  readonly #heaps = new Map<string, Heap>();
  #written: StagedFiles = { files: [], suspects: [] };
  #fileCount = 0;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** Adds a batch, whose memory and blocks are not in use afterwards. */
  add(parsed: ParsedBatch): void {
    const { table, minTimeUs, maxTimeUs } = parsed;
    const suspects = this.#suspects(parsed);
    const isOneDay = Number.isNaN(minTimeUs) || dayNumber(minTimeUs) === dayNumber(maxTimeUs);
    if (isOneDay && suspects.length === 0) this.#push(this.#heap(table, this.#day(minTimeUs)), parsed);
    else this.#split(parsed, suspects, isOneDay);
  }

  /** Writes all that is staged. */
  write(): void {
    for (const heap of this.#heaps.values()) this.#writeHeap(heap);
    this.#heaps.clear();
    this.bytes = 0;
  }

  /** What was written since the last call. */
  takeWritten(): StagedFiles {
    const written = this.#written;
    this.#written = { files: [], suspects: [] };
    return written;
  }

  #day(timeUs: number): string {
    return Number.isNaN(timeUs) ? this.#options.runDay : dayOf(timeUs);
  }

  #heap(table: Table, day: string): Heap {
    const heap = this.#heaps.get(`${table.name} ${day}`);
    if (heap !== undefined) return heap;
    if (this.#heaps.size >= maxHeaps && day !== setAside && table.timeColumn !== null)
      return this.#heap(table, setAside);
    const created = this.#newHeap(table, day);
    this.#heaps.set(`${table.name} ${day}`, created);
    return created;
  }

  #newHeap(table: Table, day: string): Heap {
    const { directory, prefix } = this.#options;
    const name = `${prefix}-${this.#fileCount++}`;
    const file =
      day === setAside
        ? path.resolve(directory.scratch, `${table.name}-${name}.parquet`)
        : lakePath(table.name, day, name);
    return {
      table,
      day,
      path: file,
      file: new LakeFileWriter(path.resolve(directory.root, file), table),
      rows: 0,
      minTimeUs: Infinity,
      maxTimeUs: -Infinity,
      builder: null,
    };
  }

  #push(heap: Heap, parsed: ParsedBatch): void {
    this.bytes += bytesOf(parsed);
    heap.rows += parsed.rows;
    heap.minTimeUs = Math.min(heap.minTimeUs, parsed.minTimeUs);
    heap.maxTimeUs = Math.max(heap.maxTimeUs, parsed.maxTimeUs);
    heap.file.add(parsed);
  }

  #suspects(parsed: ParsedBatch): number[] {
    const { requestColumn } = parsed.table;
    return requestColumn === null ? [] : suspectRows(parsed, requestColumn, this.#options.filter);
  }

  /** Copies the suspects and the rows of other days to their heaps, and keeps the batch for the rest. */
  #split(parsed: ParsedBatch, suspects: readonly number[], isOneDay: boolean): void {
    const { table, minTimeUs } = parsed;
    const mainDay = dayNumber(isOneDay ? minTimeUs : timeOfRow(parsed, firstOther(suspects)));
    const others = isOneDay ? suspects : otherRows(parsed, mainDay, new Set(suspects));
    const isSuspect = new Set(suspects);
    for (const row of others) {
      const heap = this.#heap(table, isSuspect.has(row) ? setAside : dayOf(timeOfRow(parsed, row)));
      heap.builder ??= new BatchBuilder(table, (copied) => this.#push(heap, copied));
      copyRow(parsed, row, heap.builder);
    }
    const kept = removeRows(parsed, others);
    if (kept === null) releaseBatch(parsed);
    else this.#push(this.#heap(table, dayOf(mainDay * microsecondsPerDay)), { ...kept, ...dayRange(parsed, mainDay) });
  }

  #writeHeap(heap: Heap): void {
    heap.builder?.flush();
    const { table, day, path: file, rows, minTimeUs, maxTimeUs } = heap;
    const bytes = heap.file.end();
    if (day === setAside) {
      this.#written.suspects.push({ table: table.name, path: file, rows });
      return;
    }
    const timed = !Number.isNaN(minTimeUs);
    this.#written.files.push({
      table: table.name,
      path: file,
      day,
      rows,
      bytes,
      minTimeUs: timed ? minTimeUs : null,
      maxTimeUs: timed ? maxTimeUs : null,
    });
  }
}

/** Rows whose id was seen before in this run, or that have none. */
function suspectRows({ table, rows, columns, buffers }: ParsedBatch, column: string, filter: RequestFilter): number[] {
  const suspects: number[] = [];
  const { bytes, words, valid } = columns[columnIndex(table, column)]!;
  for (let row = 0; row < rows; row++) {
    const length = words[row * 4]!;
    const known = (valid[row >> 3]! & (1 << (row & 7))) !== 0;
    const seen =
      known &&
      (length > 12
        ? filter.seen(buffers[words[row * 4 + 2]!]!, words[row * 4 + 3]!, length)
        : filter.seen(bytes, row * 16 + 4, length));
    if (seen || !known) suspects.push(row);
  }
  return suspects;
}

/** The first row that is not a suspect; row 0 when all are. */
function firstOther(suspects: readonly number[]): number {
  const gap = suspects.findIndex((row, index) => row !== index);
  return gap < 0 ? 0 : gap;
}

/** Suspects, and rows of other days than the main one; ascending. */
function otherRows(parsed: ParsedBatch, mainDay: number, suspects: ReadonlySet<number>): number[] {
  const others: number[] = [];
  for (let row = 0; row < parsed.rows; row++) {
    if (suspects.has(row) || dayNumber(timeOfRow(parsed, row)) !== mainDay) others.push(row);
  }
  return others;
}

function timeOfRow({ table, columns }: ParsedBatch, row: number): number {
  return timeOf(columns[columnIndex(table, table.timeColumn!)]!, row);
}

/** The part of the batch's range of times that lies in a day. */
function dayRange({ minTimeUs, maxTimeUs }: ParsedBatch, day: number): { minTimeUs: number; maxTimeUs: number } {
  const start = day * microsecondsPerDay;
  return { minTimeUs: Math.max(minTimeUs, start), maxTimeUs: Math.min(maxTimeUs, start + microsecondsPerDay - 1) };
}

function dayNumber(timeUs: number): number {
  return Math.floor(timeUs / microsecondsPerDay);
}

function bytesOf({ table, rows, buffers }: ParsedBatch): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, rows * table.columns.length * 8);
}
