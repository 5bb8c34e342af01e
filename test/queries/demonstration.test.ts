/** Whoever attacks in the demonstration is found by name, with the requests and the findings of the attack. */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load.js';
import { investigate, type Investigation } from '../../queries/investigation/investigate.js';
import { openReader } from '../../store/reader.js';
import { packageRoot } from '../../store/sql-files.js';
import { ReaderMachine } from '../docs/reader-machine.js';

interface Attack {
  readonly id: string;
  readonly detectors: readonly string[];
  readonly principal: string;
  readonly bucket: string | null;
  readonly from: string;
  readonly to: string;
}

const demo = path.join(packageRoot, 'fixtures/demo');
const attacks = JSON.parse(fs.readFileSync(path.join(demo, 'truth.json'), 'utf8')) as readonly Attack[];
let dataDir: string;

beforeAll(() => {
  ({ dataDir } = new ReaderMachine());
});

async function ask(subject: string, fromMs: number, toMs: number): Promise<Investigation> {
  const config = { ...loadConfig({ file: path.join(demo, 'bucketwatch.yaml'), env: {}, cwd: demo }), dataDir };
  const reader = await openReader({ dataDir, threads: 2, memoryBytes: 512e6 });
  try {
    return await investigate(reader.connection, subject, { period: { fromMs, toMs }, config });
  } finally {
    reader.close();
  }
}

describe('the attack', () => {
  it.each(attacks.map((attack) => [attack.id, attack] as const))('%s is there', async (_, attack) => {
    const { principal, bucket, from, to, detectors } = attack;
    const answer = await ask(principal, Date.parse(from), Date.parse(to) + 1000);
    const rows = (id: string) => answer.sections.find((section) => section.id === id)!.rows;
    expect(answer.timeline.length).toBeGreaterThan(0);
    const buckets = rows('actions').map((row) => row['bucket']);
    expect(bucket === null || buckets.includes(bucket)).toBe(true);
    const found = rows('findings').map((row) => row['detector']);
    expect(found).toEqual(expect.arrayContaining([...detectors]));
  });
});

describe('the stolen session', () => {
  it('leads from its address to the instance that it belongs to', async () => {
    const answer = await ask('2001:db8:bad::66', Date.parse('2026-10-01'), Date.parse('2026-12-01'));
    const elsewhere = answer.sections.find(({ id }) => id === 'same-session')!.rows;
    expect(elsewhere.map((row) => `${String(row['link'])} ${String(row['source_ip'])}`).toSorted()).toEqual([
      'same access key 10.20.3.10',
      'same session 10.20.3.10',
    ]);
  });
});
