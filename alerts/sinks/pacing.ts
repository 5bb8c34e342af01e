/** Keeps a sink from sending faster than its service, or whoever reads there, can take. */
import { setTimeout } from 'node:timers/promises';

/** Time, as tests replace it. */
export interface Clock {
  /** Milliseconds from any start. */
  readonly now: () => number;
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<unknown>;
}

export const systemClock: Clock = { now: () => performance.now(), sleep: (ms) => setTimeout(ms) };

export interface Pace {
  readonly perSecond: number;
  /** Sent at once after a pause. */
  readonly burst: number;
}

/** Answers a function that waits until `count` more (at most `burst`) may be sent. */
export function paced({ perSecond, burst }: Pace, clock: Clock): (count: number) => Promise<void> {
  let allowance = burst;
  let asOf = clock.now();
  return async (count) => {
    const refill = (): void => {
      const now = clock.now();
      allowance = Math.min(burst, allowance + ((now - asOf) / 1000) * perSecond);
      asOf = now;
    };
    refill();
    if (allowance < count) {
      await clock.sleep(Math.ceil(((count - allowance) / perSecond) * 1000));
      refill();
    }
    allowance -= count;
  };
}
