/** Listing findings, finding one, and what people may do with it. */
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  close,
  countFindingsOfRun,
  getFinding,
  listFindings,
  reopen,
  type FindingFilters,
} from '../../alerts/findings-store.js';
import { openReader } from '../../store/reader.js';
import { AlertBench, backupRole, detection, hourMs, newAddresses, startMs } from './samples.js';

async function filledBench(): Promise<AlertBench> {
  const bench = await AlertBench.open();
  await bench.record([
    detection({ hour: 1, severity: 'low' }),
    detection({ hour: 2, severity: 'critical', identity: { bucket: 'acme_trail', principal: 'root:111122223333' } }),
    detection({ hour: 3, severity: 'high', identity: { bucket: 'acmextrail', principal: 'service:100%' } }),
  ]);
  await bench.record([detection({ hour: 4, severity: 'high', detector: newAddresses, identity: { bucket: null } })]);
  return bench;
}

const decision = { by: 'analyst@example.com', note: 'looked at', nowMs: startMs + 100 * hourMs };

describe('listing', () => {
  const cases: [string, FindingFilters, (string | null)[]][] = [
    ['everything, worst first and then the latest', {}, ['acme_trail', null, 'acmextrail', 'acme-logs']],
    ['a minimum severity', { minSeverity: 'high' }, ['acme_trail', null, 'acmextrail']],
    ['a detector by pattern', { detector: 'principal-*' }, [null]],
    ['a bucket, whose name is no pattern but for *', { bucket: 'acme_trail' }, ['acme_trail']],
    ['a bucket by pattern', { bucket: 'acme*' }, ['acme_trail', 'acmextrail', 'acme-logs']],
    ['a principal with a percent sign', { principal: 'service:100%' }, ['acmextrail']],
    ['a principal by pattern', { principal: '*:role/backup' }, [null, 'acme-logs']],
    ['events since a time', { sinceMs: startMs + 3 * hourMs }, [null, 'acmextrail']],
    ['a limit', { limit: 1 }, ['acme_trail']],
    ['states', { states: ['closed', 'suppressed'] }, []],
    ['no state at all', { states: [] }, []],
  ];

  test.each(cases)('takes %s', async (_, filters, buckets) => {
    const bench = await filledBench();
    const findings = await bench.transact((connection) => listFindings(connection, filters));
    expect(findings.map(({ bucket }) => bucket)).toEqual(buckets);
  });

  test('works on the snapshot of a reader', async () => {
    const bench = await filledBench();
    await bench.store.finish('done');
    const reader = await openReader({ dataDir: bench.store.directory.root, threads: 1, memoryBytes: 256e6 });
    try {
      const findings = await listFindings(reader.connection, { principal: backupRole });
      expect(findings).toEqual(
        await bench.transact((connection) => listFindings(connection, { principal: backupRole })),
      );
      const { finding } = await getFinding(reader.connection, findings[0]!.id.slice(0, 12));
      expect(finding).toEqual(findings[0]);
    } finally {
      reader.close();
    }
  });
});

describe('asking for one finding', () => {
  test('takes the first six characters of its id, in either case', async () => {
    const bench = await filledBench();
    const [{ id } = { id: '' }] = await bench.findings();
    const { finding } = await bench.transact((connection) => getFinding(connection, id.slice(0, 6).toUpperCase()));
    expect(finding.id).toBe(id);
  });

  test('names the candidates when several ids begin alike', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 }), detection({ hour: 1, identity: { bucket: 'acme-trail' } })]);
    await bench.transact((connection) => connection.run(`update findings set id = 'abcdef' || substr(id, 7)`));
    const ids = (await bench.findings()).map(({ id }) => id.slice(0, 12)).sort();
    await expect(bench.transact((connection) => getFinding(connection, 'abcdef'))).rejects.toMatchObject({
      code: 'name-unknown',
      message: `finding "abcdef": is the start of several ids; expected one of ${ids.join(', ')}`,
    });
  });

  test('names the id that was nearly given', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    const mistyped = `${id.slice(0, 9)}${id[9] === '0' ? '1' : '0'}`;
    await expect(bench.transact((connection) => getFinding(connection, mistyped))).rejects.toMatchObject({
      code: 'name-unknown',
      message: `finding "${mistyped}": no finding has this id; did you mean ${id.slice(0, 10)}?`,
    });
  });

  test.each(['', 'abc', 'xyz123', "abcdef' or 1=1", '%%%%%%'])(
    'refuses %j, which is no start of an id',
    async (given) => {
      const bench = await AlertBench.open();
      await expect(bench.transact((connection) => getFinding(connection, given))).rejects.toMatchObject({
        code: 'name-unknown',
      });
    },
  );
});

describe('changing a state', () => {
  test('says who, when and why', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => acknowledge(connection, id.slice(0, 8), decision));
    await bench.transact((connection) => close(connection, id, { ...decision, note: null }));
    const record = await bench.transact((connection) => reopen(connection, id, { ...decision, note: 'not over' }));
    const at = '2026-03-05T04:00:00.000Z';
    expect(record).toMatchObject({ finding: { state: 'open', updated_at: at, run_id: 'run-1' }, reason: 'not over' });
    expect(record.life.changes).toEqual([
      { at, by: 'analyst@example.com', state: 'acknowledged', note: 'looked at' },
      { at, by: 'analyst@example.com', state: 'closed', note: null },
      { at, by: 'analyst@example.com', state: 'open', note: 'not over' },
    ]);
    expect(await bench.finding()).toEqual(record.finding);
  });

  test('refuses to acknowledge what is closed', async () => {
    const bench = await AlertBench.open();
    await bench.record([detection({ hour: 1 })]);
    const { id } = await bench.finding();
    await bench.transact((connection) => close(connection, id, decision));
    await expect(bench.transact((connection) => acknowledge(connection, id, decision))).rejects.toMatchObject({
      code: 'usage',
    });
    expect((await bench.finding()).state).toBe('closed');
  });
});

test('a run is told how many findings it opened or changed, each once', async () => {
  const bench = await AlertBench.open();
  await bench.record([detection({ hour: 1 })], { runId: 'run-a' });
  await bench.record(
    [detection({ hour: 2 }), detection({ hour: 2, severity: 'low', identity: { bucket: 'acme-trail' } })],
    { runId: 'run-a' },
  );
  expect(await bench.transact((connection) => countFindingsOfRun(connection, 'run-a'))).toEqual({ high: 1, low: 1 });
  expect(await bench.transact((connection) => countFindingsOfRun(connection, 'run-b'))).toEqual({});
});
