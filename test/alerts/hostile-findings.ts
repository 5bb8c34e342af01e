/** Findings as the worst logs would make them, for properties of everything that renders findings. */
import * as fc from 'fast-check';
import { findingSchema, findingStates, type Finding } from '../../alerts/finding.js';
import { severities } from '../../config/severity.js';

/** Text that steers terminals, ends lines, opens markup, calls people, and is not well-formed. */
const poison = fc.constantFrom(
  '\u001b[2J',
  '\r\n\r\n',
  '\u0000',
  '\u202e',
  '\u2028',
  '\ud800',
  '<!channel>',
  '<https://evil.example.com|click>',
  '@everyone',
  '&lt;',
  '"}]}',
  "'; drop table findings; --",
  '*_~`',
  '\u{1f4a3}\u{e0041}',
  ' ',
  '=cmd()',
  'ä'.repeat(600),
  '\u0001'.repeat(1100),
);
const text = fc
  .array(fc.oneof(poison, fc.string({ unit: 'binary', maxLength: 40 })), { maxLength: 5 })
  .map((parts) => parts.join(''));
const time = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => new Date(seconds * 1000).toISOString());
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const hex = fc.stringMatching(/^[0-9a-f]{64}$/);

const evidence = fc.record({
  event_time: time,
  log_uri: text,
  log_line: fc.nat(),
  request_id: orNull(text),
  action: orNull(text),
  key: orNull(text),
  status: orNull(fc.integer({ min: 100, max: 599 })),
});

const baseline = fc.record({
  expected: orNull(text),
  observed: orNull(text),
  history_days: orNull(fc.nat()),
  factors: fc.array(text, { maxLength: 3 }),
});

/** Every finding that the contract allows, with log text wherever log text can be. */
export const hostileFinding: fc.Arbitrary<Finding> = fc
  .record({
    schema: fc.constant('bucketwatch.finding/1' as const),
    id: hex,
    dedupe_key: hex,
    state: fc.constantFrom(...findingStates),
    detector: fc.constantFrom('log-bucket-object-deleted', 'x'.repeat(600)),
    detector_version: fc.integer({ min: 1, max: 9 }),
    title: fc.constantFrom('log objects deleted', 'Löschung <b>'),
    description: text,
    severity: fc.constantFrom(...severities),
    account_id: orNull(fc.constantFrom('111122223333', '-')),
    region: orNull(fc.constantFrom('eu-central-1', 'cn-north-1', 'us-gov-west-1')),
    bucket: orNull(text),
    key: orNull(text),
    principal: orNull(text),
    source_ip: orNull(fc.oneof(fc.constantFrom('203.0.113.7', '2001:db8::1', 'cloudtrail.amazonaws.com'), text)),
    user_agent: orNull(text),
    first_event_at: time,
    last_event_at: time,
    event_count: fc.nat(),
    evidence: fc.array(evidence, { maxLength: 10 }),
    baseline: orNull(baseline),
    mitre: fc.subarray(['T1070', 'T1562.008', 'T1530']),
    query: text,
    next_steps: fc.array(text, { maxLength: 4 }),
    created_at: time,
    updated_at: time,
    run_id: fc.constant('run-1'),
  })
  .map((finding) => findingSchema.parse(finding));
