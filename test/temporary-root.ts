/**
 * Set up by vitest once a run: everything that tests and the programs that they start write to the temporary folder of
 * the system goes into one folder of this run, which is removed at its end. A worker that vitest ends after a timeout
 * runs no hooks of its own.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'bucketwatch-test-'));

export function setup(): void {
  process.env['TMPDIR'] = root;
  process.once('exit', teardown);
  process.once('SIGTERM', () => process.exit(143));
}

export function teardown(): void {
  // A worker may still be writing while it is ended.
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
