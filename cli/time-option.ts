/** Times as options take them. */
import { AppError } from '../config/app-error.js';

const timePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Milliseconds since 1970; throws `usage`. A time without an offset is UTC, as everything here. */
export function timeOf(option: string, text: string): number {
  const match = timePattern.exec(text);
  const time = match === null ? NaN : Date.parse(text.includes('T') && match[1] === undefined ? `${text}Z` : text);
  if (Number.isNaN(time))
    throw new AppError('usage', `${option} ${text}: is not a time; expected 2026-11-01 or 2026-11-01T06:00Z (UTC)`);
  return time;
}
