/** Findings as an attacker would write them, for property tests. */
import * as fc from 'fast-check';
import type { Finding } from '../../alerts/finding.js';
import { sampleFinding } from './sink-conformance.js';

/** Any UTF-16, lone surrogates included, with a taste for what means something to somebody. */
const unit = fc.oneof(
  fc.constantFrom('<', '>', '&', '`', '@here', '<!channel>', '[x](https://example.com)', '*', '_', '~', '|', '"', '\\'),
  fc.constantFrom(
    '\n',
    '\r',
    '\0',
    '\u001b[2J',
    '\u202e',
    '\ufffe',
    '\u{1f4a3}',
    '\ud800',
    '\udc00',
    'ä',
    '漢',
    '\u0301',
  ),
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
);

const text = fc.string({ unit, maxLength: 40 });
/** Now and then a hundred kilobytes. */
const hugeText = fc.tuple(text, fc.constantFrom(1, 1, 1, 1, 1, 1, 30, 2000)).map(([text, times]) => text.repeat(times));
const name = fc.option(hugeText);

const evidence = fc.record({
  event_time: fc.constant('2026-03-01T01:05:00.000Z'),
  log_uri: hugeText,
  log_line: fc.nat(),
  request_id: fc.option(text),
  action: fc.option(text),
  key: name,
  status: fc.option(fc.nat(599)),
});

export const hostileFinding: fc.Arbitrary<Finding> = fc
  .record({
    title: hugeText,
    description: hugeText,
    account_id: name,
    region: name,
    bucket: name,
    key: name,
    principal: name,
    source_ip: name,
    user_agent: name,
    evidence: fc.array(evidence, { maxLength: 10 }),
    baseline: fc.option(
      fc.record({ expected: name, observed: name, history_days: fc.option(fc.nat()), factors: fc.array(hugeText) }),
    ),
    query: hugeText,
    next_steps: fc.array(hugeText, { maxLength: 20 }),
  })
  .map((fields) => sampleFinding(fields));
