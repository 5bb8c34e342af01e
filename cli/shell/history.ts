/**
 * What was typed in earlier sessions, in a file that only its user can read. Lines that seem to hold a secret are never
 * written.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const maxLines = 1000;

/**
 * Words that stand before a secret; a text of 40 characters as AWS's secret keys are; a presigned link, a session token.
 */
const secret =
  /password|passwd|secret|x-amz-(signature|security-token|credential)|(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])|[A-Za-z0-9/+=]{200}/i;

/** Where the history is kept; null when the user has no folder for such files. */
export function historyFile(env: Readonly<Record<string, string | undefined>>): string | null {
  const home = env['HOME'] ?? '';
  const state = env['XDG_STATE_HOME'] ?? (home === '' ? '' : path.join(home, '.local/state'));
  return path.isAbsolute(state) ? path.join(state, 'bucketwatch', 'shell_history') : null;
}

/** The lines of earlier sessions, the latest first, as readline wants them. */
export function readHistory(file: string): string[] {
  try {
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .toReversed()
      .slice(0, maxLines);
  } catch {
    return []; // The first session has none, and one that cannot be read is not worth an error.
  }
}

/** Keeps the lines, the latest first; a folder that cannot be written loses them, which a shell survives. */
export function writeHistory(file: string, lines: readonly string[]): void {
  const kept = lines.filter((line) => line.length > 1 && !line.includes('\n') && !secret.test(line)).slice(0, maxLines);
  const temporary = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(temporary, kept.toReversed().join(os.EOL) + os.EOL, { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}
