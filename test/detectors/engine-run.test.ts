/** Running detectors: their output is checked, the config overrides them, and none can stop another. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DuckDBConnection } from '@duckdb/node-api';
import { parseConfig } from '../../config/load.js';
import { runDetectors, type RunResult } from '../../detectors/engine/run.js';
import type { Detector } from '../../detectors/format/detector.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { expandCase, windowOf } from '../../fixtures/cases/expand.js';
import { queryRows } from '../../store/duckdb.js';

const story = {
  why: 'twelve reads by two roles',
  config: {},
  window: { from: '2026-03-10T10:00:00Z', to: '2026-03-10T11:00:00Z' },
  defaults: { bucket: 'acme-docs', operation: 'REST.GET.OBJECT', key: 'k{n}' },
  events: [
    { log: 'access' as const, at: '+5m', repeat: { every: '1m', count: 11 }, identity: 'role/a' },
    {
      at: '+50m',
      eventName: 'StopLogging',
      eventSource: 'cloudtrail.amazonaws.com',
      identity: 'user/b',
      bucket: 'none',
    },
  ],
  expect: [],
};
const window = windowOf(story);

let bench: CaseBench;
let connection: DuckDBConnection;
beforeAll(async () => {
  bench = await CaseBench.open();
});
beforeEach(async () => {
  connection = await bench.lay(expandCase(story, 'run'));
});
afterAll(() => bench.close());

const body = `
select
  date_trunc('hour', min(event_time)) as window_start, bucket, principal, min(event_time) as first_event_at,
  max(event_time) as last_event_at, count(*) as event_count, array_agg(row_id order by event_time, row_id) as evidence
from s3_events
where event_time >= $from and event_time < $to
group by bucket, principal
having count(*) >= $min_requests`;

function detector(id: string, query = body, facts: Partial<Detector> = {}): Detector {
  const params = [{ name: 'min_requests', default: 1, unit: 'requests', description: 'a threshold' }];
  return {
    id,
    version: 1,
    title: id,
    severity: 'medium',
    severityRules: [],
    family: 'discovery',
    sources: ['access_log'],
    tactic: null,
    mitre: [],
    window: 'hour',
    entity: ['bucket', 'principal'],
    needsLearning: false,
    learns: null,
    needs: null,
    enabled: true,
    params,
    description: id,
    falsePositives: [],
    knownGaps: [],
    nextSteps: [],
    references: [],
    query,
    path: `discovery/${id}.sql`,
    ...facts,
  };
}

function run(detectors: readonly Detector[], config = '', params = {}): Promise<RunResult> {
  return runDetectors(connection, detectors, { config: parseConfig(config, 'test'), ...window, params });
}

const problemOf = async (query: string, facts: Partial<Detector> = {}): Promise<string> => {
  const { detections, problems } = await run([detector('broken', query, facts)]);
  expect(detections).toEqual([]);
  return problems.map(({ message }) => message).join();
};
const changed = (from: string, to: string): string => {
  expect(body).toContain(from);
  return body.replace(from, to);
};

test('gives typed columns, the header severity and at most ten rows of evidence in the order of events', async () => {
  const { detections, problems } = await run([detector('reads')]);
  expect(problems).toEqual([]);
  expect(detections).toHaveLength(1);
  const [found] = detections;
  expect(found).toMatchObject({
    severity: 'medium',
    dryRun: false,
    eventCount: 11,
    entity: ['acme-docs', 'arn:aws:iam::111122223333:role/a'],
    windowStartUs: window.fromMs * 1000,
    summary: null,
    factors: [],
  });
  expect(found!.evidence.map(({ key }) => key)).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', 'k8', 'k9']);
  expect(found!.evidence[0]).toMatchObject({
    action: 'GetObject',
    status: 200,
    logLine: 1,
    eventTimeUs: found!.firstEventAtUs,
  });
});

test('evidence may be calls that only CloudTrail has', async () => {
  const query = `select $from as window_start, $from as first_event_at, $to as last_event_at, $min_requests as event_count,
    array[row_id, 'nowhere#1', 'no row id'] as evidence from cloudtrail`;
  const { detections } = await run([detector('stops', query)]);
  expect(detections[0]!.evidence).toMatchObject([{ action: 'StopLogging', logLine: 0, status: null }]);
});

test('a detector that fails is a problem and stops no other', async () => {
  const { detections, problems } = await run([
    detector('a-broken', 'select nonsense from nowhere where $from < $to'),
    detector('b-works'),
  ]);
  expect(detections.map(({ detector: { id } }) => id)).toEqual(['b-works']);
  expect(problems).toMatchObject([{ detector: 'a-broken', isFatal: true }]);
});

test('says which column is wrong', async () => {
  expect(await problemOf(changed('count(*) as event_count', "'many' as event_count"))).toBe(
    'column event_count is "many"; expected a whole number',
  );
  expect(await problemOf(changed('count(*) as event_count', '1.5::double as event_count'))).toMatch(
    /^column event_count is "1.5"/,
  );
  expect(await problemOf(changed('bucket, principal,', "bucket, principal, 'urgent' as severity,"))).toMatch(
    /^column severity is "urgent"; expected one of critical/,
  );
  expect(await problemOf(changed('bucket, principal,', 'bucket, principal, 1 as colour,'))).toMatch(
    /^the query has the unknown column colour/,
  );
  expect(await problemOf(changed(', count(*) as event_count', ''))).toMatch(/^the query has no column event_count/);
});

test('refuses a window_start that is no window of the run', async () => {
  const middle = changed("date_trunc('hour', min(event_time)) as window_start", 'min(event_time) as window_start');
  expect(await problemOf(middle)).toMatch(
    /^column window_start is 2026-03-10T10:05:00.000Z; expected the start of a hour/,
  );
  const early = changed(
    "date_trunc('hour', min(event_time)) as window_start",
    "$from - interval '1' hour as window_start",
  );
  expect(await problemOf(early)).toMatch(/^column window_start is 2026-03-10T09/);
});

test('a daily window starts with the day of the run', async () => {
  const daily = changed("date_trunc('hour', min(event_time))", "date_trunc('day', min(event_time))");
  const { detections } = await run([detector('daily', daily, { window: 'day' })]);
  expect(detections[0]!.windowStartUs).toBe(Date.UTC(2026, 2, 10) * 1000);
});

test('keeps one row a window and entity, and says that there were more', async () => {
  const { detections, problems } = await run([detector('twice', `${body} union all ${body}`)]);
  expect(detections).toHaveLength(1);
  expect(problems).toEqual([
    {
      detector: 'twice',
      isFatal: false,
      message: expect.stringContaining('1 rows repeat a window and entity') as string,
    },
  ]);
});

test('the config sets severity, dry run and parameters, later entries winning', async () => {
  const config =
    'detectors: { "re*": { severity: high, params: { min_requests: 100 } }, reads: { dry_run: true, params: { min_requests: 2 } } }';
  const { detections } = await run([detector('reads')], config);
  expect(detections).toMatchObject([{ severity: 'high', dryRun: true }]);
  expect((await run([detector('reads')], '', { reads: { min_requests: 12 } })).detections).toEqual([]);
});

test('the severity of a row stands between the config and the header', async () => {
  const critical = changed('bucket, principal,', "bucket, principal, 'critical' as severity,");
  expect((await run([detector('reads', critical)])).detections[0]!.severity).toBe('critical');
  expect(
    (await run([detector('reads', critical)], 'detectors: { reads: { severity: low } }')).detections[0]!.severity,
  ).toBe('low');
});

test('runs only what is enabled; a pattern does not switch on what is off by default', async () => {
  const off = detector('reads', body, { enabled: false });
  expect((await run([detector('reads')], 'detectors: { reads: { enabled: false } }')).detections).toEqual([]);
  expect((await run([off])).detections).toEqual([]);
  expect((await run([off], 'detectors: { "*": { dry_run: true } }')).detections).toEqual([]);
  expect((await run([off], 'detectors: { reads: { enabled: true } }')).detections).toHaveLength(1);
});

test('names a parameter that the detector does not have, or of another type', async () => {
  const unknown = await run([detector('reads')], 'detectors: { reads: { params: { minimum: 1 } } }');
  expect(unknown.problems[0]!.message).toBe('reads: unknown parameter minimum; expected one of min_requests');
  const typed = await run([detector('reads')], 'detectors: { reads: { params: { min_requests: many } } }');
  expect(typed.problems[0]!.message).toBe('reads: parameter min_requests is text; expected a number, such as 1');
});

test('parameters may be texts, lists, fractions and switches', async () => {
  const values = { texts: ['acme-docs', 'x'], half: 0.5, on: true, name: 'acme-docs', none: [] as string[] };
  const params = Object.entries(values).map(([name, value]) => ({
    name,
    default: value,
    unit: null,
    description: name,
  }));
  const where =
    'contains($texts, bucket) and $half < 1 and $on and bucket = $name and not contains($none, bucket) and event_time';
  const query = changed('event_time >= $from', `${where} >= $from`).replace('$min_requests', '1');
  expect((await run([detector('reads', query, { params })])).problems).toEqual([]);
  expect((await run([detector('reads', query, { params })])).detections).toHaveLength(1);
});

test('gives the same list in the same order every time', async () => {
  const perKey = detector(
    'z-keys',
    changed('group by bucket, principal', 'group by bucket, principal, key').replace(
      'bucket, principal,',
      'bucket, principal, key,',
    ),
    { entity: ['key'] },
  );
  const runs = [await run([perKey, detector('a-reads')]), await run([detector('a-reads'), perKey])];
  const shown = runs.map(({ detections }) =>
    JSON.stringify(detections.map((found) => ({ ...found, detector: found.detector.id }))),
  );
  expect(shown[0]).toBe(shown[1]);
  expect(runs[0]!.detections.map(({ identity }) => identity.key).slice(0, 4)).toEqual([null, 'k0', 'k1', 'k10']);
});

test('leaves the connection as it was', async () => {
  const count = async () =>
    (
      await queryRows<{ rows: number }>(
        connection,
        'select (select count(*) from s3_events)::int + (select count(*) from cloudtrail)::int as rows',
      )
    )[0]!.rows;
  const files = () =>
    queryRows(connection, "select getvariable('access_log_files') as a, getvariable('cloudtrail_files') as b");
  const before = [await count(), await files()];
  const later = {
    config: parseConfig('', 'test'),
    fromMs: window.toMs + 10 * 86_400_000,
    toMs: window.toMs + 10 * 86_400_000 + 3_600_000,
  };
  expect((await runDetectors(connection, [detector('reads')], later)).detections).toEqual([]);
  expect([await count(), await files()]).toEqual(before);
  expect((await run([detector('reads')])).detections).toHaveLength(1);
  const left = await queryRows(
    connection,
    "select table_name from duckdb_tables() where temporary and table_name in ('buckets', 'accounts', 'window_s3_events')",
  );
  expect(left).toEqual([]);
});
