/** Refuses requests outside of working hours. */
import { AppError } from '../../config/app-error.js';
import { closedPeriods, minuteOfDay, weekdays } from './calendar.js';
import { policyLimits, sharedReasons, type Control, type WorkingHours } from './control.js';
import { deny, policyChange, unlessBreakGlass, unlessService } from './policy.js';
import { asPrincipals, breakGlassOf, refuseOthers } from './values.js';

/** Days that the policy reaches ahead: IAM has no recurring times, so it has to be written again. */
const daysAhead = 7;

export const hours: Control = {
  name: 'hours',
  refuses: 'Refuses requests outside the working hours.',
  usage: '[--days mon,tue] [--hours 07:00-20:00] [--time-zone NAME] [--break-glass ARN...]',
  settings(given, { workingHours: usual, nowMs }) {
    refuseOthers('hours', given, { values: false, options: ['days', 'hours', 'timeZone', 'breakGlass'] });
    const breakGlass = breakGlassOf(given.breakGlass);
    const span = given.hours === undefined ? usual : checkedHours(given.hours);
    if (span === null)
      throw new AppError(
        'usage',
        'hours: the config has no business_hours; expected --hours such as 07:00-20:00, with --days and --time-zone if need be',
      );
    const { startMinute, endMinute } = span;
    const timeZone = given.timeZone === undefined ? (usual?.timeZone ?? 'UTC') : checkedTimeZone(given.timeZone);
    const days = given.days === undefined ? (usual?.days ?? weekdays.slice(0, 5)) : checkedDays(given.days);
    const workingHours: WorkingHours = { timeZone, days, startMinute, endMinute };
    return {
      parameters: {
        days,
        hours: `${clock(startMinute)}-${clock(endMinute)}`,
        time_zone: timeZone,
        break_glass: breakGlass,
      },
      variables: {
        preview_time_zone: timeZone,
        preview_days: days.map((day) => String(weekdays.indexOf(day) + 1)),
        preview_start_minute: startMinute,
        preview_end_minute: endMinute,
        preview_break_glass: asPrincipals(breakGlass),
      },
      closedPeriods: closedPeriods(workingHours, nowMs, daysAhead),
    };
  },
  reasons: {
    'aws-service': sharedReasons.service,
    'via-service': sharedReasons.viaService,
    'break-glass': sharedReasons.breakGlass,
    'within-hours': { verdict: 'passes', why: 'Within the hours.' },
    'outside-hours': { verdict: 'breaks', why: 'Outside the hours.' },
  },
  change(facts, { parameters, closedPeriods: closed }) {
    const statements = closed!.map(({ fromMs, toMs }, index) =>
      deny(facts, {
        sid: `DenyOutsideHours${index + 1}`,
        actions: 's3:*',
        on: 'all',
        condition: {
          DateGreaterThanEquals: { 'aws:CurrentTime': iso(fromMs) },
          DateLessThan: { 'aws:CurrentTime': iso(toMs) },
          ...unlessService,
          ...unlessBreakGlass(facts, parameters['break_glass'] as readonly string[]),
        },
      }),
    );
    return policyChange(facts, statements);
  },
  limits: [
    `IAM knows no recurring times: aws:CurrentTime is compared with dates. The policy covers the next ${daysAhead} days and must be written again before they are over; a schedule that does that is part of this control.`,
    'Access logs have the time when a request arrived, CloudTrail when it was done: at the edges, long transfers may be counted on the wrong side.',
    'Holidays are not known. A transfer that began within the hours is not cut off at their end.',
    'Only CloudTrail shows that a service such as Athena asked for the caller (aws:ViaAWSService); of requests that only the access log has, such ones are counted as breaking.',
    'Jobs run at night: replication, Batch Operations, backups and deployments are roles like any other. Give theirs to --break-glass.',
    ...policyLimits,
  ],
  references: [
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws-dates.html',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-currenttime',
  ],
};

function checkedTimeZone(name: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    // RangeError is how Intl says no.
    throw new AppError('usage', `hours --time-zone ${name}: is not a time zone; expected a name such as Europe/Berlin`);
  }
}

function checkedDays(text: string): string[] {
  const days = text.toLowerCase().split(',');
  if (days.some((day) => !weekdays.includes(day)))
    throw new AppError('usage', `hours --days ${text}: are not days; expected a list such as mon,tue,wed,thu,fri`);
  return [...new Set(days)];
}

function checkedHours(text: string): Pick<WorkingHours, 'startMinute' | 'endMinute'> {
  const [, start, end] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.exec(text) ?? [];
  if (start === undefined || end === undefined || start === end)
    throw new AppError('usage', `hours --hours ${text}: is not a span of hours; expected for example 07:00-20:00`);
  return { startMinute: minuteOfDay(start), endMinute: minuteOfDay(end) };
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}
