/** How often suppressions held: counted once a window, whatever is looked at again. */
import { describe, expect, test } from 'vitest';
import { suppressionStates, type SuppressionState } from '../../alerts/suppression-hits.js';
import type { Detection } from '../../detectors/engine/detection.js';
import { AlertBench, backupRole, configOf, detection, newAddresses, startMs, type Recording } from './samples.js';

const rule = (fields: string): string => `{ match: { principal: "${backupRole}" }, reason: nightly backup, ${fields} }`;
const config = configOf(
  `suppressions: [{ match: { bucket: acme-old }, reason: gone }, ${rule('owner: storage@example.com, expires: 2027-01-31')}]`,
);

async function states(bench: AlertBench, given = config): Promise<SuppressionState[]> {
  const rules = { suppressions: given.suppressions, nowMs: bench.nowMs };
  return bench.transact((connection) => suppressionStates(connection, rules));
}

/** The hits of the rule of the backup. */
async function hits(bench: AlertBench): Promise<number> {
  return (await states(bench))[1]!.hits;
}

async function record(bench: AlertBench, hours: readonly number[], recording: Recording = {}): Promise<void> {
  await bench.record(
    hours.map((hour) => detection({ hour })),
    { config, ...recording },
  );
}

function daily(address: string): Detection {
  return detection({ hour: 1, detector: newAddresses, identity: { source_ip: address } });
}

describe('a suppression', () => {
  test('is listed with its reason, owner, last day, hits and last hit', async () => {
    const bench = await AlertBench.open();
    await record(bench, [1, 2]);
    expect(await states(bench)).toEqual([
      {
        detector: '*',
        match: { bucket: ['acme-old'] },
        reason: 'gone',
        owner: null,
        expires: null,
        is_expired: false,
        hits: 0,
        last_hit_at: null,
      },
      {
        detector: '*',
        match: { principal: [backupRole] },
        reason: 'nightly backup',
        owner: 'storage@example.com',
        expires: '2027-01-31',
        is_expired: false,
        hits: 2,
        last_hit_at: '2026-03-01T02:06:00.000Z',
      },
    ]);
  });

  test('counts a window once, however often it is looked at', async () => {
    const bench = await AlertBench.open();
    await record(bench, [1, 2]);
    await record(bench, [1, 2]);
    await record(bench, [2]);
    expect(await hits(bench)).toBe(2);
  });

  test('counts what a window shows now', async () => {
    const bench = await AlertBench.open();
    await record(bench, [1, 2]);
    await record(bench, [], { hours: [2, 2] });
    expect(await hits(bench)).toBe(1);
  });

  test('keeps the count of a day that is looked at in part', async () => {
    const bench = await AlertBench.open();
    await bench.record([daily('203.0.113.7'), daily('203.0.113.8')], { config, hours: [0, 23] });
    await bench.record([daily('203.0.113.7')], { config, hours: [1, 1] });
    await bench.record([], { config, hours: [5, 5] });
    expect(await hits(bench)).toBe(2);
  });

  test('keeps its count when only reason, owner or last day change', async () => {
    const bench = await AlertBench.open();
    await record(bench, [1]);
    const renewed = configOf(`suppressions: [${rule('owner: ops@example.com, expires: 2028-01-31')}]`);
    expect(await states(bench, renewed)).toMatchObject([{ owner: 'ops@example.com', hits: 1 }]);
  });

  test('holds through its last day, and counts nothing behind it', async () => {
    const bench = await AlertBench.open();
    bench.clockHour = (Date.parse('2027-01-31T23:59:59Z') - startMs) / 3_600_000;
    expect((await states(bench))[1]!.is_expired).toBe(false);
    bench.clockHour = (Date.parse('2027-02-01T00:00:00Z') - startMs) / 3_600_000;
    expect((await states(bench))[1]!.is_expired).toBe(true);
    await record(bench, [1]);
    expect(await hits(bench)).toBe(0);
  });

  test('does not count what a dry run holds back', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1, dryRun: true })], { config });
    expect(await hits(bench)).toBe(0);
  });
});
