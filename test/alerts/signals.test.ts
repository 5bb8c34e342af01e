/** What roll-ups get of the catalog: the windows of findings that are announced. */
import { expect, test } from 'vitest';
import { readSignals } from '../../alerts/signals.js';
import type { Signal } from '../../detectors/engine/signals.js';
import { AlertBench, backupRole, configOf, deletions, detection, hourMs, newAddresses, startMs } from './samples.js';

const span = { fromMs: startMs, toMs: startMs + 24 * hourMs, detectors: [deletions, newAddresses] };

async function signals(bench: AlertBench, yaml = ''): Promise<Signal[]> {
  const rules = { suppressions: configOf(yaml).suppressions, nowMs: bench.nowMs };
  return bench.transact((connection) => readSignals(connection, { ...span, rules }));
}

test('every window of a finding is one, with the worst of it left to the window', async () => {
  const bench = await AlertBench.open();
  const found = [detection({ hour: 1, severity: 'low' }), detection({ hour: 3, severity: 'critical', eventCount: 9 })];
  await bench.record(found);
  expect((await signals(bench)).map(({ severity, eventCount }) => [severity, eventCount])).toEqual([
    ['low', 2],
    ['critical', 9],
  ]);
  const [signal] = await signals(bench);
  expect(signal).toMatchObject({ detector: deletions, identity: { principal: backupRole, bucket: 'acme-logs' } });
  expect(signal!.evidence).toEqual(found[0]!.evidence);
});

test('suppressed windows and those of a dry run are none', async () => {
  const bench = await AlertBench.open();
  await bench.record([
    detection({ hour: 1 }),
    detection({ hour: 2, dryRun: true }),
    detection({ hour: 3, identity: { principal: 'eve' } }),
  ]);
  const yaml = `suppressions: [{ match: { principal: "${backupRole}" }, reason: nightly backup }]`;
  expect((await signals(bench, yaml)).map(({ identity }) => identity.principal)).toEqual(['eve']);
  expect(await signals(bench)).toHaveLength(2);
});

test('they belong where their first event is, and to detectors that are there', async () => {
  const bench = await AlertBench.open();
  await bench.record([detection({ hour: 23 }), detection({ hour: 24 }), detection({ hour: 30 })]);
  await bench.record([detection({ hour: 5, detector: { ...deletions, id: 'gone' } })]);
  expect((await signals(bench)).map(({ firstEventAtUs }) => firstEventAtUs)).toEqual([
    (startMs + 23 * hourMs + 5 * 60_000) * 1000,
  ]);
});
