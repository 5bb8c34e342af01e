/** How long to leave a sink alone between two rounds of one run: full jitter, and an end, because a batch job must end. */

const firstDelayMs = 1000;
const longestDelayMs = 300_000;
/** Beyond the budget's own end, for a clock that stands still. */
const maxRounds = 20;

export interface QuickRetryOptions {
  /** Milliseconds for all rounds together, the sending included. */
  readonly budgetMs: number;
  /** From [0, 1). */
  readonly random: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What failed may say how long its receiver wants to be left alone. */
interface Refusal {
  readonly retryAfterMs?: number;
}

/** Counts the rounds of one sink. `nextWaitMs` answers null when the next round would not fit the budget. */
export function quickRetry({ budgetMs, random, now }: QuickRetryOptions): {
  nextWaitMs(refusals: readonly Refusal[]): number | null;
} {
  const startedAtMs = now();
  let rounds = 0;
  return {
    nextWaitMs(refusals) {
      const asked = Math.max(0, ...refusals.map(({ retryAfterMs }) => retryAfterMs ?? 0));
      const jittered = random() * Math.min(longestDelayMs, firstDelayMs * 2 ** rounds++);
      const waitMs = Math.ceil(asked + jittered);
      return rounds > maxRounds || now() - startedAtMs + waitMs >= budgetMs ? null : waitMs;
    },
  };
}
