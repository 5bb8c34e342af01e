/** Golden files: fixtures/logs/cloudtrail/<name>.json beside <name>.expected.jsonl, one object per row or reject in order. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCloudtrail, type Row } from './cloudtrail-harness.js';

const folder = path.join(import.meta.dirname, '../../fixtures/logs/cloudtrail');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -'.json'.length));

/** Where a row or a reject was in its object; a rejected object comes first. */
function place(row: Row): number {
  return Number(row['log_index'] ?? row['log_line'] ?? -1);
}

function expectedText(name: string, cuts: number[]): string {
  const bytes = readFileSync(path.join(folder, `${name}.json`));
  const { rows, rejects } = parseCloudtrail(bytes, { uri: `${name}.json`, cuts });
  const all = [...rows, ...rejects].sort((a, b) => place(a) - place(b));
  return all
    .map((row) => `${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}\n`)
    .join('');
}

describe('cloudtrail golden files', () => {
  it.each(names)('%s', async (name) => {
    await expect(expectedText(name, [])).toMatchFileSnapshot(path.join(folder, `${name}.expected.jsonl`));
  });

  it.each(names)(
    '%s, in blocks that end anywhere',
    (name) => {
      const whole = expectedText(name, []);
      const { length } = readFileSync(path.join(folder, `${name}.json`));
      const step = Math.max(1, Math.floor(length / 80));
      for (let cut = 0; cut <= length; cut += step) expect(expectedText(name, [cut])).toBe(whole);
      expect(
        expectedText(
          name,
          Array.from({ length: Math.floor(length / 97) }, (_, index) => index * 97),
        ),
      ).toBe(whole);
    },
    60_000,
  );
});
