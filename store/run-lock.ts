/**
 * One run at a time on a data directory. The lock is the operating system's lock on a small DuckDB file: it ends with
 * its process, however that ends, and DuckDB names the process that holds it.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import { attachFile } from './duckdb.js';
import type { DataDirectory } from './lake-files.js';

/**
 * Takes the lock, which is held until the database of the connection is closed, or throws `lock-held` (exit code 75) with the
 * process that has it.
 */
export async function takeRunLock(connection: DuckDBConnection, directory: DataDirectory): Promise<void> {
  fs.mkdirSync(path.dirname(directory.lock), { recursive: true });
  try {
    await attachFile(connection, directory.lock, 'run_lock');
  } catch (error) {
    const holder = /PID (\d+)/.exec(String(error))?.[1];
    // The name of the file, which any other fault of it has in its message, too, says nothing.
    if (!/could not set lock/i.test(String(error))) throw error;
    throw new AppError(
      'lock-held',
      `${directory.root}: another run holds the lock${holder === undefined ? '' : ` (process ${holder})`}; wait for it, or end it`,
      {
        cause: error,
      },
    );
  }
}
