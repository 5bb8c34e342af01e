/**
 * Turns hours that gained rows into what detectors look at: whole UTC days where a day is small, because then one look
 * serves all detectors; of a large day only the new hours, and the day as a whole for the detectors that count by the
 * day. So a run costs what its new rows cost.
 */
import { isRollUp } from './engine/signals.js';
import type { DetectionWindow } from './engine/window-views.js';
import type { Detector } from './format/detector.js';

/** An hour of event time and the events it holds by now. */
export interface PendingHour {
  /** Milliseconds since 1970, on the hour. */
  readonly startMs: number;
  /** Events of its day by now, shared out among the pending hours of the day. */
  readonly events: number;
}

export interface Window {
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
}

/** One look at a window, by the detectors that work by the hour, by the day, or both. */
export interface Look {
  readonly window: DetectionWindow;
  readonly detectors: 'hour' | 'day' | 'all';
}

/** The looks at a span of days; when all are done, the hours of the span are no longer pending. */
export interface DetectionPlan {
  readonly span: Window;
  readonly looks: readonly Look[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Whether a detector takes part in a look; those that look at findings come when all looks are done. */
export function takesPart({ window, sources }: Detector, { detectors }: Look): boolean {
  return !isRollUp({ sources }) && (detectors === 'all' || detectors === window);
}

/** Plans for the days of all the hours. A window joins at most about `maxEvents` events, or is a single hour. */
export function planDetection(hours: readonly PendingHour[], maxEvents: number): DetectionPlan[] {
  const plans: { span: Window; looks: Look[]; events: number }[] = [];
  for (const { startMs, events, hours: pending } of daysOf(hours)) {
    const day: Window = { fromMs: startMs, toMs: startMs + dayMs };
    const last = plans.at(-1);
    if (events > maxEvents) {
      plans.push({ span: day, looks: looksAtLargeDay(day, { events, pending, maxEvents }), events });
    } else if (last?.span.toMs === startMs && last.events + events <= maxEvents) {
      const span: Window = { fromMs: last.span.fromMs, toMs: day.toMs };
      plans[plans.length - 1] = { span, looks: [{ window: span, detectors: 'all' }], events: last.events + events };
    } else {
      plans.push({ span: day, looks: [{ window: day, detectors: 'all' }], events });
    }
  }
  return plans.map(({ span, looks }) => ({ span, looks }));
}

interface LargeDay {
  readonly events: number;
  readonly pending: readonly number[];
  readonly maxEvents: number;
}

/** Neighbouring hours together, as many as fit if the day is spread evenly; then the day for those who count by it. */
function looksAtLargeDay(day: Window, { events, pending, maxEvents }: LargeDay): Look[] {
  const hoursThatFit = Math.max(1, Math.floor((24 * maxEvents) / events));
  const windows: Window[] = [];
  for (const fromMs of pending) {
    const last = windows.at(-1);
    if (last?.toMs === fromMs && fromMs - last.fromMs < hoursThatFit * hourMs) {
      windows[windows.length - 1] = { fromMs: last.fromMs, toMs: fromMs + hourMs };
    } else windows.push({ fromMs, toMs: fromMs + hourMs });
  }
  return [
    ...windows.map((window): Look => ({ window, detectors: 'hour' })),
    { window: { ...day, isLarge: true }, detectors: 'day' },
  ];
}

interface Day {
  readonly startMs: number;
  events: number;
  /** Starts of its pending hours. */
  readonly hours: number[];
}

function daysOf(hours: readonly PendingHour[]): Day[] {
  const days = new Map<number, Day>();
  for (const { startMs, events } of [...hours].sort((a, b) => a.startMs - b.startMs)) {
    const dayStart = Math.floor(startMs / dayMs) * dayMs;
    const day = days.get(dayStart) ?? { startMs: dayStart, events: 0, hours: [] };
    day.events += events;
    day.hours.push(startMs);
    days.set(dayStart, day);
  }
  return [...days.values()];
}
