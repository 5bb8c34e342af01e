/** The life of findings over runs: what opens, updates, merges, closes and stays quiet. */
import { describe, expect, test } from 'vitest';
import { findingId } from '../../alerts/finding.js';
import { acknowledge, close, getFinding, reopen } from '../../alerts/findings-store.js';
import type { Detection } from '../../detectors/engine/detection.js';
import { queryRows } from '../../store/duckdb.js';
import { AlertBench, configOf, deletions, detection, newAddresses } from './samples.js';

async function openFindings(bench: AlertBench) {
  return (await bench.findings())
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => (a.first_event_at < b.first_event_at ? -1 : 1));
}

function decision(bench: AlertBench, note: string | null = null) {
  return { by: 'analyst@example.com', note, nowMs: bench.nowMs };
}

describe('recording', () => {
  test('opens a finding for each entity', async () => {
    const bench = await AlertBench.open();
    const summary = await bench.record([
      detection({ hour: 1 }),
      detection({ hour: 1, severity: 'low', identity: { bucket: 'acme-trail' } }),
    ]);
    expect(summary.new).toEqual({ high: 1, low: 1 });
    expect((await bench.findings()).map(({ bucket, state }) => [bucket, state])).toEqual([
      ['acme-logs', 'open'],
      ['acme-trail', 'open'],
    ]);
  });

  test('changes nothing when the same detections come again', async () => {
    const bench = await AlertBench.open();
    const detections = [detection({ hour: 1 }), detection({ hour: 3 })];
    await bench.record(detections);
    const before = await bench.findings();
    bench.clockHour += 5;
    expect(await bench.record(detections)).toMatchObject({ new: {}, updated: {}, closed: 0 });
    expect(await bench.findings()).toEqual(before);
  });

  test('updates the open finding with events within 24 hours, and keeps its id', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    const summary = await bench.record([detection({ hour: 24, eventCount: 5 })]);
    expect(summary).toMatchObject({ new: {}, updated: { high: 1 } });
    expect(await bench.finding()).toMatchObject({
      id,
      state: 'updated',
      event_count: 7,
      first_event_at: '2026-03-01T01:05:00.000Z',
    });
  });

  test('opens another finding for events after a silence of more than 24 hours', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    await bench.record([detection({ hour: 26 })]);
    expect((await openFindings(bench)).map(({ event_count }) => event_count)).toEqual([2, 2]);
  });

  test('replaces what a window contributed when late rows change it', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1, eventCount: 2 }), detection({ hour: 2, eventCount: 3 })]);
    await bench.record([detection({ hour: 1, eventCount: 4 })]);
    expect((await bench.finding()).event_count).toBe(7);
  });

  test('lets a finding keep its id when earlier events turn up', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 5 })]);
    const { id } = await bench.finding();
    await bench.record([detection({ hour: 2 })]);
    expect(await bench.finding()).toMatchObject({ id, first_event_at: '2026-03-01T02:05:00.000Z' });
  });

  test('joins two findings when late events fill the silence between them', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    bench.clockHour += 1;
    await bench.record([detection({ hour: 41 })]);
    const summary = await bench.record([detection({ hour: 20 })]);
    expect(summary).toMatchObject({ updated: { high: 1 }, closed: 1 });
    const [joined, ...others] = await openFindings(bench);
    expect([joined!.id, joined!.event_count, others]).toEqual([id, 6, []]);
  });

  test('takes them apart again when the events between turn out to be none', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    await bench.record([detection({ hour: 41 })]);
    const before = (await openFindings(bench)).map(({ id }) => id);
    await bench.record([detection({ hour: 20 })]);
    await bench.record([], { hours: [20, 20] });
    expect((await openFindings(bench)).map(({ id }) => id)).toEqual(before);
  });

  test('gives each part of what comes apart the id that its own first event makes', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 41 })]);
    const { id } = await bench.finding();
    await bench.record([detection({ hour: 1 }), detection({ hour: 20 })]);
    await bench.record([], { hours: [20, 20] });
    const [early, late] = await openFindings(bench);
    expect(late!.id).toBe(id);
    expect(early!.id).toBe(findingId(early!.dedupe_key, early!.first_event_at));
  });

  test('takes away what a tested window no longer shows', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 }), detection({ hour: 2, severity: 'critical' })]);
    await bench.record([], { hours: [2, 2] });
    expect(await bench.finding()).toMatchObject({ state: 'updated', severity: 'high', event_count: 2 });
  });

  test('closes a finding of which nothing is left, with a note, and opens it again under its id', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    expect((await bench.record([], { hours: [0, 5] })).closed).toBe(1);
    expect(await bench.transact((connection) => getFinding(connection, id))).toMatchObject({
      finding: { state: 'closed', event_count: 2 },
      reason: 'its events no longer match the detector',
    });
    await bench.record([detection({ hour: 2 })]);
    expect(await bench.finding()).toMatchObject({ id, state: 'open', event_count: 2 });
  });

  test('leaves findings alone whose detector did not run', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    await bench.record([], { hours: [0, 5], detectors: [newAddresses] });
    expect((await bench.finding()).state).toBe('open');
  });

  test('neither shrinks nor empties a day of which only an hour was looked at', async () => {
    const bench = await AlertBench.open();
    const day = { detector: newAddresses, hour: 0 };
    await bench.record([detection({ ...day, eventCount: 40 })], { hours: [0, 23] });
    await bench.record([detection({ ...day, eventCount: 1 })], { hours: [13, 13] });
    await bench.record([], { hours: [0, 5] });
    expect((await bench.finding()).event_count).toBe(40);
    await bench.record([detection({ ...day, eventCount: 30 })], { hours: [0, 23] });
    expect((await bench.finding()).event_count).toBe(30);
  });

  test('rises and falls in severity with its worst window', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1, severity: 'medium' })]);
    await bench.record([detection({ hour: 2, severity: 'critical' })]);
    expect((await bench.finding()).severity).toBe('critical');
    await bench.record([detection({ hour: 2, severity: 'low' })]);
    expect((await bench.finding()).severity).toBe('medium');
  });

  test('calls a finding updated for new facts, not for a new wording of its detector', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const reworded = { ...deletions, nextSteps: ['Ask.'] };
    await bench.record([detection({ hour: 1, detector: reworded })], { detectors: [reworded] });
    expect(await bench.finding()).toMatchObject({ state: 'open', next_steps: ['Ask.'], run_id: 'run-1' });
  });

  test('rolls back with the transaction of the caller', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const failing = bench.transact(async (connection) => {
      await connection.run('delete from findings');
      throw new Error('power cut');
    });
    await expect(failing).rejects.toThrow('power cut');
    expect((await bench.finding()).state).toBe('open');
  });
});

describe('people', () => {
  test('acknowledge a finding, which then counts on quietly', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => acknowledge(connection, id, decision(bench)));
    expect((await bench.record([detection({ hour: 2 })])).findings).toEqual({});
    expect(await bench.finding()).toMatchObject({ state: 'acknowledged', event_count: 4 });
  });

  test('hear again of an acknowledged finding when its severity rises', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => acknowledge(connection, id, decision(bench)));
    await bench.record([detection({ hour: 2, severity: 'critical' })]);
    expect((await bench.finding()).state).toBe('updated');
    const { life } = await bench.transact((connection) => getFinding(connection, id));
    expect(life.changes.map(({ by, note }) => [by, note])).toEqual([
      ['analyst@example.com', null],
      ['bucketwatch', 'severity rose from high to critical'],
    ]);
  });

  test('close a finding, which takes in what follows within 24 hours', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => close(connection, id, decision(bench, 'planned')));
    await bench.record([detection({ hour: 20 })]);
    expect(await bench.finding()).toMatchObject({ id, state: 'closed', event_count: 4 });
  });

  test('get a new finding for events more than 24 hours after what they closed, even in a row', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => close(connection, id, decision(bench)));
    await bench.record([detection({ hour: 20 })]);
    expect((await bench.record([detection({ hour: 30 })])).new).toEqual({ high: 1 });
    expect((await openFindings(bench)).map(({ event_count }) => event_count)).toEqual([2]);
  });

  test('get a new finding at once for something worse than what they closed', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1, severity: 'medium' })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => close(connection, id, decision(bench)));
    expect((await bench.record([detection({ hour: 2, severity: 'critical' })])).new).toEqual({ critical: 1 });
  });

  test('find a closed finding closed although all of it went away', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => close(connection, id, decision(bench, 'planned')));
    await bench.record([], { hours: [1, 1] });
    expect(await bench.transact((connection) => getFinding(connection, id))).toMatchObject({
      finding: { state: 'closed' },
      reason: 'planned',
    });
  });

  test('reopen a finding, which then takes in new events again', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => close(connection, id, decision(bench)));
    await bench.transact((connection) => reopen(connection, id, decision(bench)));
    await bench.record([detection({ hour: 2 })]);
    expect(await bench.finding()).toMatchObject({ id, state: 'updated', event_count: 4 });
  });
});

describe('suppressions', () => {
  const nightly = `suppressions: [{ detector: "log-*", match: { principal: "*:role/backup" }, reason: nightly backup, expires: 2026-03-03 }]`;

  test('keep a finding and say why it is quiet', async () => {
    const bench = await AlertBench.open();
    const summary = await bench.record([detection({ hour: 1 })], { config: configOf(nightly) });
    expect(summary).toMatchObject({ findings: {}, suppressed: { 'nightly backup': 1 } });
    const { id, state } = await bench.finding();
    const { reason } = await bench.transact((connection) => getFinding(connection, id));
    expect([state, reason]).toEqual(['suppressed', 'nightly backup']);
  });

  test('hold to the end of their last day', async () => {
    const bench = await AlertBench.open();
    bench.clockHour = 71;
    await bench.record([detection({ hour: 60 })], { config: configOf(nightly) });
    expect((await bench.finding()).state).toBe('suppressed');
    bench.clockHour = 72;
    await bench.record([detection({ hour: 60 })], { config: configOf(nightly) });
    expect((await bench.finding()).state).toBe('open');
  });

  test('quieten a finding only when they match every window of it', async () => {
    const bench = await AlertBench.open();
    const config = configOf('suppressions: [{ match: { source_ip: 203.0.113.0/24 }, reason: office }]');
    await bench.record([detection({ hour: 1, severity: 'critical' })], { config });
    await bench.record([detection({ hour: 2, severity: 'low', identity: { source_ip: '198.51.100.9' } })], { config });
    expect(await bench.finding()).toMatchObject({
      state: 'open',
      severity: 'low',
      source_ip: '198.51.100.9',
      event_count: 4,
    });
  });

  test.each([
    ['an address', '{ source_ip: 203.0.113.7 }', true],
    ['a network', '{ source_ip: [198.51.100.0/24, 203.0.113.0/28] }', true],
    ['an IPv6 network', '{ source_ip: "2001:db8::/32" }', false],
    ['a pattern', '{ bucket: "acme-*", principal: "*:role/backup" }', true],
    ['only some fields', '{ bucket: "acme-*", principal: "*:role/admin" }', false],
    ['a field about which the finding says nothing', '{ key: "*" }', false],
  ])('that name %s', async (_, match, isSuppressed) => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })], {
      config: configOf(`suppressions: [{ match: ${match}, reason: known }]`),
    });
    expect((await bench.finding()).state).toBe(isSuppressed ? 'suppressed' : 'open');
  });

  test('of a network leave alone what is no address', async () => {
    const bench = await AlertBench.open();
    const config = configOf('suppressions: [{ match: { source_ip: 0.0.0.0/0 }, reason: any }]');
    await bench.record([detection({ hour: 1, identity: { source_ip: 'cloudtrail.amazonaws.com' } })], { config });
    expect((await bench.finding()).state).toBe('open');
  });

  test('are not needed for a detector that runs dry', async () => {
    const bench = await AlertBench.open();
    const summary = await bench.record([detection({ hour: 1, dryRun: true })]);
    expect(summary.suppressed).toEqual({ 'dry run': 1 });
    expect((await bench.finding()).state).toBe('suppressed');
  });
});

function flood(count: number, hour = 1): Detection[] {
  return Array.from({ length: count }, (_, index) =>
    detection({ hour, severity: 'low', identity: { bucket: `acme-${index}` } }),
  );
}

describe('a noisy detector', () => {
  test('raises one finding, as severe as the worst of what it found', async () => {
    const bench = await AlertBench.open();
    const worst = detection({ hour: 2, severity: 'critical' });
    const summary = await bench.record([...flood(6), worst], { noisyLimit: 5 });
    expect(summary).toMatchObject({ new: { critical: 1 }, noisyDetectors: [deletions.id] });
    expect(await bench.finding()).toMatchObject({
      title: 'noisy detector: log objects deleted',
      detector: deletions.id,
      severity: 'critical',
      event_count: 14,
      principal: worst.identity.principal,
    });
  });

  test('has its limit at exactly the number that is allowed', async () => {
    const bench = await AlertBench.open();
    await bench.record(flood(5), { noisyLimit: 5 });
    expect(await bench.findings()).toHaveLength(5);
  });

  test('leaves findings of quieter runs as they were', async () => {
    const bench = await AlertBench.open();
    await bench.record(flood(2));
    await bench.record(flood(6), { noisyLimit: 5 });
    expect((await openFindings(bench)).map(({ state }) => state)).toEqual(['open', 'open', 'open']);
  });

  test('takes its finding back when the same span is quiet again', async () => {
    const bench = await AlertBench.open();
    await bench.record(flood(6), { noisyLimit: 5 });
    await bench.record(flood(2), { noisyLimit: 5 });
    expect((await openFindings(bench)).map(({ bucket }) => bucket)).toEqual(
      expect.arrayContaining(['acme-0', 'acme-1']),
    );
  });

  test('does not count what is suppressed', async () => {
    const bench = await AlertBench.open();
    const config = configOf(
      'suppressions: [{ match: { bucket: "acme-?*" }, reason: x }, { match: { bucket: "acme-*" }, reason: test }]',
    );
    const loud = detection({ hour: 1, identity: { bucket: 'other-logs' } });
    await bench.record([...flood(6), loud], { noisyLimit: 5, config });
    const states = (await bench.findings()).map(({ bucket, state }) => [bucket, state]);
    expect(states).toEqual([
      ['other-logs', 'open'],
      [null, 'suppressed'],
    ]);
  });
});

test('the tables can be asked in SQL by column', async () => {
  const bench = await AlertBench.open();
  await bench.record([detection({ hour: 1 })]);
  const sql =
    'select bucket, title, count(*)::integer as windows from findings join finding_windows on finding_id = id group by all';
  const rows = await bench.transact((connection) => queryRows(connection, sql));
  expect(rows).toEqual([{ bucket: 'acme-logs', title: 'log objects deleted', windows: 1 }]);
});
