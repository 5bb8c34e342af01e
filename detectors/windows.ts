/** Cuts hours that gained rows into windows for the detectors: few, so that each is cheap, and bounded, so that each fits. */

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

const hourMs = 3_600_000;
/** Quiet hours between two pending ones are cheaper to look at again than to start another window for. */
const maxGapMs = 12 * hourMs;

/** Windows that cover all the hours; each holds at most `maxEvents` events, or is a single hour. */
export function planWindows(hours: readonly PendingHour[], maxEvents: number): Window[] {
  const windows: Window[] = [];
  let current: { fromMs: number; toMs: number; events: number } | null = null;
  for (const { startMs, events } of hours.toSorted((a, b) => a.startMs - b.startMs)) {
    if (current !== null && startMs - current.toMs <= maxGapMs && current.events + events <= maxEvents) {
      current.toMs = startMs + hourMs;
      current.events += events;
      continue;
    }
    if (current !== null) windows.push({ fromMs: current.fromMs, toMs: current.toMs });
    current = { fromMs: startMs, toMs: startMs + hourMs, events };
  }
  if (current !== null) windows.push({ fromMs: current.fromMs, toMs: current.toMs });
  return windows;
}
