/** The file of dead letters: everything that died, once, whatever happened to the process. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeDeadLetters } from '../../alerts/dead-letters.js';
import type { WaitingAlert } from '../../alerts/outbox.js';
import { temporaryFolder } from '../temporary-folder.js';
import { sampleAlert, sampleFinding } from './sink-conformance.js';

function dead(digit: string, fields: Partial<WaitingAlert> = {}): WaitingAlert {
  const times = { createdAtMs: Date.parse('2026-03-01T02:00:00Z'), dueAtMs: Date.parse('2026-03-02T02:00:00Z') };
  const alert = sampleAlert(sampleFinding({ id: digit.repeat(64) }), { attempts: 8 });
  return { ...alert, state: 'dead', lastError: 'no such topic', ...times, ...fields };
}

const file = (): string => join(temporaryFolder('dead-letters'), 'dead-letters.jsonl');
const idsIn = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => (JSON.parse(line) as { id: string }).id);

test('a dead letter says what, where to, why, since when, and has all of the finding', async () => {
  const path = file();
  await writeDeadLetters(path, [dead('1')]);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    schema: 'bucketwatch.dead-letter/1',
    id: '1'.repeat(64),
    sink: 'sink',
    reason: 'first',
    attempts: 8,
    error: 'no such topic',
    created_at: '2026-03-01T02:00:00.000Z',
    died_at: '2026-03-02T02:00:00.000Z',
    content: sampleFinding({ id: '1'.repeat(64) }),
  });
});

test('it is written once, however often it is seen', async () => {
  const path = file();
  expect(await writeDeadLetters(path, [dead('1')])).toBe(1);
  expect(await writeDeadLetters(path, [dead('1'), dead('2')])).toBe(1);
  expect(await writeDeadLetters(path, [dead('1'), dead('2')])).toBe(0);
  expect(idsIn(path)).toEqual(['1'.repeat(64), '2'.repeat(64)]);
});

test('half a line of a killed process is no reason to lose one', async () => {
  const path = file();
  await writeDeadLetters(path, [dead('1')]);
  const half = `{"schema":"bucketwatch.dead-letter/1","id":"${'2'.repeat(64)}","si`;
  appendFileSync(path, half);
  await writeDeadLetters(path, [dead('1'), dead('2')]);
  expect(idsIn(path)).toEqual(['1'.repeat(64), '2'.repeat(64)]);
});

test('log text in it cannot steer a terminal', async () => {
  const path = file();
  await writeDeadLetters(path, [dead('1', { content: sampleFinding({ key: '\u001b[2J\u202e\n' }) })]);
  expect(readFileSync(path, 'utf8')).toMatch(/^[\x20-\x7e]+\n$/);
});
