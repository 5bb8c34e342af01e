/** Walks through the remembered changes once: what each control was set to before each change, and at any moment. */
import type { ConfigurationEvent } from './configuration-history.js';
import type { AnyControl, Control, ControlName } from './control.js';

/** One recent change of a control. */
export interface ControlChange {
  readonly event: ConfigurationEvent;
  readonly control: ControlName;
  readonly resource: string;
  readonly state: object;
  /** null when nothing was known of the control before. */
  readonly previous: object | null;
  /** null when nothing was known of the control before. */
  readonly isWeaker: boolean | null;
  readonly isAllOff: boolean;
}

/** A moment in the order of events. */
export type Moment = Pick<ConfigurationEvent, 'timeUs' | 'rowId'>;

interface Step extends Moment {
  /** null: nothing is known from here on. */
  readonly state: object | null;
}

/** The states of some controls over time. */
export class ControlStates {
  /** Recent changes, of the window and a day before it, whose parameters say what was set, oldest first. */
  readonly changes: readonly ControlChange[];
  readonly #steps = new Map<string, Step[]>();

  /** `events` are in the order of time. */
  constructor(controls: readonly AnyControl[], events: readonly ConfigurationEvent[]) {
    const changes: ControlChange[] = [];
    for (const event of events) {
      for (const control of controls) {
        const change = this.#apply(control, event);
        if (change !== null && event.isRecent) changes.push(change);
      }
    }
    this.changes = changes;
  }

  /** What the control of a resource was set to just before a moment; null when that is not known. */
  before<State extends object>(control: Control<State>, resource: string, moment: Moment): State | null {
    const steps = this.#steps.get(stepsKey(control.name, resource)) ?? [];
    return (steps.findLast((step) => isEarlier(step, moment))?.state ?? null) as State | null;
  }

  #apply(control: AnyControl, event: ConfigurationEvent): ControlChange | null {
    const sets = control.setBy.includes(event.eventName);
    if (!sets && !control.forgottenBy.includes(event.eventName)) return null;
    const resource = control.resourceOf(event);
    if (resource === null) return null;
    const steps = this.#stepsOf(stepsKey(control.name, resource));
    const previous = steps.at(-1)?.state ?? null;
    const state: object | null = sets ? control.stateAfter(event, previous as never) : null;
    steps.push({ timeUs: event.timeUs, rowId: event.rowId, state });
    if (state === null) return null;
    const isWeaker = previous === null ? null : control.isWeaker(state as never, previous as never);
    return {
      event,
      control: control.name,
      resource,
      state,
      previous,
      isWeaker,
      isAllOff: control.isAllOff(state as never),
    };
  }

  #stepsOf(key: string): Step[] {
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const steps: Step[] = [];
    this.#steps.set(key, steps);
    return steps;
  }
}

function stepsKey(control: ControlName, resource: string): string {
  return `${control} ${resource}`;
}

function isEarlier(step: Moment, moment: Moment): boolean {
  return step.timeUs < moment.timeUs || (step.timeUs === moment.timeUs && step.rowId < moment.rowId);
}
