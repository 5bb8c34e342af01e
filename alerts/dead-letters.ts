/**
 * The file of dead alerts in the data directory: a line of JSON for each, the whole alert in it, for people and programs
 * that pick up what no sink took. The outbox is the truth; the file is brought up to it at every delivery, so a crash
 * between the two costs nothing.
 */
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { isoTime } from './finding.js';
import type { WaitingAlert } from './outbox.js';
import { asciiJson } from './sinks/alert-json.js';
import { appendLines } from './sinks/append-lines.js';

/** Its name in the data directory. */
export const deadLettersName = 'dead-letters.jsonl';

/** Appends the alerts that the file does not have yet. Answers how many there were. */
export async function writeDeadLetters(path: string, dead: readonly WaitingAlert[]): Promise<number> {
  if (dead.length === 0) return 0;
  const written = await writtenIds(path);
  const missing = dead.filter(({ id }) => !written.has(id));
  if (missing.length > 0) await appendLines(path, missing.map((alert) => `${deadLetter(alert)}\n`).join(''));
  return missing.length;
}

function deadLetter({ id, sink, reason, attempts, lastError, createdAtMs, dueAtMs, content }: WaitingAlert): string {
  return asciiJson({
    schema: 'bucketwatch.dead-letter/1',
    id,
    sink,
    reason,
    attempts,
    error: lastError,
    created_at: isoTime(createdAtMs * 1000),
    died_at: isoTime(dueAtMs * 1000),
    content,
  });
}

async function writtenIds(path: string): Promise<Set<string>> {
  const ids = new Set<string>();
  if (!fs.existsSync(path)) return ids;
  for await (const line of createInterface({ input: fs.createReadStream(path), crlfDelay: Infinity })) {
    const id = idOf(line);
    if (id !== null) ids.add(id);
  }
  return ids;
}

/** Null for half a line of a killed run, or whatever else stands there. */
function idOf(line: string): string | null {
  try {
    const { id } = JSON.parse(line) as { readonly id?: unknown };
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
