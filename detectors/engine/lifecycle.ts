/** The lifecycle of a bucket: the rules of its configuration that delete data. */
import { coversExpiry, daysUntilExpiry, expiryRules, type ExpiryRule } from '../policy/lifecycle-rules.js';
import type { Control } from './control.js';
import { bucketOfEvent } from './public-access-block.js';

export interface Lifecycle {
  readonly expiries: readonly ExpiryRule[];
}

/** Weaker is a configuration that deletes something sooner than the one before did, or that the one before kept. */
export const lifecycle: Control<Lifecycle> = {
  name: 'lifecycle',
  setBy: ['PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle'],
  forgottenBy: ['DeleteBucket'],
  resourceOf: bucketOfEvent,
  stateAfter: ({ eventName, parameters }) => {
    const expiries = eventName.startsWith('Delete') ? [] : expiryRules(parameters);
    return expiries === null ? null : { expiries };
  },
  isWeaker: (state, previous) => state.expiries.some((rule) => isSooner(rule, previous)),
  isAllOff: ({ expiries }) => expiries.length === 0,
};

/** A date stays the same date however much time has passed, so dates are compared with dates, from 1970. */
function isSooner(rule: ExpiryRule, previous: Lifecycle): boolean {
  return !previous.expiries.some(
    (old) =>
      coversExpiry(old, rule) &&
      (old.days === null) === (rule.days === null) &&
      daysUntilExpiry(old, 0) <= daysUntilExpiry(rule, 0),
  );
}

/**
 * Days from a moment until the earlier configuration deleted what this rule deletes: the least of the rules that cover it.
 * Null when it kept it.
 */
export function daysBefore(rule: ExpiryRule, previous: Lifecycle, momentUs: number): number | null {
  const days = previous.expiries.filter((old) => coversExpiry(old, rule)).map((old) => daysUntilExpiry(old, momentUs));
  return days.length === 0 ? null : Math.min(...days);
}
