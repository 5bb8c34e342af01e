/** What every sink is to the delivery. One file a sink beside this one; test/alerts/sink-conformance.ts holds them to it. */
import type { Alert } from '../outbox.js';

/** An alert that did not arrive while others of the same call may have. */
export interface Undelivered {
  readonly alert: Alert;
  /** What went wrong, without secrets and without log text that was not escaped. */
  readonly error: string;
  /** Whether the sink refuses this very alert and always will: it is dead at once. Otherwise it is tried again. */
  readonly isPermanent?: boolean;
  /** How long the sink asked to be left alone, milliseconds. */
  readonly retryAfterMs?: number;
}

export interface Sink {
  /** As the outbox calls it; see `namedSinks`. */
  readonly name: string;
  /** True for files and streams of this machine: what fails there does not mend itself within a run. */
  readonly isLocal?: boolean;
  /**
   * Delivers alerts in their order, each at least once, and answers those that did not arrive. Returns only when the
   * others are where they belong. Throws an AppError, such as `sink-unreachable`, when the sink takes nothing at all.
   */
  send(alerts: readonly Alert[]): Promise<readonly Undelivered[]>;
}
