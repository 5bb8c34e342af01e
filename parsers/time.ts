/** Reads the timestamps of both logs into microseconds since 1970, UTC. NaN means malformed or impossible; nothing rolls over. */

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const months = new Map(monthNames.map((name, index) => [packedMonth(Buffer.from(name), 0), index + 1]));

/** The last day of an access log that was looked up, as its eleven bytes; consecutive lines nearly always share it. */
let knownDay = -1;
let knownMonth = -1;
let knownYear = -1;
let knownDaySeconds = NaN;

/** Microseconds since 1970 at the start of a `dd/Mon/yyyy` at `at`, NaN when there is no such day. */
export function logDayUs(bytes: Uint8Array, at: number): number {
  return logDaySeconds(bytes, at) * 1e6;
}

function logDaySeconds(bytes: Uint8Array, at: number): number {
  const day = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 6]! << 24);
  const month = packedMonth(bytes, at + 3);
  const year = bytes[at + 7]! | (bytes[at + 8]! << 8) | (bytes[at + 9]! << 16) | (bytes[at + 10]! << 24);
  if (day !== knownDay || month !== knownMonth || year !== knownYear) {
    knownDay = day;
    knownMonth = month;
    knownYear = year;
    const isDate = bytes[at + 2] === slash && bytes[at + 6] === slash;
    const years = two(bytes, at + 7) * 100 + two(bytes, at + 9);
    knownDaySeconds = isDate ? dayNumber(years, months.get(month) ?? NaN, two(bytes, at)) * 86_400 : NaN;
  }
  return knownDaySeconds;
}

const slash = 0x2f;
const colon = 0x3a;
const plus = 0x2b;
const minus = 0x2d;
const zeroOffset = 0x30303030;

/** Bytes of `06/Feb/2019:00:00:38`. */
export const logClockLength = 20;

/** Reads `06/Feb/2019:00:00:38` at `clock` and `+0000` at `offset`, the time of an access log without its brackets. */
export function parseLogTime(bytes: Uint8Array, clock: number, offset: number): number {
  if (bytes[clock + 11] !== colon || bytes[clock + 14] !== colon || bytes[clock + 17] !== colon) return NaN;
  const day = logDaySeconds(bytes, clock);
  return (day + clockSeconds(bytes, clock + 12, clock + 15, clock + 18) - offsetSeconds(bytes, offset)) * 1e6;
}

/** Reads `+0000` at `at` as seconds east of UTC. */
function offsetSeconds(bytes: Uint8Array, at: number): number {
  const digits = bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 24);
  const sign = bytes[at];
  if (digits === zeroOffset && (sign === plus || sign === minus)) return 0;
  return signedOffset(sign, two(bytes, at + 1), two(bytes, at + 3));
}

function signedOffset(sign: number | undefined, hours: number, minutes: number): number {
  if (sign !== plus && sign !== minus) return NaN;
  if (!(hours <= 18 && minutes <= 59)) return NaN;
  return (sign === plus ? 1 : -1) * (hours * 3600 + minutes * 60);
}

/**
 * Reads an ISO 8601 time of `bytes[start, end)`: `2026-07-01T12:34:56Z`, with up to nine digits of a fraction (cut at
 * microseconds), a space for the T, an offset for the Z or neither (UTC), or all in the basic form `20260701T123456Z`.
 */
export function parseIsoTime(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.prototype.latin1Slice.call(bytes, start, Math.min(end, start + 40));
  const match = isoTime.exec(text);
  if (match === null || end - start > 40) return NaN;
  const [, year, , month, day, hour, , minute, second, fraction = '', sign, offsetHours, offsetMinutes = '00'] = match;
  const date = dayNumber(Number(year), Number(month), Number(day)) * 86_400;
  const clock = secondsOfDay(Number(hour), Number(minute), Number(second));
  const offset = sign === undefined ? 0 : signedOffset(sign.charCodeAt(0), Number(offsetHours), Number(offsetMinutes));
  return (date + clock - offset) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

const isoTime =
  /^(\d{4})(-?)(\d\d)\2(\d\d)[T ](\d\d)(:?)(\d\d)\6(\d\d)(?:\.(\d{1,9}))?(?:Z| ?UTC|([+-])(\d\d)(?::?(\d\d))?)?$/;

function clockSeconds(bytes: Uint8Array, hour: number, minute: number, second: number): number {
  return secondsOfDay(two(bytes, hour), two(bytes, minute), two(bytes, second));
}

function secondsOfDay(hour: number, minute: number, second: number): number {
  return hour <= 23 && minute <= 59 && second <= 59 ? hour * 3600 + minute * 60 + second : NaN;
}

/** Two digits at `at`, NaN when they are not. */
function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const ones = bytes[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/** Days before each month of a year that begins in March, and the days of each month from January on. */
const daysBeforeMonth = [306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275];
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const daysFromYearZero = 719_468;

/** Days since 1970-01-01 of a year from 0 to 9999; NaN when the calendar has no such day. */
export function dayNumber(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth[month - 1]!)) return NaN;
  if (month === 2 && day === 29 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))) return NaN;
  // Counted from the first of March, so that a leap day is the last of its year.
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leapDays + daysBeforeMonth[month - 1]! + day - 1 - daysFromYearZero;
}

function packedMonth(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
}
