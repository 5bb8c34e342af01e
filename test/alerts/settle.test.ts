/** What time brings about: findings end when there is no news, sinks hear of it, and of what waited for its cool-down. */
import { describe, expect, test } from 'vitest';
import { acknowledge, close, reopen } from '../../alerts/findings-store.js';
import { markDelivered, pendingAlerts, type WaitingAlert } from '../../alerts/outbox.js';
import { settleFindings } from '../../alerts/settle-findings.js';
import { namedSinks } from '../../alerts/sink-name.js';
import type { Severity } from '../../config/severity.js';
import { AlertBench, configOf, detection } from './samples.js';

const day = 24;
const defaults = configOf('sinks: [{ type: jsonl, path: /f }]');

class SettleBench {
  #runs = 0;
  private constructor(
    readonly bench: AlertBench,
    readonly config: ReturnType<typeof configOf>,
  ) {}

  static async open(config = defaults): Promise<SettleBench> {
    return new SettleBench(await AlertBench.open(), config);
  }

  async find(hour: number, severity: Severity = 'high'): Promise<void> {
    await this.bench.record([detection({ hour, severity })], { config: this.config });
  }

  settle(): Promise<number> {
    const options = { config: this.config, runId: `settle-${++this.#runs}`, nowMs: this.bench.nowMs };
    return this.bench.transact((connection) => settleFindings(connection, options));
  }

  pending(): Promise<WaitingAlert[]> {
    return this.bench.transact((connection) => pendingAlerts(connection));
  }

  /** Takes what waits, as a sink would: the reasons and the states of the findings. */
  async deliver(): Promise<string[]> {
    const alerts = await this.pending();
    await this.bench.transact((connection) => markDelivered(connection, alerts, this.bench.nowMs));
    return alerts.map(({ reason, content }) => `${reason} ${'state' in content ? content.state : 'digest'}`);
  }

  async decide(change: typeof close): Promise<void> {
    const { id } = await this.bench.finding();
    const decision = { by: 'me', note: null, nowMs: this.bench.nowMs };
    await this.bench.transact((connection) => change(connection, id, decision));
  }

  async state(): Promise<string> {
    return (await this.bench.finding()).state;
  }
}

describe('a finding without news', () => {
  test('is closed after 14 days, and not before', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    bench.bench.clockHour += 14 * day;
    expect([await bench.settle(), await bench.state()]).toEqual([0, 'open']);
    bench.bench.clockHour += 0.01;
    expect([await bench.settle(), await bench.state()]).toEqual([1, 'closed']);
    expect(await bench.settle()).toBe(0);
  });

  test('is closed after the days of the config, or never', async () => {
    const never = await SettleBench.open(configOf('alerts: { close_after: never }'));
    await never.find(1);
    never.bench.clockHour += 5000 * day;
    expect(await never.settle()).toBe(0);
    const soon = await SettleBench.open(configOf('alerts: { close_after: 2d }'));
    await soon.find(1);
    soon.bench.clockHour += 3 * day;
    expect(await soon.settle()).toBe(1);
  });

  test('is also closed when it is acknowledged, and not when it is suppressed', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    await bench.decide(acknowledge);
    bench.bench.clockHour += 15 * day;
    expect([await bench.settle(), await bench.state()]).toEqual([1, 'closed']);
    const quiet = await SettleBench.open(configOf('suppressions: [{ detector: log-*, reason: known }]'));
    await quiet.find(1);
    quiet.bench.clockHour += 15 * day;
    expect([await quiet.settle(), await quiet.state()]).toEqual([0, 'suppressed']);
  });

  test('of old logs is not closed before anybody could read it', async () => {
    const bench = await SettleBench.open();
    bench.bench.clockHour = 1000 * day;
    await bench.find(1);
    expect(await bench.settle()).toBe(0);
  });

  test('stays closed when the same events are looked at again', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    bench.bench.clockHour += 15 * day;
    await bench.settle();
    await bench.find(1);
    expect(await bench.state()).toBe('closed');
  });

  test('is open again when there is late news of it', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    bench.bench.clockHour += 15 * day;
    await bench.settle();
    await bench.find(2);
    expect(await bench.bench.finding()).toMatchObject({ state: 'open', event_count: 4 });
  });

  test('is given as much time again when a person reopens it', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    bench.bench.clockHour += 15 * day;
    await bench.settle();
    await bench.decide(reopen);
    expect([await bench.settle(), await bench.state()]).toEqual([0, 'open']);
    bench.bench.clockHour += 15 * day;
    expect(await bench.settle()).toBe(1);
  });
});

describe('a sink that keeps the state of findings', () => {
  test('hears once that a finding is over', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    expect(await bench.deliver()).toEqual(['first open']);
    bench.bench.clockHour += 15 * day;
    await bench.settle();
    expect(await bench.deliver()).toEqual(['closed closed']);
    await bench.settle();
    expect(await bench.deliver()).toEqual([]);
  });

  test('hears at the next run that a person closed it', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    await bench.deliver();
    await bench.decide(close);
    await bench.settle();
    expect(await bench.deliver()).toEqual(['closed closed']);
  });

  test('does not hear of the end of what it never heard of', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    await bench.decide(close);
    await bench.settle();
    expect(await bench.deliver()).toEqual([]);
  });

  test('hears of every turn under an id of its own', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    const ids: string[] = [];
    const turn = async (): Promise<string[]> => {
      bench.bench.clockHour += 2;
      await bench.settle();
      ids.push(...(await bench.pending()).map(({ id }) => id));
      return bench.deliver();
    };
    const turns = [await turn()];
    for (const change of [close, reopen, close]) {
      await bench.decide(change);
      turns.push(await turn());
    }
    expect(turns).toEqual([['first open'], ['closed closed'], ['update open'], ['closed closed']]);
    expect(new Set(ids).size).toBe(4);
  });

  test('does not hear of an end that was taken back before it was told', async () => {
    const bench = await SettleBench.open();
    await bench.find(1);
    await bench.deliver();
    await bench.decide(close);
    await bench.settle();
    await bench.decide(reopen);
    await bench.settle();
    expect(await bench.deliver()).toEqual([]);
  });

  test('hears at once of late news of what was over', async () => {
    const bench = await SettleBench.open();
    await bench.find(1, 'low');
    await bench.deliver();
    bench.bench.clockHour += 15 * day;
    await bench.settle();
    await bench.deliver();
    await bench.find(2, 'low');
    expect(await bench.deliver()).toEqual(['update open']);
  });

  test('hears of no more ends a run than the config says, and of the rest in the next', async () => {
    const bench = await SettleBench.open(configOf('alerts: { max_per_run: 2 }\nsinks: [{ type: securityhub }]'));
    const detections = [1, 2, 3].map((n) => detection({ hour: 1, identity: { bucket: `acme-${n}` } }));
    await bench.bench.record(detections, { config: bench.config });
    expect(await bench.deliver()).toHaveLength(3);
    bench.bench.clockHour += 15 * day;
    const ends: string[][] = [];
    for (let run = 0; run < 3; run++) {
      await bench.settle();
      ends.push(await bench.deliver());
    }
    expect(ends.map((end) => end.length)).toEqual([2, 1, 0]);
  });
});

test('people are not told of ends, programs are', () => {
  const { sinks } = configOf(`sinks:
  - { type: stdout, format: text }
  - { type: webhook, url_env: HOOK, format: slack }
  - { type: sns, topic_arn: "arn:aws:sns:eu-central-1:111122223333:bucketwatch", format: chat }
  - { type: sns, topic_arn: "arn:aws:sns:eu-central-1:111122223333:text", format: text }
  - { type: stdout }
  - { type: ocsf, path: /f }
  - { type: securityhub }
  - { type: eventbridge }
  - { type: sns, topic_arn: "arn:aws:sns:eu-central-1:111122223333:json" }`);
  expect(namedSinks(sinks).map(({ hearsClosing }) => hearsClosing)).toEqual([
    false,
    false,
    false,
    false,
    true,
    true,
    true,
    true,
    true,
  ]);
});

test('a store of findings gets every one of a storm, and no digest', async () => {
  const bench = await SettleBench.open(
    configOf('alerts: { max_per_run: 2 }\nsinks: [{ type: securityhub }, { type: stdout }]'),
  );
  const detections = Array.from({ length: 5 }, (_, n) => detection({ hour: 1, identity: { bucket: `acme-${n}` } }));
  await bench.bench.record(detections, { config: bench.config });
  const alerts = await bench.pending();
  const reasons = (sink: string) => alerts.filter((alert) => alert.sink === sink).map(({ reason }) => reason);
  expect(reasons('securityhub:default')).toEqual(['first', 'first', 'first', 'first', 'first']);
  expect(reasons('stdout')).toEqual(['first', 'first', 'digest']);
});

test('an update that waited for its cool-down is told although there are no new events', async () => {
  const bench = await SettleBench.open(configOf('alerts: { cool_down: 30m }\nsinks: [{ type: stdout }]'));
  await bench.find(1);
  await bench.deliver();
  await bench.find(2);
  bench.bench.clockHour += 0.4;
  await bench.settle();
  expect(await bench.deliver()).toEqual([]);
  bench.bench.clockHour += 0.2;
  await bench.settle();
  expect(await bench.deliver()).toEqual(['update updated']);
});
