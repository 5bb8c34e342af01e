/** kill -9 while alerts are sent: the receiver gets every one, and what it gets twice has the same id. */
import { expect, test } from 'vitest';
import { DeliveryMachine } from './delivery-machine.js';
import { WebhookReceiver } from './webhook-receiver.js';

const settings = 'alerts: { max_per_run: 10000 }';

function received({ requests }: WebhookReceiver): string[] {
  return requests.map(({ headers }) => String(headers['idempotency-key']));
}

async function cleanRun(): Promise<string[]> {
  const receiver = await WebhookReceiver.start();
  const { exitCode } = await new DeliveryMachine(receiver, { settings }).run('run', '--quiet');
  expect(exitCode).toBe(0);
  const ids = received(receiver);
  expect(new Set(ids).size).toBe(ids.length);
  return ids;
}

test('runs that are killed between any two steps deliver what one clean run does', async () => {
  const expected = new Set(await cleanRun());
  expect(expected.size).toBeGreaterThan(20);
  const receiver = await WebhookReceiver.start();
  const machine = new DeliveryMachine(receiver, { settings });

  // While logs are read and detectors run; some of these die before the first commit.
  for (const afterMs of [300, 700, 1200, 1800]) {
    const timer = setTimeout(() => machine.kill(), afterMs);
    receiver.answer = () => null;
    await machine.run('run', '--quiet');
    clearTimeout(timer);
  }
  // While alerts are sent: the request has arrived, and the process dies before or just behind its answer.
  for (const [nth, isAnswered] of [
    [1, false],
    [1, true],
    [5, false],
    [17, true],
  ] as const) {
    let requests = 0;
    receiver.answer = () => {
      if (++requests < nth) return { status: 200 };
      if (isAnswered) setImmediate(() => machine.kill());
      else machine.kill();
      return isAnswered ? { status: 200 } : null;
    };
    await machine.run('run', '--quiet');
  }
  receiver.answer = () => ({ status: 200 });
  expect((await machine.run('run', '--quiet')).exitCode).toBe(0);

  expect(new Set(received(receiver))).toEqual(expected);
  expect(await machine.ask("select id from outbox where state not in ('delivered', 'withdrawn')")).toEqual([]);
  const before = receiver.requests.length;
  expect((await machine.run('run', '--quiet')).exitCode).toBe(0);
  expect(receiver.requests).toHaveLength(before);
}, 240_000);
