/** The part of the config about the world around the buckets: networks, lists of addresses, databases, working hours. */
import type { z } from 'zod';
import { fault, listOf, mapping, nullable, oneOf, optional, text } from './mapping.js';
import { calendarDay, filePath, lastDay, network, timeZone, words } from './scalars.js';

/** Networks that are known to be good, and where AWS is. */
export const networksSchema = mapping({
  trusted: optional(listOf(network), [], 'Networks that your people and servers come from.'),
  aws_ranges: nullable(
    filePath,
    'Copy of https://ip-ranges.amazonaws.com/ip-ranges.json, which says whether an address is one of AWS.',
  ),
}).transform(({ trusted, aws_ranges }) => ({ trusted, awsRanges: aws_ranges }));

/** What a list is about decides which detector looks at it. */
export const threatListKinds = ['custom', 'threat', 'tor'] as const;
export type ThreatListKind = (typeof threatListKinds)[number];

/** One file of bad addresses. `fromMs` and `toMs` bound event time, the end not included; null is unbounded. */
export const threatListSchema = mapping({
  name: optional(words, 'custom', 'Name that findings show.'),
  path: filePath.describe('Text file with one address or CIDR a line.'),
  kind: optional(
    oneOf(threatListKinds),
    'custom',
    'custom for addresses of your own choice, threat for a threat-intelligence feed, tor for Tor exit nodes.',
  ),
  from: nullable(calendarDay, 'First day (UTC) that the list speaks of; null for all before.'),
  to: nullable(
    lastDay,
    'Last day (UTC) that the list speaks of; null for all after. Keep old lists: addresses change hands.',
  ),
})
  .refine(
    ({ from, to }) => from === null || to === null || from < to,
    fault('ends before it begins', 'a day of to that is not before that of from'),
  )
  .transform(({ from, to, ...list }) => ({ ...list, fromMs: from, toMs: to }));

/** One of `threat_lists`, normalised. */
export type ThreatListConfig = z.output<typeof threatListSchema>;

export const geoipSchema = mapping({
  country: nullable(filePath, 'Country database (.mmdb).'),
  asn: nullable(filePath, 'ASN database (.mmdb).'),
});

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const hours = text(
  /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
  'is not a span of hours',
  '"HH:MM-HH:MM" in quotes, such as "07:00-20:00"',
)
  .refine((span) => span.slice(0, 5) !== span.slice(6), fault('is empty', 'two different times, such as "07:00-20:00"'))
  .transform((span) => ({ startMinute: minuteOfDay(span.slice(0, 5)), endMinute: minuteOfDay(span.slice(6)) }));

function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

const holiday = text(
  /^(\d{4}-)?\d{2}-\d{2}$/,
  'is not a holiday',
  'a day such as 2026-12-25, or 12-25 for every year, in quotes',
).refine(isHoliday, fault('is not a date', 'a day of the calendar, such as 2026-12-25'));

function isHoliday(written: string): boolean {
  const day = written.length === 5 ? `2024-${written}` : written;
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

export const businessHoursSchema = mapping({
  time_zone: optional(timeZone, 'UTC', 'IANA name of the time zone that people work in.'),
  days: optional(
    listOf(oneOf(weekdays)).min(1, fault('is empty', 'at least one day')),
    ['mon', 'tue', 'wed', 'thu', 'fri'],
    'Working days.',
  ),
  hours: optional(hours, '07:00-20:00', 'Working hours, local time; an end before the start means overnight.'),
  holidays: optional(listOf(holiday), [], 'Local days without work: 2026-12-25, or 12-25 for every year, in quotes.'),
}).transform(({ time_zone, days, hours, holidays }) => ({ timeZone: time_zone, days, holidays, ...hours }));

/** When people work. Minutes count from local midnight; an end before the start is on the next day. */
export type BusinessHours = z.output<typeof businessHoursSchema>;
