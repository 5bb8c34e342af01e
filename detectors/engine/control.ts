/** What the engine must know of a protective control to remember its state and to judge a change of it. */
import type { ConfigurationEvent } from './configuration-history.js';
import type { JsonObject } from './request-parameters.js';

/** The controls whose state is remembered. */
export type ControlName = 'bucket-public-access-block' | 'account-public-access-block' | 'server-access-logging' | 's3-data-events';

/**
 * One control. A state is a JSON object, so that detectors can show it; it is never null: "off" is a state, and an
 * unknown state is the absence of one.
 */
export interface Control {
  readonly name: ControlName;
  /** CloudTrail events that set the control. */
  readonly setBy: readonly string[];
  /** CloudTrail events after which nothing is known: the resource is gone, and a later one of its name is another. */
  readonly forgottenBy: readonly string[];
  /** Bucket, account or trail of an event; null when the event does not say. */
  resourceOf(event: ConfigurationEvent): string | null;
  /** The state after an event of `setBy`; null when its parameters do not say, as when they were too large to be logged. */
  stateAfter(event: ConfigurationEvent): JsonObject | null;
  /** Whether something that `previous` protected is no longer protected. */
  isWeaker(state: JsonObject, previous: JsonObject): boolean;
  /** Whether the control does nothing at all any more. */
  isAllOff(state: JsonObject): boolean;
}
