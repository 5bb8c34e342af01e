/** New files of the lake: batches go through parquet/ into them. lake-rewrite.ts has those that DuckDB writes. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import { ParquetWriter } from '../parquet/parquet-file.js';
import type { ParsedBatch } from '../parsers/batch.js';
import type { Table } from '../parsers/tables.js';
import { unfinished } from './lake-files.js';

/** Small pieces are collected, so that a page of a few bytes costs no call of the system. */
const writeBytes = 1 << 20;

/** A new file of the lake, or one of suspects. All its methods throw `disk-full`. */
export class LakeFileWriter {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #parquet: ParquetWriter;
  #buffer: Buffer | null = null;
  #used = 0;
  #bytes = 0;

  /** Creates the file and its folder; it has its name when it is whole. */
  constructor(file: string, table: Table) {
    this.#file = file;
    this.#descriptor = this.#guard(() => {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      return fs.openSync(file + unfinished, 'w');
    });
    this.#parquet = new ParquetWriter(table, (piece) => this.#write(piece));
  }

  /** Adds a batch and gives its memory back. */
  add(batch: ParsedBatch): void {
    this.#guard(() => this.#parquet.add(batch));
  }

  /** Writes what is left, closes the file and gives it its name. Returns its bytes. */
  end(): number {
    return this.#guard(() => {
      try {
        this.#parquet.end();
        this.#flush();
      } finally {
        fs.closeSync(this.#descriptor);
      }
      fs.renameSync(this.#file + unfinished, this.#file);
      return this.#bytes;
    });
  }

  #write(piece: Uint8Array): void {
    this.#bytes += piece.length;
    this.#buffer ??= Buffer.allocUnsafe(writeBytes);
    if (this.#used + piece.length > writeBytes) this.#flush();
    if (piece.length > writeBytes) {
      writeAll(this.#descriptor, piece);
    } else {
      this.#buffer.set(piece, this.#used);
      this.#used += piece.length;
    }
  }

  #flush(): void {
    writeAll(this.#descriptor, this.#buffer!.subarray(0, this.#used));
    this.#used = 0;
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
      throw new AppError(
        'disk-full',
        `${this.#file}: no space left; expected room for the lake; free some and run again`,
        { cause: error },
      );
    }
  }
}

/** A write of a full disk or to a pipe may take less than it was given. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
}
