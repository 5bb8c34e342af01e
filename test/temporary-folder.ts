/** Folders for tests: they go away after the tests of a file, and whatever happens when the run ends (temporary-root.ts). */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder, removed after the last test of the file; `name` says in its path what it is for. */
export function temporaryFolder(name: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `bucketwatch-${name}-`));
  folders.push(folder);
  return folder;
}
