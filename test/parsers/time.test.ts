/** The calendar, beside that of JavaScript. */
import { expect, it } from 'vitest';
import { dayNumber } from '../../parsers/time.js';

/** Midnight by `Date`, which rolls an impossible day over into another. */
function dayByDate(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 86_400_000 : NaN;
}

it('counts the days of ten thousand years, and knows which there never were', () => {
  const wrong: string[] = [];
  for (let year = 0; year < 10_000; year++) {
    for (let month = 1; month <= 12; month++) {
      for (const day of [0, 1, 28, 29, 30, 31, 32]) {
        const found = dayNumber(year, month, day);
        if (!Object.is(found, dayByDate(year, month, day))) wrong.push(`${year}-${month}-${day} is ${found}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it('has no month 0 or 13, and no day of a number that is none', () => {
  expect([dayNumber(2026, 0, 1), dayNumber(2026, 13, 1), dayNumber(NaN, 1, 1), dayNumber(2026, 1, NaN)]).toEqual([
    NaN,
    NaN,
    NaN,
    NaN,
  ]);
});
