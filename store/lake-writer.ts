/** Files of the lake: batches go through parquet/ into new ones, and DuckDB writes those that replace others. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import { writeParquet } from '../parquet/parquet-file.js';
import type { ParsedBatch } from '../parsers/batch.js';

/**
 * For files that DuckDB writes. zstd level 1: two thirds of the CPU of level 3 for 3 % more bytes, measured on access logs. Version 2,
 * where numbers are differences: a tenth less CPU to write and to read, and 1 % fewer bytes (docs/adr/0013-small-files-are-merged.md).
 */
export const parquetOptions = 'format parquet, parquet_version v2, compression zstd, compression_level 1';

/** Small pieces are collected, so that a page of a few bytes costs no call of the system. */
const writeBytes = 1 << 20;

/**
 * Writes the batches, all of one table, to a new file, and releases their memory. Returns the bytes of the file.
 * Throws `disk-full`.
 */
export function writeLakeFile(file: string, batches: readonly ParsedBatch[]): number {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    return writeTo(fs.openSync(file, 'w'), batches);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new AppError('disk-full', `${file}: no space left; expected room for the lake; free some and run again`, {
      cause: error,
    });
  }
}

function writeTo(descriptor: number, batches: readonly ParsedBatch[]): number {
  try {
    const buffer = Buffer.allocUnsafe(writeBytes);
    let used = 0;
    let bytes = 0;
    writeParquet(batches, (piece) => {
      bytes += piece.length;
      if (used + piece.length > buffer.length) {
        writeAll(descriptor, buffer.subarray(0, used));
        used = 0;
      }
      if (piece.length > buffer.length) {
        writeAll(descriptor, piece);
      } else {
        buffer.set(piece, used);
        used += piece.length;
      }
    });
    writeAll(descriptor, buffer.subarray(0, used));
    return bytes;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A write of a full disk or to a pipe may take less than it was given. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(descriptor, bytes, done);
}
