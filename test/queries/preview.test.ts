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
  return [fields, ...more].map((one) => ({ log, at: '2026-03-10T10:30:00Z', ...one, bucket: bucketOf(index) }) as CaseEvent);
}

const story = (list: readonly CaseEvent[]): DetectorCase =>
  ({ window: { from: '2026-03-10T00:00:00Z', to: '2026-03-11T00:00:00Z' }, defaults: {}, events: list }) as unknown as DetectorCase;

async function lakeOf(list: readonly CaseEvent[]): Promise<Database> {
  return openCaseLake(temporaryFolder('preview'), expandCase(story(list), 'preview'));
}

async function ask(lake: Database, name: string, values: GivenValues = given[name] ?? { values: [] }): Promise<Preview> {
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

  const named = scenarios.map((scenario, index) => [scenario.control, scenario.name, scenario, bucketOf(index)] as const);
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
      const resource = `arn:aws:s3:::${bucket}${/Object$/.test(name) ? '/a/b.txt' : ''}`;
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
