/** Repeats a request that may succeed a little later: exponential waits with full jitter. */
import { setTimeout as wait } from 'node:timers/promises';
import { awsFailure, isTransient } from './failure.js';

export interface RetryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Requests in all. */
  readonly attempts?: number;
  /** The first wait is up to this long, and each further one up to twice as long. */
  readonly firstWaitMs?: number;
  readonly random?: () => number;
  /** Rules out failures that would do for another request. */
  readonly isWorthIt?: (error: unknown) => boolean;
}

/** Together at most 6.2 s of waiting, 3.1 s on average. */
const defaultAttempts = 6;
const defaultFirstWaitMs = 200;
const longestWaitMs = 10_000;

/** Does `work` until it succeeds, its failure is one that stays, the attempts are used up, or the signal ends it. */
export async function retrying<Result>(
  work: (attempt: number) => Promise<Result>,
  {
    signal,
    attempts = defaultAttempts,
    firstWaitMs = defaultFirstWaitMs,
    random = Math.random,
    isWorthIt = () => true,
  }: RetryOptions = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attempts || signal?.aborted === true || !isTransient(awsFailure(error)) || !isWorthIt(error))
        throw error;
    }
    const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1));
    await wait(random() * longest, undefined, signal === undefined ? {} : { signal });
  }
}
