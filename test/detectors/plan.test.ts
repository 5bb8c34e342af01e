/** What is looked at when hours have gained rows. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDetection, type DetectionPlan, type PendingHour } from '../../detectors/windows.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 2, 1);

function hours(day: number, numbers: readonly number[], eventsOfDay: number): PendingHour[] {
  return numbers.map((hour) => ({
    startMs: start + day * dayMs + hour * hourMs,
    events: Math.ceil(eventsOfDay / numbers.length),
  }));
}

/** Looks as text: days and hours since the start. */
function shown(plans: readonly DetectionPlan[]): string[] {
  return plans.flatMap(({ looks }) =>
    looks.map(({ window, detectors }) => {
      const [from, to] = [window.fromMs, window.toMs].map((ms) => (ms - start) / hourMs);
      return `${detectors} ${from}-${to}${window.isLarge === true ? ' large' : ''}`;
    }),
  );
}

test('small days are looked at whole, and together', () => {
  const pending = [...hours(0, [3], 40), ...hours(1, [0, 5], 40), ...hours(2, [1], 40)];
  expect(shown(planDetection(pending, 100))).toEqual(['all 0-48', 'all 48-72']);
});

test('of a large day only the new hours are looked at, and the day by those who count by it', () => {
  const pending = hours(0, [3, 4, 9], 1000);
  expect(shown(planDetection(pending, 100))).toEqual(['hour 3-5', 'hour 9-10', 'day 0-24 large']);
});

test('a large day that is all new is cut into hours that fit', () => {
  const all = Array.from({ length: 24 }, (_, hour) => hour);
  expect(shown(planDetection(hours(0, all, 960), 480))).toEqual(['hour 0-12', 'hour 12-24', 'day 0-24 large']);
});

const pendingHours = fc
  .uniqueArray(fc.record({ hour: fc.nat(24 * 5), events: fc.nat(200) }), { selector: ({ hour }) => hour })
  .map((list) => list.map(({ hour, events }): PendingHour => ({ startMs: start + hour * hourMs, events })));

test('every new hour is looked at once by each kind of detector, and nothing else is but the rest of its day', () => {
  fc.assert(
    fc.property(pendingHours, fc.integer({ min: 1, max: 1000 }), (pending, maxEvents) => {
      const looks = planDetection(pending, maxEvents).flatMap((plan) => plan.looks);
      for (const kind of ['hour', 'day'] as const) {
        const own = looks.filter(({ detectors }) => detectors === 'all' || detectors === kind);
        const seen = own.flatMap(({ window: { fromMs, toMs } }) =>
          Array.from({ length: (toMs - fromMs) / hourMs }, (_, index) => fromMs + index * hourMs),
        );
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining(pending.map(({ startMs }) => startMs)));
        const days = new Set(pending.map(({ startMs }) => Math.floor(startMs / dayMs)));
        expect(seen.every((hour) => days.has(Math.floor(hour / dayMs)))).toBe(true);
        const aligned = kind === 'day' ? dayMs : hourMs;
        expect(own.every(({ window }) => window.fromMs % aligned === 0 && window.toMs % aligned === 0)).toBe(true);
      }
    }),
  );
});
