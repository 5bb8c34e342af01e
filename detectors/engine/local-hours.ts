/** The table `local_hours`: what the clock on the wall says in each UTC hour, and whether people work then. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BOOLEAN, DATE, DuckDBDateValue, DuckDBTimestampValue, INTEGER, TIMESTAMP } from '@duckdb/node-api';
import type { BusinessHours } from '../../config/surroundings-schema.js';
import { appendTempRows, type AppendColumn } from '../../store/append-rows.js';
import { historyDays, type DetectionWindow } from './window-views.js';

/** A UTC hour as a local clock shows its beginning. */
export interface LocalHour {
  /** Milliseconds since 1970, on the hour. */
  readonly startMs: number;
  /** Days since 1970 of the local calendar. */
  readonly day: number;
  /** 0–23. */
  readonly hour: number;
  /** 1 is Monday. */
  readonly weekday: number;
  /** Whether people work in any minute of it. */
  readonly isBusiness: boolean;
}

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const minutesADay = 1440;
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/**
 * Creates `local_hours(hour, local_day, local_hour, local_weekday, is_business)`, a row a UTC hour of the window and of the
 * history before it; without business hours in the config it has no rows, and what joins it stays quiet.
 */
export async function createLocalHours(
  connection: DuckDBConnection,
  { toMs }: DetectionWindow,
  businessHours: BusinessHours | null,
): Promise<void> {
  await connection.run(`
    create or replace temp table local_hours (
      hour timestamp, local_day date, local_hour integer, local_weekday integer, is_business boolean
    )`);
  if (businessHours === null) return;
  const hours = localHours(businessHours, toMs - (historyDays + 1) * dayMs, toMs);
  await appendTempRows(connection, 'local_hours', columns, hours);
}

const columns: readonly AppendColumn<LocalHour>[] = [
  { type: TIMESTAMP, value: ({ startMs }) => new DuckDBTimestampValue(BigInt(startMs) * 1000n) },
  { type: DATE, value: ({ day }) => new DuckDBDateValue(day) },
  { type: INTEGER, value: ({ hour }) => hour },
  { type: INTEGER, value: ({ weekday }) => weekday },
  { type: BOOLEAN, value: ({ isBusiness }) => isBusiness },
];

/** Every UTC hour that begins in the span, which is aligned to hours. Daylight saving follows the time zone. */
export function localHours(businessHours: BusinessHours, fromMs: number, toMs: number): LocalHour[] {
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: businessHours.timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const hours: LocalHour[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += hourMs) hours.push(localHour(businessHours, clock, startMs));
  return hours;
}

function localHour(businessHours: BusinessHours, clock: Intl.DateTimeFormat, startMs: number): LocalHour {
  const parts = new Map(clock.formatToParts(startMs).map(({ type, value }) => [type, Number(value)]));
  const day = Date.UTC(parts.get('year')!, parts.get('month')! - 1, parts.get('day')) / dayMs;
  const minute = parts.get('hour')! * 60 + parts.get('minute')!;
  return {
    startMs,
    day,
    hour: parts.get('hour')!,
    weekday: weekdayOf(day),
    isBusiness: isWorked(businessHours, day, minute),
  };
}

/** Whether the 60 minutes from a local minute on meet the working hours of their day, the day before or the day after. */
function isWorked(businessHours: BusinessHours, day: number, minute: number): boolean {
  const { startMinute, endMinute } = businessHours;
  const lastMinute = endMinute <= startMinute ? endMinute + minutesADay : endMinute;
  return [-1, 0, 1].some((shift) => {
    const offset = shift * minutesADay;
    return (
      isWorkingDay(businessHours, day + shift) && startMinute + offset < minute + 60 && lastMinute + offset > minute
    );
  });
}

function isWorkingDay({ days, holidays }: BusinessHours, day: number): boolean {
  const date = new Date(day * dayMs).toISOString().slice(0, 10);
  return days.includes(weekdays[weekdayOf(day) - 1]!) && !holidays.some((holiday) => date.endsWith(holiday));
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}
