/** Working hours on the real clock: which stretches of UTC time lie outside of them, with changes of summer time. */
import type { WorkingHours } from './control.js';

/** In the order of ISO weekdays, from Monday. */
export const weekdays: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export interface Period {
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
}

const minuteMs = 60_000;

/** `HH:MM`, as minutes since midnight. */
export function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** The stretches outside the hours from now on, minute by minute, over some days. */
export function closedPeriods(hours: WorkingHours, nowMs: number, days: number): Period[] {
  const isOpen = openAt(hours);
  const firstMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const lastMs = firstMs + days * 1440 * minuteMs;
  const periods: { fromMs: number; toMs: number }[] = [];
  for (let timeMs = firstMs; timeMs < lastMs; timeMs += minuteMs) {
    if (isOpen(timeMs)) continue;
    const last = periods.at(-1);
    if (last?.toMs === timeMs) last.toMs += minuteMs;
    else periods.push({ fromMs: timeMs, toMs: timeMs + minuteMs });
  }
  return periods;
}

/** Whether a moment lies within the hours; an end before the start means overnight, and belongs to the day of its start. */
export function openAt({ timeZone, days, startMinute, endMinute }: WorkingHours): (timeMs: number) => boolean {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (timeMs) => {
    const parts = Object.fromEntries(format.formatToParts(timeMs).map(({ type, value }) => [type, value]));
    const today = weekdays.indexOf(parts['weekday']!.slice(0, 3).toLowerCase());
    const minute = Number(parts['hour']) * 60 + Number(parts['minute']);
    const isDay = (day: number): boolean => days.includes(weekdays[(day + 7) % 7]!);
    if (startMinute < endMinute) return isDay(today) && minute >= startMinute && minute < endMinute;
    return (isDay(today) && minute >= startMinute) || (isDay(today - 1) && minute < endMinute);
  };
}
