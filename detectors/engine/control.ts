/** What the engine must know of a protective control to remember its state and to judge a change of it. */
import type { ConfigurationEvent } from './configuration-history.js';

/** The controls whose state is remembered. */
export type ControlName =
  | 'bucket-public-access-block'
  | 'account-public-access-block'
  | 'server-access-logging'
  | 's3-data-events'
  | 'management-events'
  | 'trail-scope'
  | 'trail-destination'
  | 'versioning'
  | 'mfa-delete'
  | 'default-encryption'
  | 'lifecycle'
  | 'object-lock'
  | 'replication'
  | 'bucket-policy'
  | 'access-point';

/**
 * One control. A state is a plain object, so that detectors can show it as JSON; it is never null: "off" is a state, and
 * an unknown state is the absence of one.
 */
export interface Control<State extends object = object> {
  readonly name: ControlName;
  /** CloudTrail events that set the control. */
  readonly setBy: readonly string[];
  /** CloudTrail events after which nothing is known: the resource is gone, and a later one of its name is another. */
  readonly forgottenBy: readonly string[];
  /** Bucket, account or trail of an event; null when the event does not say. */
  resourceOf(this: void, event: ConfigurationEvent): string | null;
  /**
   * The state after an event of `setBy`, given the one before, which is null when it is not known. Null when the parameters
   * do not say, as when they were too large to be logged.
   */
  stateAfter(this: void, event: ConfigurationEvent, previous: State | null): State | null;
  /** Whether something that `previous` protected is no longer protected. */
  isWeaker(this: void, state: State, previous: State): boolean;
  /** Whether the control does nothing at all any more. */
  isAllOff(this: void, state: State): boolean;
}

/** Any control, when it does not matter what its states look like: states go back only to the control that made them. */
export type AnyControl = Omit<Control, 'stateAfter' | 'isWeaker' | 'isAllOff'> &
  Pick<Control<never>, 'isWeaker' | 'isAllOff'> & {
    stateAfter(this: void, event: ConfigurationEvent, previous: never): object | null;
  };
