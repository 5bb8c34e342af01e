/** What sinks get to hear, and when. */
import { describe, expect, test } from 'vitest';
import { findingSchema } from '../../alerts/finding.js';
import { acknowledge, close } from '../../alerts/findings-store.js';
import { markDelivered, markFailed, maxAttempts, pendingAlerts, type WaitingAlert } from '../../alerts/outbox.js';
import { namedSinks } from '../../alerts/sink-name.js';
import type { Severity } from '../../config/severity.js';
import type { Detection } from '../../detectors/engine/detection.js';
import { queryRows } from '../../store/duckdb.js';
import { AlertBench, configOf, detection, type Recording } from './samples.js';

const stdout = configOf('sinks: [{ type: stdout }]');

/** A bench whose alerts are delivered as soon as they are asked for. */
class OutboxBench {
  private constructor(readonly bench: AlertBench) {}

  static async open(): Promise<OutboxBench> {
    return new OutboxBench(await AlertBench.open());
  }

  async record(
    hour: number,
    { severity = 'high', ...recording }: Recording & { severity?: Severity } = {},
  ): Promise<void> {
    await this.bench.record([detection({ hour, severity })], { config: stdout, ...recording });
  }

  pending(): Promise<WaitingAlert[]> {
    return this.bench.transact((connection) => pendingAlerts(connection));
  }

  /** Takes what is pending, as a sink would. */
  async deliver(): Promise<string[]> {
    const alerts = await this.pending();
    await this.bench.transact((connection) => markDelivered(connection, alerts, this.bench.nowMs));
    return alerts.map(({ reason }) => reason);
  }

  async states(): Promise<unknown[]> {
    return this.bench.transact((connection) =>
      queryRows(connection, 'select state, last_error from outbox order by created_at, revision'),
    );
  }
}

describe('a sink', () => {
  test('gets the first of a finding, as the whole finding', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    const [alert] = await outbox.pending();
    expect(findingSchema.parse(alert!.content)).toEqual(await outbox.bench.finding());
    expect(alert).toMatchObject({ sink: 'stdout', reason: 'first', attempts: 0 });
  });

  test('hears nothing when nothing changed', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    await outbox.deliver();
    outbox.bench.clockHour += 100;
    await outbox.record(1);
    expect(await outbox.pending()).toEqual([]);
  });

  test.each([
    ['critical', 1],
    ['high', 1],
    ['medium', 24],
    ['low', 24],
    ['info', 24],
  ] as const)('hears once of updates of a %s finding, after %i h', async (severity, coolDownHours) => {
    const outbox = await OutboxBench.open();
    await outbox.record(1, { severity });
    await outbox.deliver();
    outbox.bench.clockHour += coolDownHours - 0.1;
    await outbox.record(2, { severity });
    await outbox.record(3, { severity });
    expect(await outbox.deliver()).toEqual([]);
    outbox.bench.clockHour += 0.1;
    await outbox.bench.record([], { config: stdout, hours: [5, 5] });
    expect(await outbox.deliver()).toEqual(['update']);
    expect((await outbox.bench.finding()).event_count).toBe(6);
  });

  test('hears at once of a rise in severity', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1, { severity: 'low' });
    await outbox.deliver();
    await outbox.record(2, { severity: 'medium' });
    expect(await outbox.deliver()).toEqual(['severity']);
  });

  test('hears of a finding from its minimum on, and then for the first time', async () => {
    const outbox = await OutboxBench.open();
    const config = configOf('sinks: [{ type: stdout, min_severity: high }]');
    await outbox.record(1, { severity: 'medium', config });
    expect(await outbox.deliver()).toEqual([]);
    await outbox.record(2, { severity: 'high', config });
    expect(await outbox.deliver()).toEqual(['first']);
  });

  test('that is new is not told of what older runs found', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1, { config: configOf() });
    await outbox.bench.record([], { config: stdout, hours: [50, 50] });
    expect(await outbox.pending()).toEqual([]);
    await outbox.record(2);
    expect(await outbox.deliver()).toEqual(['first']);
  });

  test('gets one alert for a finding that changes before its delivery', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    await outbox.record(2, { severity: 'critical' });
    const alerts = await outbox.pending();
    expect(alerts.map(({ reason, content }) => [reason, content.severity])).toEqual([['first', 'critical']]);
  });

  test('does not keep another sink from its alerts', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1, {
      config: configOf(
        'sinks: [{ type: stdout }, { type: jsonl, path: /tmp/findings.jsonl, min_severity: critical }, { type: cloudwatch }]',
      ),
    });
    expect((await outbox.pending()).map(({ sink }) => sink)).toEqual(['stdout']);
  });
});

describe('quiet findings', () => {
  test('never reach the outbox while they are suppressed, and do when they are not any more', async () => {
    const outbox = await OutboxBench.open();
    const quiet = configOf('sinks: [{ type: stdout }]\nsuppressions: [{ detector: log-*, reason: known }]');
    await outbox.record(1, { config: quiet });
    expect(await outbox.states()).toEqual([]);
    await outbox.record(1);
    expect(await outbox.deliver()).toEqual(['first']);
  });

  test('take their alert back when they are suppressed before its delivery', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    await outbox.record(1, {
      config: configOf('sinks: [{ type: stdout }]\nsuppressions: [{ detector: log-*, reason: known }]'),
    });
    expect(await outbox.states()).toEqual([{ state: 'withdrawn', last_error: null }]);
  });

  test('take their alert back when somebody closes them', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    const { id } = await outbox.bench.finding();
    await outbox.bench.transact((connection) =>
      close(connection, id, { by: 'me', note: null, nowMs: outbox.bench.nowMs }),
    );
    expect(await outbox.pending()).toEqual([]);
  });

  test('stay quiet when they are acknowledged, until they get worse', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    await outbox.deliver();
    const { id } = await outbox.bench.finding();
    await outbox.bench.transact((connection) =>
      acknowledge(connection, id, { by: 'me', note: null, nowMs: outbox.bench.nowMs }),
    );
    outbox.bench.clockHour += 30;
    await outbox.record(2);
    expect(await outbox.deliver()).toEqual([]);
    await outbox.record(3, { severity: 'critical' });
    expect(await outbox.deliver()).toEqual(['severity']);
  });
});

describe('ids', () => {
  test('are the same when a crash makes a run start over', async () => {
    const outbox = await OutboxBench.open();
    const ids: string[][] = [];
    const crashing = async (runId: string): Promise<void> => {
      await outbox.record(1, { runId, detectors: [] });
      ids.push((await outbox.pending()).map(({ id }) => id));
      await outbox.bench.transact(async (connection) => {
        for (const table of ['findings', 'finding_windows', 'outbox']) await connection.run(`delete from ${table}`);
      });
    };
    await crashing('run-1');
    await crashing('run-2');
    expect(ids[0]).toHaveLength(1);
    expect(ids[1]).toEqual(ids[0]);
  });

  test('differ between sinks and between announcements', async () => {
    const outbox = await OutboxBench.open();
    const config = configOf('sinks: [{ type: stdout }, { type: jsonl, path: /tmp/findings.jsonl }]');
    const ids: string[] = [];
    for (const severity of ['low', 'high'] as const) {
      await outbox.record(1, { severity, config });
      ids.push(...(await outbox.pending()).map(({ id }) => id));
      await outbox.deliver();
    }
    expect(new Set(ids).size).toBe(4);
  });

  test('name sinks by address, number equal ones and hide the path of a webhook', () => {
    const { sinks } = configOf(`sinks:
  - { type: stdout }
  - { type: stdout, format: text }
  - { type: webhook, url: "https://hooks.example.com/secret/path" }
  - { type: webhook, url_env: HOOK }
  - { type: sns, topic_arn: "arn:aws:sns:eu-central-1:111122223333:bucketwatch" }
  - { type: cloudwatch }`);
    expect(namedSinks(sinks).map(({ name }) => name)).toEqual([
      'stdout',
      'stdout#2',
      expect.stringMatching(/^webhook:hooks\.example\.com\/[0-9a-f]{8}$/),
      'webhook:$HOOK',
      'sns:arn:aws:sns:eu-central-1:111122223333:bucketwatch',
    ]);
  });
});

function storm(count: number, hour: number, severity: Severity): Detection[] {
  return Array.from({ length: count }, (_, index) =>
    detection({ hour, severity, identity: { bucket: `acme-${severity}-${index}` } }),
  );
}

describe('a storm', () => {
  test('reaches a sink as 50 alerts, the worst, and one digest of the rest', async () => {
    const outbox = await OutboxBench.open();
    await outbox.bench.record([...storm(58, 1, 'low'), ...storm(3, 2, 'critical')], { config: stdout, runId: 'storm' });
    const alerts = await outbox.pending();
    expect(alerts).toHaveLength(51);
    expect(alerts.slice(0, 4).map(({ content }) => content.severity)).toEqual([
      'critical',
      'critical',
      'critical',
      'low',
    ]);
    expect(alerts.at(-1)).toMatchObject({
      reason: 'digest',
      content: {
        schema: 'bucketwatch.digest/1',
        title: '11 more findings',
        severity: 'low',
        detectors: [{ detector: 'log-bucket-object-deleted', severity: 'low', findings: 11 }],
      },
    });
  });

  test('counts all windows of a run, and a worse finding of a later one takes the place of a milder', async () => {
    const outbox = await OutboxBench.open();
    await outbox.bench.record(storm(55, 1, 'low'), { config: stdout, runId: 'storm' });
    await outbox.bench.record(storm(2, 2, 'critical'), { config: stdout, runId: 'storm' });
    const alerts = await outbox.pending();
    expect(alerts).toHaveLength(51);
    expect(alerts.filter(({ content }) => content.severity === 'critical')).toHaveLength(2);
    expect(alerts.at(-1)!.content).toMatchObject({ finding_count: 7 });
  });

  test('does not begin anew when part of it is delivered before the run ends', async () => {
    const outbox = await OutboxBench.open();
    await outbox.bench.record(storm(50, 1, 'low'), { config: stdout, runId: 'storm' });
    await outbox.deliver();
    await outbox.bench.record(storm(2, 2, 'critical'), { config: stdout, runId: 'storm' });
    expect((await outbox.pending()).map(({ content }) => content)).toMatchObject([{ title: '2 more findings' }]);
  });

  test('is over with its run: what was in the digest is not announced again', async () => {
    const outbox = await OutboxBench.open();
    await outbox.bench.record(storm(55, 1, 'low'), { config: stdout });
    await outbox.deliver();
    await outbox.bench.record(storm(55, 1, 'low'), { config: stdout });
    expect(await outbox.pending()).toEqual([]);
  });

  test('leaves a digest whose query lists exactly the findings in it', async () => {
    const outbox = await OutboxBench.open();
    await outbox.bench.record(storm(53, 1, 'low'), { config: stdout });
    const { content } = (await outbox.pending()).at(-1)!;
    expect(await outbox.bench.transact((connection) => queryRows(connection, content.query))).toHaveLength(3);
  });
});

describe('a delivery', () => {
  test('that failed is due again after a random part of a delay that doubles', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    let { nowMs } = outbox.bench;
    const delays: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const [alert] = await outbox.pending();
      await outbox.bench.transact((connection) =>
        markFailed(connection, alert!, { nowMs, random: () => 0.5, error: 'timeout' }),
      );
      const dueAt = async (ms: number) =>
        (await outbox.bench.transact((connection) => pendingAlerts(connection, nowMs + ms))).length;
      const delay = 150_000 * 2 ** attempt;
      expect([await dueAt(delay - 1), await dueAt(delay)]).toEqual([0, 1]);
      delays.push(delay);
      nowMs += delay;
    }
    expect(delays).toEqual([150_000, 300_000, 600_000]);
  });

  test('is given up after eight attempts, and kept with its last error', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const [alert] = await outbox.pending();
      const failure = { nowMs: outbox.bench.nowMs, random: () => 0, error: 'no such topic' };
      outcomes.push(await outbox.bench.transact((connection) => markFailed(connection, alert!, failure)));
    }
    expect(outcomes).toEqual([...Array.from({ length: 7 }, () => 'pending'), 'dead']);
    expect(await outbox.states()).toEqual([{ state: 'dead', last_error: 'no such topic' }]);
  });

  test('starts the cool-down when it happens, not when the alert was written', async () => {
    const outbox = await OutboxBench.open();
    await outbox.record(1);
    outbox.bench.clockHour += 10;
    await outbox.deliver();
    outbox.bench.clockHour += 0.5;
    await outbox.record(2);
    expect(await outbox.deliver()).toEqual([]);
  });
});
