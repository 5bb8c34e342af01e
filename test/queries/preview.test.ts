/** Previews against the policies that they print: whatever is said to break, an independent judge denies, and nothing else. */
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { CaseEvent, DetectorCase } from '../../fixtures/cases/case-format.js';
import { openCaseLake } from '../../fixtures/cases/case-lake.js';
import { expandCase } from '../../fixtures/cases/expand.js';
import type { GivenValues } from '../../queries/preview/control.js';
import { controls } from '../../queries/preview/controls.js';
import { preview, type BucketPreview, type Preview } from '../../queries/preview/frame.js';
import type { Database } from '../../store/duckdb.js';
import { temporaryFolder } from '../lake.js';
import { isDenied } from './policy-conditions.js';
import { breakGlass, distribution, endpoint, key, scenarios, type Scenario } from './preview-scenarios.js';

const given: Readonly<Record<string, GivenValues>> = {
  'tls-only': { values: [], min: '1.2' },
  'ip-allow': { values: ['198.51.100.0/24', '2001:db8:51::/48'], vpcEndpoint: [endpoint], breakGlass: [breakGlass] },
  'vpc-endpoint-only': { values: [endpoint] },
  'cloudfront-only': { values: [], distribution, breakGlass: [breakGlass] },
  'sse-kms-only': { values: [key] },
  hours: { values: [], hours: '07:00-20:00', timeZone: 'Europe/Berlin' },
};

const nowMs = Date.parse('2026-03-10T00:00:00Z');

/** Each scenario has a bucket of its own. */
const bucketOf = (index: number): string => `bucket-${index}`;

function events({ log, fields, more = [] }: Scenario, index: number): CaseEvent[] {
  return [fields, ...more].map((one) => ({ log, at: '2026-03-10T10:30:00Z', ...one, bucket: bucketOf(index) }));
}

const story = (list: readonly CaseEvent[]): DetectorCase =>
  ({
    window: { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' },
    defaults: {},
    events: list,
  }) as unknown as DetectorCase;

async function lakeOf(list: readonly CaseEvent[]): Promise<Database> {
  return openCaseLake(temporaryFolder('preview'), expandCase(story(list), 'preview'));
}

async function ask(
  lake: Database,
  name: string,
  values: GivenValues = given[name] ?? { values: [] },
): Promise<Preview> {
  const control = controls.find((one) => one.name === name)!;
  const settings = control.settings(values, { workingHours: null, nowMs });
  const everything = { buckets: [], fromMs: null, toMs: null, ownAccounts: ['111122223333'] };
  return preview(lake.connection, { control, settings, ...everything });
}

const verdicts = ['breaks', 'unclear', 'passes', 'exempt', 'failed_already'] as const;
const verdictsOf = (bucket: BucketPreview): string[] => verdicts.filter((verdict) => bucket[verdict].requests > 0);

describe('a preview', () => {
  let lake: Database;
  const results = new Map<string, Preview>();

  beforeAll(async () => {
    lake = await lakeOf(scenarios.flatMap((scenario, index) => events(scenario, index)));
    for (const { name } of controls) results.set(name, await ask(lake, name));
  });
  afterAll(() => lake.close());

  const named = scenarios.map(
    (scenario, index) => [scenario.control, scenario.name, scenario, bucketOf(index)] as const,
  );
  const previewOf = (control: string, bucket: string): BucketPreview =>
    results.get(control)!.buckets.find((one) => one.bucket === bucket)!;

  it.each(named)('of %s says what becomes of %s', (control, _, { expected }, bucket) => {
    expect(verdictsOf(previewOf(control, bucket))).toEqual([expected]);
  });

  it.each(named.filter(([, , { contexts }]) => contexts !== undefined))(
    'of %s prints a policy that agrees about %s',
    (control, _, { expected, contexts, action, fields }, bucket) => {
      const { change } = previewOf(control, bucket);
      const defaultAction = fields.eventName === 'PutObject' ? 's3:PutObject' : 's3:GetObject';
      const name = action ?? defaultAction;
      const resource = `arn:aws:s3:::${bucket}${name.endsWith('Object') ? '/a/b.txt' : ''}`;
      const outcomes = contexts!.map((context) => isDenied(change.document, { action: name, resource, context }));
      expect(new Set(outcomes)).toEqual(new Set(expected === 'unclear' ? [true, false] : [expected === 'breaks']));
    },
  );

  it('counts each request once, in one of the five ways', () => {
    for (const { buckets } of results.values()) {
      for (const bucket of buckets) {
        const total = verdicts.reduce((sum, verdict) => sum + bucket[verdict].requests, 0);
        expect([bucket.bucket, total]).toEqual([bucket.bucket, 1]);
      }
    }
  });
});

/** Runs a preview over a small story of its own. */
async function previewOf(
  list: readonly Record<string, unknown>[],
  name: string,
  values?: GivenValues,
): Promise<Preview> {
  const lake = await lakeOf(list.map((one) => ({ at: '2026-03-10T10:30:00Z', bucket: 'one', ...one })));
  try {
    return await ask(lake, name, values);
  } finally {
    lake.close();
  }
}

const read = { operation: 'REST.GET.OBJECT', eventName: 'GetObject', key: 'a/b.txt', identity: 'role/app' };

describe('the frame of previews', () => {
  it('counts a batch delete as one request and its keys as parts', async () => {
    const batch = { log: 'access', request_id: 'BATCH', identity: 'role/app', tls: false };
    const { buckets } = await previewOf(
      [
        { ...batch, operation: 'REST.POST.MULTI_OBJECT_DELETE' },
        { ...batch, operation: 'BATCH.DELETE.OBJECT', key: 'a' },
        { ...batch, operation: 'BATCH.DELETE.OBJECT', key: 'b' },
      ],
      'tls-only',
    );
    expect(buckets[0]).toMatchObject({ breaks: { requests: 1 }, passes: { requests: 0 }, parts: 2 });
  });

  it('counts the keys of a batch delete in CloudTrail as parts, too', async () => {
    const batch = { log: 'cloudtrail', request_id: 'BATCH', identity: 'role/app' };
    const { buckets } = await previewOf(
      [
        { ...batch, eventName: 'DeleteObjects' },
        { ...batch, eventName: 'DeleteObject', key: 'a' },
        { ...batch, eventName: 'DeleteObject', key: 'b' },
        { ...batch, eventName: 'DeleteObject', key: 'alone', request_id: 'ALONE' },
      ],
      'tls-only',
    );
    expect(buckets[0]).toMatchObject({ passes: { requests: 2 }, parts: 2 });
  });

  it('counts a request that both logs saw once, and the two records of a cross-account call once', async () => {
    const { buckets } = await previewOf(
      [
        { ...read, log: 'both' },
        {
          ...read,
          log: 'cloudtrail',
          sharedEventID: 'S',
          identity: '555566667777:role/partner',
          recipientAccountId: '111122223333',
          request_id: 'X',
        },
        {
          ...read,
          log: 'cloudtrail',
          sharedEventID: 'S',
          identity: '555566667777:role/partner',
          recipientAccountId: '555566667777',
          request_id: 'X',
        },
      ],
      'tls-only',
    );
    expect(buckets[0]!.passes).toMatchObject({ requests: 2, principals: 2 });
  });

  it('takes the TLS of the reading side of a copy from the line of the copy in the other bucket', async () => {
    const { buckets } = await previewOf(
      [
        {
          log: 'access',
          operation: 'REST.COPY.OBJECT_GET',
          key: 'a',
          identity: 'role/app',
          request_id: 'COPY',
          tls: false,
          host_header: null,
        },
        {
          log: 'access',
          operation: 'REST.COPY.OBJECT',
          key: 'b',
          identity: 'role/app',
          request_id: 'COPY',
          bucket: 'two',
        },
      ],
      'tls-only',
    );
    expect(buckets.map(({ bucket, passes }) => [bucket, passes.requests])).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
  });

  it('adds up what would break, by principal, with bytes, last seen and rows', async () => {
    const { buckets, period } = await previewOf(
      [
        { ...read, log: 'access', tls: false, bytes_sent: 1000, at: '2026-03-08T10:00:00Z' },
        { ...read, log: 'access', tls: false, bytes_sent: 500, at: '2026-03-10T10:00:00Z' },
        { ...read, log: 'access', tls: false, identity: 'user/kim', at: '2026-03-09T10:00:00Z' },
        { ...read, log: 'access' },
      ],
      'tls-only',
    );
    expect(period).toMatchObject({ days: 3 });
    expect(buckets[0]!.breaks).toEqual({
      requests: 3,
      principals: 2,
      bytes: 1500,
      last_seen: '2026-03-10T10:00:00.000Z',
    });
    expect(buckets[0]!.coverage).toMatchObject({
      access_log_days: 3,
      cloudtrail_days: 0,
      days: 3,
      judged: 4,
      not_judged: 0,
    });
    const [app] = buckets[0]!.would_break;
    expect(app).toMatchObject({ principal: 'arn:aws:iam::111122223333:role/app', requests: 2, actions: ['GetObject'] });
    expect(app!.samples[0]).toMatch(/2026-03-10.*#\d+$/);
  });

  it('says when a bucket has neither an access log nor data events', async () => {
    const managed = { log: 'cloudtrail', identity: 'role/app', eventName: 'PutBucketTagging' };
    const { buckets } = await previewOf([managed, { ...read, log: 'cloudtrail', bucket: 'two' }], 'tls-only');
    expect(buckets.map(({ bucket, coverage }) => [bucket, coverage.sees_objects])).toEqual([
      ['one', false],
      ['two', true],
    ]);
  });

  it('keeps out what is outside the period and of other buckets', async () => {
    const lake = await lakeOf([
      { ...read, log: 'access', bucket: 'one', at: '2026-03-08T23:59:59Z' },
      { ...read, log: 'access', bucket: 'one', at: '2026-03-09T00:00:00Z' },
      { ...read, log: 'access', bucket: 'one', at: '2026-03-10T00:00:00Z' },
      { ...read, log: 'access', bucket: 'two', at: '2026-03-09T00:00:00Z' },
    ]);
    const control = controls.find(({ name }) => name === 'tls-only')!;
    const settings = control.settings({ values: [] }, { workingHours: null, nowMs });
    const { buckets } = await preview(lake.connection, {
      control,
      settings,
      buckets: ['one'],
      fromMs: Date.parse('2026-03-09T00:00:00Z'),
      toMs: Date.parse('2026-03-10T00:00:00Z'),
      ownAccounts: [],
    });
    lake.close();
    expect(buckets.map(({ bucket, passes }) => [bucket, passes.requests])).toEqual([['one', 1]]);
  });
});

describe('block-public-access', () => {
  const anonymous = { ...read, identity: 'anonymous', auth: null, log: 'access' };
  const partner = { ...read, identity: '555566667777:role/partner', log: 'access' };

  it('also breaks other accounts at a bucket whose policy is public, and never the own one', async () => {
    const { buckets } = await previewOf([anonymous, partner, { ...read, log: 'access' }], 'block-public-access');
    expect(buckets[0]!.would_break.map(({ principal }) => principal)).toEqual([
      'anonymous',
      'arn:aws:iam::555566667777:role/partner',
    ]);
    expect(buckets[0]!.passes.requests).toBe(1);
  });

  it('leaves other accounts alone where only an ACL is public', async () => {
    const { buckets } = await previewOf([{ ...anonymous, acl_required: true }, partner], 'block-public-access');
    expect(buckets[0]!.would_break.map(({ principal }) => principal)).toEqual(['anonymous']);
  });
});

describe('the policy of a preview', () => {
  it.each([
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
    ['eu-central-1', 'aws'],
  ])('is of the partition of %s', async (awsRegion, partition) => {
    const { buckets } = await previewOf([{ ...read, log: 'cloudtrail', awsRegion }], 'ip-allow', {
      values: ['198.51.100.0/24'],
    });
    const text = JSON.stringify(buckets[0]!.change.document);
    expect(text).toContain(`arn:${partition}:s3:::one/*`);
    expect(text).toContain(`arn:${partition}:iam::111122223333:role/BREAK_GLASS_ROLE`);
    expect(text).not.toMatch(partition === 'aws' ? /arn:aws-/ : /arn:aws:/);
  });

  it('is of the partition of the callers where only the access log knows the bucket', async () => {
    const requester = 'arn:aws-cn:sts::111122223333:assumed-role/app/session';
    const { buckets } = await previewOf([{ ...read, log: 'access', requester }], 'tls-only');
    expect(buckets[0]!.partition).toBe('aws-cn');
  });

  it('comes with commands in which a hostile bucket name is one word', async () => {
    const { buckets } = await previewOf([{ ...read, log: 'access', bucket: "x;touch$IFS'y'" }], 'tls-only');
    expect(buckets[0]!.change.apply[0]).toContain(`--bucket 'x;touch$IFS'\\''y'\\''' --query`);
  });
});

describe('hours', () => {
  /** Every quarter of an hour of a week in which summer time begins in Berlin (29 March 2026, 01:00 UTC). */
  const fromMs = Date.parse('2026-03-25T00:00:00Z');
  const times = Array.from({ length: 7 * 96 }, (_, index) => new Date(fromMs + index * 900_000).toISOString());

  it.each([
    ['by day', { values: [], hours: '07:00-20:00', timeZone: 'Europe/Berlin' }],
    ['overnight', { values: [], hours: '22:15-05:45', days: 'fri,sun', timeZone: 'Europe/Berlin' }],
    ['in the east, without a full hour', { values: [], hours: '09:00-24:00', days: 'mon', timeZone: 'Asia/Kathmandu' }],
  ])('judges each moment as the policy of that week does, %s', async (_, values) => {
    const lake = await lakeOf(
      times.map((at) => ({ ...read, log: 'access', at, bucket: at.slice(0, 16).replaceAll(':', '-').toLowerCase() })),
    );
    const control = controls.find(({ name }) => name === 'hours')!;
    const settings = control.settings(values, { workingHours: null, nowMs: fromMs });
    const everything = { buckets: [], fromMs: null, toMs: null, ownAccounts: [] };
    const { buckets } = await preview(lake.connection, { control, settings, ...everything });
    lake.close();
    const { document } = buckets[0]!.change;
    const differing = buckets.filter(({ breaks, bucket }) => {
      const time = times.find((at) => at.slice(0, 16).replaceAll(':', '-').toLowerCase() === bucket)!;
      const context = { 'aws:CurrentTime': time, 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/app' };
      const request = { action: 's3:GetObject', resource: `arn:aws:s3:::${buckets[0]!.bucket}/a`, context };
      return isDenied(document, request) !== breaks.requests > 0;
    });
    expect(buckets).toHaveLength(times.length);
    expect(differing).toEqual([]);
    expect(buckets.some(({ breaks }) => breaks.requests > 0)).toBe(true);
    expect(buckets.some(({ passes }) => passes.requests > 0)).toBe(true);
  });
});

const settingsOf = (name: string, values: Partial<GivenValues>) => (): unknown =>
  controls.find((one) => one.name === name)!.settings({ values: [], ...values }, { workingHours: null, nowMs });

describe('the values of a control', () => {
  it.each([
    ['ip-allow', {}, /no network given/],
    ['ip-allow', { values: ['198.51.100.300'] }, /is not a network/],
    ['ip-allow', { values: ['10.0.0.0/8'] }, /private network.*--vpc-endpoint/],
    ['ip-allow', { values: ['fd00::/8'] }, /private network/],
    ['vpc-endpoint-only', {}, /no endpoint given/],
    ['vpc-endpoint-only', { values: ['vpc-1'] }, /is not a VPC endpoint/],
    ['tls-only', { min: '1.4' }, /1\.0, 1\.1, 1\.2, 1\.3/],
    ['tls-only', { values: ['1.2'] }, /takes no value/],
    ['tls-only', { distribution }, /--distribution: is not an option of this control; expected --min/],
    ['sse-kms-only', { values: ['alias/data'] }, /is not one key/],
    ['cloudfront-only', { distribution: 'EDFDVBD6EXAMPLE' }, /is not a distribution/],
    ['hours', {}, /no business_hours/],
    ['hours', { hours: '7-20' }, /is not a span of hours/],
    ['hours', { hours: '07:00-20:00', timeZone: 'Mars/Olympus' }, /is not a time zone/],
    ['hours', { hours: '07:00-20:00', days: 'mo' }, /are not days/],
    ['ip-allow', { values: ['198.51.100.0/24'], breakGlass: ['admin'] }, /is not a role/],
  ])('of %s are refused when they are wrong: %j', (name, values, message) => {
    expect(settingsOf(name, values)).toThrow(message);
  });
});
