/** The copy of the catalog that readers open, so that they never meet the writer's lock. */
import fs from 'node:fs';
import type { DataDirectory } from './lake-files.js';

/** Publishes the closed catalog to readers. The rename is atomic: a reader sees the old snapshot or the new one, whole. */
export function publishSnapshot(directory: DataDirectory): void {
  const copy = `${directory.snapshot}.new`;
  fs.copyFileSync(directory.catalog, copy, fs.constants.COPYFILE_FICLONE);
  const file = fs.openSync(copy, 'r+');
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(copy, directory.snapshot);
}
