/**
 * Turns hours that gained rows into windows for the detectors: whole UTC days, because some detectors count by the day,
 * few, so that each is cheap, and bounded, so that each fits.
 */

/** An hour of event time and the events it holds by now. */
export interface PendingHour {
  /** Milliseconds since 1970, on the hour. */
  readonly startMs: number;
  readonly events: number;
}

export interface Window {
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
}

const dayMs = 86_400_000;

/** Windows that cover the days of all the hours; each holds at most about `maxEvents` events, or is a single day. */
export function planWindows(hours: readonly PendingHour[], maxEvents: number): Window[] {
  const windows: { fromMs: number; toMs: number; events: number }[] = [];
  for (const [fromMs, events] of eventsByDay(hours)) {
    const last = windows.at(-1);
    if (last?.toMs === fromMs && last.events + events <= maxEvents) {
      last.toMs += dayMs;
      last.events += events;
    } else {
      windows.push({ fromMs, toMs: fromMs + dayMs, events });
    }
  }
  return windows.map(({ fromMs, toMs }) => ({ fromMs, toMs }));
}

function eventsByDay(hours: readonly PendingHour[]): [number, number][] {
  const days = new Map<number, number>();
  for (const { startMs, events } of hours) {
    const day = Math.floor(startMs / dayMs) * dayMs;
    days.set(day, (days.get(day) ?? 0) + events);
  }
  return [...days].sort(([a], [b]) => a - b);
}
