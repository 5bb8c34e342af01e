/** The compact notation of cases: what it expands to, and that a mistake in it is an error. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readCase, type CaseEvent } from '../../fixtures/cases/case-format.js';
import { momentMs, spanMs } from '../../fixtures/cases/case-time.js';
import { expandCase } from '../../fixtures/cases/expand.js';
import { temporaryFolder } from '../temporary-folder.js';

const window = { from: '2026-03-10T10:00:00Z', to: '2026-03-10T11:00:00Z' };

function expand(events: CaseEvent[]) {
  return expandCase(
    { why: 'a test', config: {}, window, defaults: { bucket: 'acme-docs' }, events, expect: [] },
    'seed',
  );
}

test('times are ISO or offsets from the start of the window', () => {
  const start = Date.parse(window.from);
  expect(momentMs('+1h30m', start) - start).toBe(5_400_000);
  expect(start - momentMs('-20d', start)).toBe(20 * 86_400_000);
  expect(momentMs('2026-03-10T10:00:00Z', 0)).toBe(start);
  expect(() => spanMs('5 minutes')).toThrow('"5 minutes" is not a span');
  expect(() => momentMs('noon', 0)).toThrow('"noon" is not a time');
});

test('an event for both logs is one request in each', () => {
  const [line, trail] = expand([{ log: 'both', at: '+5m', eventName: 'GetObject', key: 'a b', identity: 'role/app' }]);
  const [record] = (JSON.parse(trail!.text) as { Records: Record<string, unknown>[] }).Records;
  expect(line!.text).toContain(` ${record!['requestID'] as string} REST.GET.OBJECT a%2520b "GET /a%20b HTTP/1.1" 200 `);
  expect(line!.text.trim().match(/"[^"]*"|\[[^\]]*\]|[^ ]+/g)).toHaveLength(27);
  expect(record).toMatchObject({
    eventName: 'GetObject',
    eventCategory: 'Data',
    managementEvent: false,
    eventTime: '2026-03-10T10:05:00Z',
  });
});

test('repetitions are numbered in every text, and the same seed gives the same bytes', () => {
  const events: CaseEvent[] = [
    {
      log: 'access',
      at: '-1d',
      repeat: { every: '1h', count: 3 },
      operation: 'REST.GET.OBJECT',
      key: 'k{n}',
      remote_ip: '198.51.100.{n}',
      identity: 'role/app',
    },
  ];
  const text = expand(events)
    .map((object) => object.text)
    .join('');
  expect(text.match(/198\.51\.100\.\d/g)).toEqual(['198.51.100.0', '198.51.100.1', '198.51.100.2']);
  expect(expand(events)).toEqual(expand(events));
});

test('a wrong key of a case is an error', () => {
  const file = path.join(temporaryFolder('case'), 'case.yaml');
  fs.writeFileSync(file, 'why: a case with a typing mistake\nevents: [{ at: +1m, buckett: x }]\n');
  expect(() => readCase(file)).toThrow('buckett');
});
