/** Delivery: at least once, sink by sink, with what failed kept for later. */
import { describe, expect, test } from 'vitest';
import { deliverAlerts, type DeliverOptions } from '../../alerts/deliver.js';
import type { Alert } from '../../alerts/outbox.js';
import type { Sink, Undelivered } from '../../alerts/sinks/sink.js';
import { AppError } from '../../config/app-error.js';
import { countOutbox, deadAlerts, pendingAlerts } from '../../alerts/outbox.js';
import { queryRows } from '../../store/duckdb.js';
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

const stdout = configOf('sinks: [{ type: stdout }]');

async function stdoutBench(findings: number): Promise<AlertBench> {
  const bench = await AlertBench.open();
  const detections = Array.from({ length: findings }, (_, index) =>
    detection({ hour: 1, identity: { bucket: `acme-${index}` } }),
  );
  await bench.record(detections, { config: stdout });
  return bench;
}

/** Delivers on a clock that only waiting moves; answers the waits too. */
async function deliverWithRetries(bench: AlertBench, sink: Sink, options: Partial<DeliverOptions> = {}) {
  let nowMs = bench.nowMs;
  const waits: number[] = [];
  const wait = async (ms: number): Promise<void> => {
    waits.push(ms);
    nowMs += ms;
  };
  const result = await deliverAlerts({
    transact: (work) => bench.transact(work),
    sinks: [sink],
    now: () => nowMs,
    random: () => 0.999_999,
    wait,
    ...options,
  });
  return { ...result, counts: result.alerts['stdout'], waits };
}

describe('inside a run', () => {
  test('a sink that was away for moments gets everything, and no attempt is counted', async () => {
    const bench = await stdoutBench(2);
    const sink: Recorder = new Recorder('stdout', () => (sink.batches.length < 3 ? down() : []));
    const { counts, errors, waits } = await deliverWithRetries(bench, sink);
    expect(counts).toEqual({ delivered: 2, failed: 0, dead: 0, waiting: 0 });
    expect([errors, waits]).toEqual([{}, [1000, 2000]]);
    expect(sink.batches.at(-1)).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
  });

  test('waits double from a second on and end within the budget, and all of it is one attempt', async () => {
    const bench = await stdoutBench(1);
    const { counts, waits } = await deliverWithRetries(bench, new Recorder('stdout', down));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(counts).toEqual({ delivered: 0, failed: 1, dead: 0, waiting: 0 });
    expect(await bench.transact((connection) => pendingAlerts(connection))).toMatchObject([{ attempts: 1 }]);
  });

  test('waits are spread: full jitter can be nothing', async () => {
    const bench = await stdoutBench(1);
    const { waits } = await deliverWithRetries(bench, new Recorder('stdout', down), { random: () => 0 });
    expect(new Set(waits)).toEqual(new Set([0]));
    expect(waits.length).toBeLessThan(30);
  });

  test('only what did not arrive is sent again, after the time that the sink asked for', async () => {
    const bench = await stdoutBench(3);
    const sink: Recorder = new Recorder('stdout', (alerts) =>
      sink.batches.length === 1 ? [{ alert: alerts[1]!, error: 'busy', retryAfterMs: 7000 }] : [],
    );
    const { counts, waits } = await deliverWithRetries(bench, sink);
    expect([counts!.delivered, waits]).toEqual([3, [8000]]);
    expect(sink.batches[1]).toEqual([sink.batches[0]![1]]);
  });

  test.each([
    ['a sink that forbids', { code: 'sink-forbidden' as const, isLocal: false }],
    ['a file that is not there', { code: 'sink-unreachable' as const, isLocal: true }],
  ])('%s is not tried again', async (_, { code, isLocal }) => {
    const bench = await stdoutBench(1);
    const refuse = (): never => {
      throw new AppError(code, 'no; expected yes');
    };
    const { counts, waits } = await deliverWithRetries(
      bench,
      Object.assign(new Recorder('stdout', refuse), { isLocal }),
    );
    expect([counts!.failed, waits]).toEqual([1, []]);
  });

  test('nothing more is sent or waited for when the process is asked to end', async () => {
    const bench = await stdoutBench(60);
    const interruption = new AbortController();
    const sink = new Recorder('stdout', () => {
      interruption.abort();
      return [];
    });
    const { counts } = await deliverWithRetries(bench, sink, { signal: interruption.signal });
    expect(counts).toEqual({ delivered: 50, failed: 0, dead: 0, waiting: 1 });
  });
});

function refuseFirst(alerts: readonly Alert[]): Undelivered[] {
  return [{ alert: alerts[0]!, error: 'no such topic', isPermanent: true }];
}

describe('an alert', () => {
  test('that is refused for good is dead at once, and does not hold up the others', async () => {
    const bench = await stdoutBench(2);
    const { counts, errors, waits } = await deliverWithRetries(bench, new Recorder('stdout', refuseFirst));
    expect(counts).toEqual({ delivered: 1, failed: 0, dead: 1, waiting: 0 });
    expect([errors, waits]).toEqual([{ stdout: 'no such topic' }, []]);
  });

  test('is dead at the first failure after a day', async () => {
    const bench = await stdoutBench(1);
    const broken = new Recorder('stdout', down);
    expect((await deliver(bench, [broken], 23.9)).alerts['stdout']).toMatchObject({ failed: 1 });
    expect((await deliver(bench, [broken], 24)).alerts['stdout']).toMatchObject({ dead: 1 });
  });

  test('is dead after a day without a sink of its name', async () => {
    const bench = await stdoutBench(1);
    expect((await deliver(bench, [], 23.9)).alerts['stdout']).toMatchObject({ waiting: 1, dead: 0 });
    const { alerts, errors } = await deliver(bench, [], 24);
    expect([alerts['stdout'], errors['stdout']]).toEqual([
      { delivered: 0, failed: 0, dead: 1, waiting: 0 },
      'the config has no sink of this name',
    ]);
  });

  test('that is dead is tried again only when a person asks, and stays dead until it arrives', async () => {
    const bench = await stdoutBench(1);
    await deliverWithRetries(bench, new Recorder('stdout', refuseFirst));
    const mended = new Recorder('stdout');
    await deliverWithRetries(bench, mended, { scope: 'pending' });
    expect(mended.batches).toEqual([]);
    const broken = await deliverWithRetries(bench, new Recorder('stdout', down), { scope: 'dead', retryBudgetMs: 0 });
    expect(broken.counts).toMatchObject({ dead: 1 });
    expect((await deliverWithRetries(bench, mended, { scope: 'dead' })).counts).toMatchObject({ delivered: 1 });
    expect(await bench.transact((connection) => countOutbox(connection))).toEqual({ pending: 0, dead: 0 });
  });

  test('that a person asks for before its time costs no attempt', async () => {
    const bench = await stdoutBench(1);
    const broken = new Recorder('stdout', down);
    await deliver(bench, [broken]);
    for (let time = 0; time < 20; time++) {
      await deliverWithRetries(bench, broken, { scope: 'pending', retryBudgetMs: 0 });
    }
    expect(await bench.transact((connection) => pendingAlerts(connection))).toMatchObject([{ attempts: 1 }]);
  });

  test('that died is no longer counted when the sink has got later news of its finding', async () => {
    const bench = await stdoutBench(1);
    await deliverWithRetries(bench, new Recorder('stdout', refuseFirst));
    bench.clockHour += 2;
    await bench.record([detection({ hour: 2, identity: { bucket: 'acme-0' } })], { config: stdout });
    await deliver(bench, [new Recorder('stdout')]);
    expect(await bench.transact((connection) => deadAlerts(connection))).toEqual([]);
  });
});

/** Delivers until it is through; the process dies at the transaction of that number, before or behind it. */
async function dieAt(bench: AlertBench, sink: Sink, dies: { readonly at: number; readonly isCommitted: boolean }) {
  let transactions = 0;
  const transact: AlertBench['transact'] = async (work) => {
    const isLast = ++transactions === dies.at;
    if (isLast && !dies.isCommitted) throw new Error('killed');
    const result = await bench.transact(work);
    if (isLast) throw new Error('killed');
    return result;
  };
  const options = { transact, sinks: [sink], now: () => bench.nowMs, retryBudgetMs: 0 };
  await deliverAlerts(options).catch((error: Error) => {
    if (error.message !== 'killed') throw error;
  });
  return transactions;
}

describe('a crash', () => {
  test('between any two steps loses nothing, and what is sent again has the same id', async () => {
    const findings = 3;
    const clean = await stdoutBench(findings);
    const steps = await dieAt(clean, new Recorder('stdout'), { at: Infinity, isCommitted: false });
    expect(steps).toBe(2);
    for (let at = 1; at <= steps; at++) {
      for (const isCommitted of [false, true]) {
        const bench = await stdoutBench(findings);
        const sink = new Recorder('stdout');
        await dieAt(bench, sink, { at, isCommitted });
        await deliver(bench, [sink]);
        const ids = sink.batches.flat().map(({ id }) => id);
        const expected = await bench.transact((connection) =>
          queryRows<{ id: string }>(connection, 'select id from outbox'),
        );
        expect(new Set(ids)).toEqual(new Set(expected.map(({ id }) => id)));
        const isRepeated = at === 2 && !isCommitted;
        expect(ids).toHaveLength(isRepeated ? 2 * findings : findings);
      }
    }
  });

  test('in the middle of recording leaves neither findings nor alerts', async () => {
    const bench = await AlertBench.open();
    const died = bench.transact(async (connection) => {
      const { recordDetections } = await import('../../alerts/lifecycle.js');
      const window = { fromMs: bench.nowMs - 48 * hourMs, toMs: bench.nowMs };
      const options = { detections: [detection({ hour: 1 })], detectors: [], window, config: stdout };
      await recordDetections(connection, { ...options, runId: 'run-1', nowMs: bench.nowMs });
      throw new Error('killed');
    });
    await expect(died).rejects.toThrow('killed');
    expect([await bench.findings(), await bench.transact((connection) => pendingAlerts(connection))]).toEqual([[], []]);
  });
});
