/** Delivery: at least once, sink by sink, with what failed kept for later. */
import { describe, expect, test } from 'vitest';
import { deliverAlerts } from '../../alerts/deliver.js';
import type { Alert } from '../../alerts/outbox.js';
import type { Sink, Undelivered } from '../../alerts/sinks/sink.js';
import { AppError } from '../../config/app-error.js';
import { AlertBench, configOf, detection, hourMs } from './samples.js';

const config = configOf('sinks: [{ type: stdout }, { type: jsonl, path: /findings.jsonl }]');

/** A sink that keeps what it gets; `fail` decides about each batch. */
class Recorder implements Sink {
  readonly batches: Alert[][] = [];
  constructor(
    readonly name: string,
    readonly fail: (alerts: readonly Alert[]) => readonly Undelivered[] = () => [],
  ) {}

  async send(alerts: readonly Alert[]): Promise<readonly Undelivered[]> {
    this.batches.push([...alerts]);
    return this.fail(alerts);
  }
}

function down(): never {
  throw new AppError('sink-unreachable', 'https://hooks.example.com: does not answer; expected HTTP 2xx');
}

async function benchWith(findings: number): Promise<AlertBench> {
  const bench = await AlertBench.open();
  const detections = Array.from({ length: findings }, (_, index) =>
    detection({ hour: 1, identity: { bucket: `acme-${index}` } }),
  );
  await bench.record(detections, { config });
  return bench;
}

function deliver(bench: AlertBench, sinks: readonly Sink[], afterHours = 0) {
  const now = () => bench.nowMs + afterHours * hourMs;
  return deliverAlerts({ transact: (work) => bench.transact(work), sinks, now, random: () => 0.5, retryBudgetMs: 0 });
}

describe('delivery', () => {
  test('sends every due alert once and marks it', async () => {
    const bench = await benchWith(3);
    const sinks = [new Recorder('stdout'), new Recorder('jsonl:/findings.jsonl')];
    const { alerts, errors } = await deliver(bench, sinks);
    expect(alerts).toEqual({
      stdout: { delivered: 3, failed: 0, dead: 0, waiting: 0 },
      'jsonl:/findings.jsonl': { delivered: 3, failed: 0, dead: 0, waiting: 0 },
    });
    expect(errors).toEqual({});
    expect((await deliver(bench, sinks)).alerts).toEqual({});
    expect(sinks.map(({ batches }) => batches.flat().length)).toEqual([3, 3]);
  });

  test('does not let a sink that is down hold up the others', async () => {
    const bench = await benchWith(2);
    const { alerts, errors } = await deliver(bench, [
      new Recorder('stdout', down),
      new Recorder('jsonl:/findings.jsonl'),
    ]);
    expect(alerts['stdout']).toEqual({ delivered: 0, failed: 2, dead: 0, waiting: 0 });
    expect(alerts['jsonl:/findings.jsonl']).toMatchObject({ delivered: 2 });
    expect(errors).toEqual({ stdout: 'https://hooks.example.com: does not answer; expected HTTP 2xx' });
  });

  test('tries what failed again when it is due, with the same id', async () => {
    const bench = await benchWith(1);
    const broken = new Recorder('stdout', down);
    await deliver(bench, [broken]);
    expect((await deliver(bench, [broken])).alerts['stdout']).toBeUndefined();
    const mended = new Recorder('stdout');
    expect((await deliver(bench, [mended], 1)).alerts['stdout']).toMatchObject({ delivered: 1 });
    expect(mended.batches.flat().map(({ id }) => id)).toEqual(broken.batches.flat().map(({ id }) => id));
  });

  test('counts only those of a batch that did not arrive', async () => {
    const bench = await benchWith(3);
    const picky = new Recorder('stdout', ([first]) => [{ alert: first!, error: 'too large' }]);
    const { alerts, errors } = await deliver(bench, [picky]);
    expect([alerts['stdout'], errors['stdout']]).toEqual([
      { delivered: 2, failed: 1, dead: 0, waiting: 0 },
      'too large',
    ]);
  });

  test('leaves the rest alone when a sink goes down between two batches', async () => {
    const bench = await AlertBench.open();
    for (const hour of [1, 30]) {
      const detections = Array.from({ length: 49 }, (_, index) =>
        detection({ hour, identity: { bucket: `acme-${hour}-${index}` } }),
      );
      await bench.record(detections, { config });
    }
    const { alerts } = await deliver(bench, [new Recorder('stdout', down)]);
    expect(alerts['stdout']).toEqual({ delivered: 0, failed: 50, dead: 0, waiting: 48 });
  });

  test('keeps alerts of a sink that cannot deliver yet, without counting attempts', async () => {
    const bench = await benchWith(1);
    expect((await deliver(bench, [])).alerts['stdout']).toEqual({ delivered: 0, failed: 0, dead: 0, waiting: 1 });
    const sink = new Recorder('stdout');
    await deliver(bench, [sink]);
    expect(sink.batches.flat()).toMatchObject([{ attempts: 0 }]);
  });

  test('repeats at most the batch that was sent and not marked when the process died', async () => {
    const bench = await benchWith(2);
    const sink = new Recorder('stdout');
    let transactions = 0;
    const dying = deliverAlerts({
      transact: (work) => (++transactions === 2 ? Promise.reject(new Error('killed')) : bench.transact(work)),
      sinks: [sink],
      now: () => bench.nowMs,
    });
    await expect(dying).rejects.toThrow('killed');
    await deliver(bench, [sink]);
    const [first, second] = sink.batches;
    expect(second!.map(({ id }) => id)).toEqual(first!.map(({ id }) => id));
  });
});
