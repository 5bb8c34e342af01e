/** Roll-ups: the order of signals changes nothing, evidence is that of the signals, and half of the points are left after a day. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DuckDBConnection } from '@duckdb/node-api';
import { parseConfig } from '../../config/load.js';
import type { Severity } from '../../config/severity.js';
import type { Detection } from '../../detectors/engine/detection.js';
import { runRollUps } from '../../detectors/engine/roll-up.js';
import { runDetectors } from '../../detectors/engine/run.js';
import { isRollUp, type Signal } from '../../detectors/engine/signals.js';
import { shippedDetectors } from '../../detectors/shipped.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { expandCase } from '../../fixtures/cases/expand.js';

const detectors = shippedDetectors();
const rollUps = detectors.filter(isRollUp);
const config = parseConfig('networks: { trusted: ["192.0.2.0/24"] }', 'test');
const fromMs = Date.parse('2026-03-10T00:00:00Z');
const window = { fromMs, toMs: fromMs + 86_400_000 };
const hourUs = 3_600_000_000;

let bench: CaseBench;
let connection: DuckDBConnection;
beforeAll(async () => {
  bench = await CaseBench.open();
  connection = await bench.lay([]);
});
afterAll(() => bench.close());

interface Facts {
  readonly id: string;
  readonly hour: number;
  readonly severity: Severity;
  readonly principal: string | null;
  readonly bucket?: string | null;
  readonly ip?: string | null;
}

function signal({ id, hour, severity, principal, bucket = null, ip = null }: Facts): Signal {
  const atUs = fromMs * 1000 + hour * hourUs;
  const detector = detectors.find((each) => each.id === id)!;
  const row = { logUri: `s3://logs/${id}`, requestId: null, action: null, key: null, status: null };
  return {
    detector,
    severity,
    windowStartUs: Math.floor(atUs / hourUs) * hourUs,
    firstEventAtUs: atUs,
    lastEventAtUs: atUs,
    eventCount: 1,
    identity: { account_id: null, region: null, bucket, key: null, principal, source_ip: ip, user_agent: null },
    evidence: Array.from({ length: 8 }, (_, n) => ({ ...row, eventTimeUs: atUs + n, logLine: n })),
  };
}

async function found(signals: readonly Signal[]): Promise<readonly Detection[]> {
  const { detections, problems } = await runRollUps(connection, detectors, { ...window, config, signals });
  expect(problems).toEqual([]);
  return detections;
}

test('there are some, and the ordinary run leaves them alone', async () => {
  expect(rollUps.map(({ id }) => id)).toEqual(['attack-sequence-data-compromise', 'entity-risk-threshold']);
  expect(await runDetectors(connection, rollUps, { ...window, config })).toEqual({ detections: [], problems: [] });
});

async function riskAfter(hours: number, severity: Severity): Promise<string | null | undefined> {
  const signals = [
    signal({ id: 'mass-object-delete', hour: 20 - hours, severity, principal: 'eve' }),
    signal({ id: 'principal-new-source-ip', hour: 20, severity: 'high', principal: 'eve' }),
  ];
  return (await found(signals)).find(({ detector }) => detector.id === 'entity-risk-threshold')?.observed;
}

describe('risk', () => {
  test.each([
    // 100 × 0.5^(hours / 24) + 50, by hand.
    [0, 'critical', '150 points'],
    [12, 'critical', '121 points'],
    [24, 'critical', '100 points'],
    [25, 'critical', undefined],
    [0, 'high', '100 points'],
    [1, 'high', undefined],
    [0, 'medium', undefined],
  ] as const)('%i hours after a %s finding is %s', async (hours, severity, observed) => {
    expect(await riskAfter(hours, severity)).toBe(observed);
  });

  test('is not that of trusted or private addresses', async () => {
    const signals = ['192.0.2.7', '10.0.0.7', '203.0.113.7'].flatMap((ip, n) =>
      ['mass-object-delete', 'principal-new-source-ip', 'versioning-suspended'].map((id, nth) =>
        signal({ id, hour: 1, severity: 'high', principal: `p${n}-${nth}`, ip }),
      ),
    );
    expect((await found(signals)).map(({ identity }) => identity.source_ip)).toEqual(['203.0.113.7']);
  });
});

test('evidence is the first row of each signal before the second of any, ten at most, in order of time', async () => {
  const ids = ['mass-object-delete', 'principal-new-source-ip', 'versioning-suspended', 'bucket-new-requester'];
  const [risk] = (await found(ids.map((id, hour) => signal({ id, hour, severity: 'high', principal: 'eve' })))).filter(
    ({ detector }) => detector.id === 'entity-risk-threshold',
  );
  const rows = risk!.evidence.map(({ logUri, logLine }) => `${logUri.slice('s3://logs/'.length)} ${logLine}`);
  expect(rows).toHaveLength(10);
  for (const id of ids) expect(rows).toContain(`${id} 0`);
  expect(rows.filter((row) => row.endsWith(' 2'))).toHaveLength(2);
  expect(risk!.evidence.map(({ eventTimeUs }) => eventTimeUs)).toEqual(
    risk!.evidence.map(({ eventTimeUs }) => eventTimeUs).toSorted((a, b) => a - b),
  );
});

test('what roll-ups found is no signal', async () => {
  const own = ['entity-risk-threshold', 'attack-sequence-data-compromise'];
  expect(await found(own.map((id) => signal({ id, hour: 1, severity: 'critical', principal: 'eve' })))).toEqual([]);
});

test('the order of signals changes nothing', async () => {
  const ids = [
    'mass-object-delete',
    'principal-new-source-ip',
    'versioning-suspended',
    'exfiltration-volume-anomaly',
    'object-listing-anomaly',
  ];
  const anySignal = fc.record({
    id: fc.constantFrom(...ids),
    hour: fc.integer({ min: -100, max: 23 }),
    severity: fc.constantFrom<Severity>('critical', 'high', 'medium', 'low'),
    principal: fc.constantFrom('eve', 'carl', null),
    bucket: fc.constantFrom('b1', 'b2', null),
    ip: fc.constantFrom('203.0.113.7', null),
  });
  // The catalog has one contribution a detector, entity and window.
  const anySignals = fc.uniqueArray(anySignal, {
    minLength: 4,
    maxLength: 25,
    selector: ({ id, hour, principal, bucket, ip }) => JSON.stringify([id, hour, principal, bucket, ip]),
  });
  await fc.assert(
    fc.asyncProperty(anySignals, fc.infiniteStream(fc.nat()), async (facts, keys) => {
      const signals = facts.map((each) => signal(each));
      const shuffled = signals
        .map((each) => ({ each, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each);
      expect(await found(shuffled)).toEqual(await found(signals));
    }),
    { numRuns: 25 },
  );
});

test('an attack as the logs have it is found step by step and then as a whole', async () => {
  const quietDays = { at: '-20d', repeat: { every: '3h', count: 158 }, remote_ip: '198.51.100.7' };
  const attack = { identity: 'user/eve', remote_ip: '203.0.113.66', bucket: 'acme-docs' };
  const story = {
    why: 'a stolen key reads and deletes',
    config: {},
    window: { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' },
    defaults: { log: 'access' as const, bucket: 'acme-docs', operation: 'REST.GET.OBJECT' },
    events: [
      { ...quietDays, identity: 'user/eve', key: 'a/{n}', bytes_sent: 1000 },
      { ...attack, at: '+1h', repeat: { every: '1s', count: 900 }, key: 'all/{n}', bytes_sent: 9_000_000 },
      { ...attack, at: '+2h', repeat: { every: '1s', count: 200 }, key: 'all/{n}', operation: 'REST.DELETE.OBJECT' },
    ],
    expect: [],
  };
  const logs = await bench.lay(expandCase(story, 'attack'));
  const { detections } = await runDetectors(logs, detectors, { ...window, config });
  const { detections: whole } = await runRollUps(logs, detectors, { ...window, config, signals: detections });
  expect(whole.map(({ detector, identity }) => [detector.id, identity.principal])).toEqual([
    ['attack-sequence-data-compromise', 'arn:aws:iam::111122223333:user/eve'],
    ['entity-risk-threshold', 'arn:aws:iam::111122223333:user/eve'],
  ]);
  expect(whole[0]!.evidence.length).toBeGreaterThan(3);
});
