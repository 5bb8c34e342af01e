/** The times and numbers of plain lines. */
import { colon, dash, plus, space } from './bytes';

/** The second of the day of `:11:52:19` at `at`; negative when that is no time. */
export function clockSeconds(at: usize): i32 {
  if (load<u8>(at) !== colon || load<u8>(at + 3) !== colon || load<u8>(at + 6) !== colon) return -1;
  const hours = twoDigits(at + 1);
  const minutes = twoDigits(at + 4);
  const seconds = twoDigits(at + 7);
  return hours > 23 || minutes > 59 || seconds > 59 ? -1 : hours * 3600 + minutes * 60 + seconds;
}

/** Two digits; more than 99 when they are not. */
function twoDigits(at: usize): i32 {
  const tens = <u32>load<u8>(at) - 0x30;
  const ones = <u32>load<u8>(at + 1) - 0x30;
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/** Whether ` +0000] ` is at `at`. */
export function isUtc(at: usize): bool {
  if (load<u8>(at) !== space || load<u32>(at + 2) !== 0x30303030 || load<u16>(at + 6) !== 0x205d) return false;
  return load<u8>(at + 1) === plus || load<u8>(at + 1) === dash;
}

/** The value of the digits `[from, to)`, at most fifteen; negative for anything else. */
export function numberOf(from: usize, to: usize): i64 {
  const length = <i32>(to - from);
  if (length <= 8) return eightDigits(to, length);
  if (length > 15) return -1;
  const low = eightDigits(to, 8);
  const high = eightDigits(to - 8, length - 8);
  return low < 0 || high < 0 ? -1 : high * 100_000_000 + low;
}

/** The value of the one to eight digits before `to`; negative when one is none. */
function eightDigits(to: usize, length: i32): i64 {
  const kept = ~(<u64>0) << ((8 - length) << 3);
  let digits = (load<u64>(to - 8) & kept) | (0x3030303030303030 & ~kept);
  const high = digits & 0xf0f0f0f0f0f0f0f0;
  const carried = (digits + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0;
  if (high !== 0x3030303030303030 || carried !== 0x3030303030303030) return -1;
  // Neighbours are put together: digits, then pairs, then fours.
  digits = ((digits & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8;
  digits = ((digits & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return <i64>(((digits & 0x0000ffff0000ffff) * 42949672960001) >> 32);
}

/** By month, from 1: its days, and those before it in a year that begins with March. */
const daysOfMonth = memory.data<u8>([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
const daysBeforeMonth = memory.data<u16>([0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275]);
const daysFromYearZero = 719_468;

/** Microseconds since 1970 of `2026-07-01T12:34:56Z` in `[from, to)`; the least number for anything else. */
export function timeUsOf(from: usize, to: usize): i64 {
  const none = i64.MIN_VALUE;
  if (to - from !== 20 || load<u8>(from + 4) !== dash || load<u8>(from + 7) !== dash) return none;
  if (load<u8>(from + 10) !== 0x54 || load<u8>(from + 19) !== 0x5a) return none;
  const century = twoDigits(from);
  const yearOfCentury = twoDigits(from + 2);
  const month = twoDigits(from + 5);
  const day = twoDigits(from + 8);
  const hours = twoDigits(from + 11);
  const minutes = twoDigits(from + 14);
  const seconds = twoDigits(from + 17);
  if (load<u8>(from + 13) !== colon || load<u8>(from + 16) !== colon) return none;
  if (century > 99 || yearOfCentury > 99 || hours > 23 || minutes > 59 || seconds > 59) return none;
  const year = century * 100 + yearOfCentury;
  if (month < 1 || month > 12 || day < 1 || day > <i32>load<u8>(daysOfMonth + <usize>month)) return none;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return none;
  // Counted from the first of March, so that a leap day is the last of its year.
  const years = month > 2 ? year : year - 1;
  if (years < 0) return none;
  const leapDays = years / 4 - years / 100 + years / 400;
  const before = <i32>load<u16>(daysBeforeMonth + ((<usize>month) << 1));
  const days = years * 365 + leapDays + before + day - 1 - daysFromYearZero;
  return (<i64>days * 86_400 + <i64>(hours * 3600 + minutes * 60 + seconds)) * 1_000_000;
}
