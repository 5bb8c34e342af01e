/** The copy of the catalog that readers open, for a run has the catalog to itself. */
import fs from 'node:fs';
import type { DataDirectory } from './lake-files.js';

/**
 * Publishes the catalog to readers, as of its last checkpoint. The rename is atomic: a reader sees the old snapshot or the new one,
 * whole. To close a file that was opened here also ends the lock that DuckDB has on it, which is why a run has another one.
 */
export function publishSnapshot(directory: DataDirectory): void {
  const copy = `${directory.snapshot}.new`;
  fs.copyFileSync(directory.catalog, copy, fs.constants.COPYFILE_FICLONE);
  const file = fs.openSync(copy, 'r+');
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(copy, directory.snapshot);
}
