/** Whatever the order in which windows are recorded, the same windows give the same findings. */
import type { DuckDBConnection } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findingSchema, type Finding } from '../../alerts/finding.js';
import { listFindings } from '../../alerts/findings-store.js';
import { recordDetections } from '../../alerts/lifecycle.js';
import { severities } from '../../config/severity.js';
import type { Detection } from '../../detectors/engine/detection.js';
import { createCatalog } from '../../store/catalog.js';
import { openDatabase, queryRows, type Database } from '../../store/duckdb.js';
import { configOf, deletions, detection, hourMs, startMs } from './samples.js';

let database: Database;
beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1, memoryBytes: 256e6, tempDirectory: '/nonexistent' });
  await createCatalog(database.connection);
});
afterAll(() => database.close());

/** What the detector says about one hour. */
interface Hour {
  readonly hour: number;
  readonly detections: readonly Detection[];
}

const hits = fc.uniqueArray(
  fc.record({
    bucket: fc.constantFrom('acme-logs', 'acme-trail'),
    severity: fc.constantFrom(...severities),
    eventCount: fc.integer({ min: 1, max: 50 }),
    source_ip: fc.constantFrom('203.0.113.7', '198.51.100.9'),
  }),
  { selector: ({ bucket }) => bucket, maxLength: 2 },
);

/** Hours lie so that silences of just under, about and over a day come up. */
const hourNumber = fc.integer({ min: 0, max: 30 }).map((step) => step * 6 + (step % 3));

type Hits = typeof hits extends fc.Arbitrary<infer Found> ? Found : never;

function hourOf(hour: number, hits: Hits): Hour {
  const found = hits.map(({ bucket, source_ip, ...hit }) =>
    detection({ hour, identity: { bucket, source_ip }, ...hit }),
  );
  return { hour, detections: found };
}

const anyHour = fc.tuple(hourNumber, hits).map(([hour, hits]) => hourOf(hour, hits));
const hours = fc.uniqueArray(anyHour, { selector: ({ hour }) => hour, minLength: 1, maxLength: 9 });

const config = configOf('suppressions: [{ match: { source_ip: 198.51.100.9 }, reason: known }]');

async function recordAll(connection: DuckDBConnection, hours: readonly Hour[]): Promise<void> {
  for (const [index, { hour, detections }] of hours.entries()) {
    const fromMs = startMs + hour * hourMs;
    await recordDetections(connection, {
      detections,
      window: { fromMs, toMs: fromMs + hourMs },
      detectors: [deletions],
      config,
      runId: `run-${index}`,
      nowMs: startMs + 1000 * hourMs + index,
    });
  }
}

/** Everything but what names and dates the recording itself. */
async function outcome(hours: readonly Hour[]) {
  const { connection } = database;
  for (const table of ['findings', 'finding_windows', 'outbox']) await connection.run(`delete from ${table}`);
  await recordAll(connection, hours);
  const findings = (await listFindings(connection)).filter(({ state }) => state !== 'closed');
  return findings.map((finding) => withoutHistory(finding)).sort((a, b) => (a < b ? -1 : 1));
}

function withoutHistory(finding: Finding): string {
  const {
    id: _id,
    created_at: _created,
    updated_at: _updated,
    run_id: _run,
    state,
    ...rest
  } = findingSchema.parse(finding);
  return JSON.stringify({ ...rest, state: state === 'updated' ? 'open' : state });
}

function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...items], { minLength: items.length });
}

test('windows in any order give the same findings', async () => {
  const orders = hours.chain((hours) => fc.tuple(fc.constant(hours), shuffled(hours)));
  await fc.assert(
    fc.asyncProperty(orders, async ([hours, other]) => {
      const inOrder = hours.toSorted((a, b) => a.hour - b.hour);
      expect(await outcome(other)).toEqual(await outcome(inOrder));
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('only the last look at a window counts', async () => {
  const revised = hours.chain((final) => fc.tuple(fc.constant(final), earlierLooks(final)));
  await fc.assert(
    fc.asyncProperty(revised, async ([final, earlier]) => {
      expect(await outcome([...earlier, ...final])).toEqual(await outcome(final));
    }),
    { numRuns: 30 },
  );
}, 60_000);

/** Other results for some of the hours. */
function earlierLooks(final: readonly Hour[]): fc.Arbitrary<Hour[]> {
  const look = fc.tuple(fc.constantFrom(...final.map(({ hour }) => hour)), hits);
  return fc.array(
    look.map(([hour, hits]) => hourOf(hour, hits)),
    { maxLength: 6 },
  );
}

test('the same windows again change no row', async () => {
  await fc.assert(
    fc.asyncProperty(hours, async (hours) => {
      await outcome(hours);
      const tables = async () => [
        await queryRows(database.connection, 'select * from findings order by id'),
        await queryRows(database.connection, 'select * from finding_windows order by finding_id, window_start'),
      ];
      const before = await tables();
      await recordAll(database.connection, hours);
      expect(await tables()).toEqual(before);
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('every event is counted in exactly one finding, and no two open findings of a kind touch', async () => {
  await fc.assert(
    fc.asyncProperty(hours, async (hours) => {
      await outcome(hours);
      const findings = (await listFindings(database.connection)).filter(({ state }) => state !== 'closed');
      const detections = hours.flatMap((hour) => hour.detections);
      expect(sum(findings.map(({ event_count }) => event_count))).toBe(
        sum(detections.map(({ eventCount }) => eventCount)),
      );
      for (const a of findings) {
        for (const b of findings) {
          if (a === b || a.dedupe_key !== b.dedupe_key || a.first_event_at > b.first_event_at) continue;
          expect(Date.parse(b.first_event_at) - Date.parse(a.last_event_at)).toBeGreaterThan(24 * hourMs);
        }
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
