/**
 * Collects batches in memory until there are enough for a Parquet file: sorts rows into event days and sets suspects
 * of repetition aside. Nearly every batch is one day without suspects and passes untouched.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Data } from 'apache-arrow';
import { releaseArena, takeRows, type ParsedBatch } from '../parsers/batch.js';
import { columnIndex, type Table, type TableName } from '../parsers/tables.js';
import { dayOf, lakePath, microsecondsPerDay, type DataDirectory, type LakeFile } from './lake-files.js';
import { LakeWriter } from './lake-writer.js';
import type { RequestFilter } from './request-filter.js';

/** What a stage has written: files of the lake, and files of suspects that the commit resolves. */
export interface StagedFiles {
  readonly files: LakeFile[];
  readonly suspects: { table: TableName; path: string; rows: number }[];
}

export interface StageOptions {
  readonly directory: DataDirectory;
  readonly writer: LakeWriter;
  readonly filter: RequestFilter;
  /** Unique in the data directory; begins every file name. */
  readonly prefix: string;
  /** Files rows without an event time, that is rejects: the day of the run. */
  readonly runDay: string;
}

/** The day of rows that the commit files itself. */
const setAside = '';

/**
 * Real batches hold one or two days. Rows of any further day are set aside with the suspects, which the commit files
 * by day, so that a log with a forged time in every line does not become a file and a column block a line.
 */
const maxDaysPerBatch = 4;

/** Rows that go to one file. */
interface Heap {
  readonly table: Table;
  readonly day: string;
  readonly suspect: boolean;
  readonly batches: ParsedBatch[];
}

export class Stage {
  /** Bytes of raw blocks, copied text and columns that the staged batches hold. */
  bytes = 0;
  readonly #options: StageOptions;
  readonly #heaps = new Map<string, Heap>();
  #written: StagedFiles = { files: [], suspects: [] };
  #fileCount = 0;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  add(parsed: ParsedBatch): void {
    this.bytes += bytesOf(parsed);
    const suspects = this.#suspects(parsed);
    const sameDay = !(dayNumber(parsed.minTimeUs) !== dayNumber(parsed.maxTimeUs) && !Number.isNaN(parsed.minTimeUs));
    if (sameDay && suspects.length === 0) this.#heap(parsed.table, this.#day(parsed.minTimeUs), false).push(parsed);
    else this.#split(parsed, new Set(suspects));
  }

  /** Writes all that is staged. Afterwards no block of a batch that was added is in use. */
  async write(): Promise<void> {
    for (const heap of this.#heaps.values()) await this.#writeHeap(heap);
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

  #heap(table: Table, day: string, suspect: boolean): ParsedBatch[] {
    const name = `${table.name} ${suspect ? 'suspects' : day}`;
    let heap = this.#heaps.get(name);
    if (heap === undefined) this.#heaps.set(name, (heap = { table, day, suspect, batches: [] }));
    return heap.batches;
  }

  #suspects({ table, batch }: ParsedBatch): number[] {
    if (table.requestColumn === null) return [];
    const ids = batch.data.children[columnIndex(table, table.requestColumn)]!;
    return suspectRows(ids, batch.numRows, this.#options.filter);
  }

  #split(parsed: ParsedBatch, suspects: ReadonlySet<number>): void {
    const { table, batch } = parsed;
    const times = batch.data.children[columnIndex(table, table.timeColumn!)]!.values as BigInt64Array;
    const rowsOf = new Map<string, number[]>([[setAside, []]]);
    for (let row = 0; row < batch.numRows; row++) {
      const day = suspects.has(row) ? setAside : dayOf(Number(times[row]!));
      const known = rowsOf.has(day) || rowsOf.size <= maxDaysPerBatch;
      const rows = rowsOf.get(known ? day : setAside);
      if (rows === undefined) rowsOf.set(day, [row]);
      else rows.push(row);
    }
    for (const [day, rows] of rowsOf) {
      if (rows.length > 0) this.#heap(table, day, day === setAside).push(takeRows(parsed, rows));
    }
    releaseArena(parsed);
  }

  async #writeHeap({ table, day, suspect, batches }: Heap): Promise<void> {
    const { directory, prefix, writer } = this.#options;
    const name = `${prefix}-${this.#fileCount++}`;
    const rows = batches.reduce((sum, { batch }) => sum + batch.numRows, 0);
    const minTimeUs = Math.min(...batches.map((batch) => batch.minTimeUs));
    const maxTimeUs = Math.max(...batches.map((batch) => batch.maxTimeUs));
    const file = suspect ? path.join(directory.scratch, `${table.name}-${name}.parquet`) : lakePath(table.name, day, name);
    const absolute = path.resolve(directory.root, file);
    await writer.write(absolute, batches);
    if (suspect) {
      this.#written.suspects.push({ table: table.name, path: absolute, rows });
      return;
    }
    const { size: bytes } = fs.statSync(absolute);
    const timed = !Number.isNaN(minTimeUs);
    this.#written.files.push({
      table: table.name, path: file, day, rows, bytes,
      minTimeUs: timed ? minTimeUs : null,
      maxTimeUs: timed ? maxTimeUs : null,
    });
  }
}

/** Rows whose id was seen before in this run, or that have none. */
function suspectRows(ids: Data, rows: number, filter: RequestFilter): number[] {
  const suspects: number[] = [];
  const bytes = ids.values as Uint8Array;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, rows * 4);
  const buffers = ids.variadicBuffers as Uint8Array[];
  for (let row = 0; row < rows; row++) {
    const length = words[row * 4]!;
    const known = (ids.nullBitmap[row >> 3]! & (1 << (row & 7))) !== 0;
    const seen =
      known &&
      (length > 12
        ? filter.seen(buffers[words[row * 4 + 2]!]!, words[row * 4 + 3]!, length)
        : filter.seen(bytes, row * 16 + 4, length));
    if (seen || !known) suspects.push(row);
  }
  return suspects;
}

function dayNumber(timeUs: number): number {
  return Math.floor(timeUs / microsecondsPerDay);
}

function bytesOf({ batch, arena }: ParsedBatch): number {
  const text = batch.data.children.find(({ variadicBuffers }) => variadicBuffers !== undefined && variadicBuffers.length > 0);
  const buffers = (text?.variadicBuffers ?? []) as Uint8Array[];
  return buffers.reduce((sum, buffer) => sum + buffer.length, arena.byteLength);
}
