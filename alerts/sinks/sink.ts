/** What every sink is to the delivery. One file a sink beside this one; test/alerts/sink-conformance.ts holds them to it. */
import type { Alert } from '../outbox.js';

/** An alert that did not arrive while others of the same call may have. */
export interface Undelivered {
  readonly alert: Alert;
  /** What went wrong, without secrets and without log text that was not escaped. */
  readonly error: string;
  /** True when the same message would be refused again: there is no use in another attempt. */
  readonly isPermanent?: boolean;
}

export interface Sink {
  /** As the outbox calls it; see `namedSinks`. */
  readonly name: string;
  /**
   * Delivers alerts in their order, each at least once, and answers those that did not arrive. Returns only when the
   * others are where they belong. Throws an AppError, such as `sink-unreachable`, when the sink takes nothing at all.
   */
  send(alerts: readonly Alert[]): Promise<readonly Undelivered[]>;
}
