import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesName } from '../../config/name-pattern.js';
import { nearestName } from '../../config/nearest-name.js';
import { isAtLeast } from '../../config/severity.js';

describe('patterns of names', () => {
  it.each([
    ['exfiltration-*', 'exfiltration-volume', true],
    ['exfiltration-*', 'exfiltration-', true],
    ['exfiltration-*', 'exfiltration', false],
    ['*', '', true],
    ['', 'a', false],
    ['a*b*c', 'a--b--b--c', true],
    ['a*b*c', 'a--b--c-', false],
    ['a.c', 'abc', false],
    ['Acme', 'acme', false],
  ])('%s against %s is %s', (pattern, name, expected) => {
    expect(matchesName(pattern, name)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '/', '.'), maxLength: 8 });
    fc.assert(
      fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 10 }), (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 's');
        expect(matchesName(pattern, name)).toBe(expression.test(name));
      }),
    );
  });

  it('is not stalled by a pattern with many stars', () => {
    expect(matchesName(`${'a*'.repeat(200)}b`, 'a'.repeat(20_000))).toBe(false);
  });
});

describe('the nearest name', () => {
  it.each([
    ['topic_arm', 'topic_arn'],
    ['tpoic_arn', 'topic_arn'],
    ['topic-arn', 'topic_arn'],
    ['TopicArn', 'topic_arn'],
    ['sink', 'sinks'],
  ])('takes %s for %s', (name, expected) => {
    expect(nearestName(name, ['type', 'sinks', 'topic_arn', 'format'])).toBe(expected);
  });

  it('offers nothing for a name that is far from all', () => {
    expect(nearestName('elephant', ['type', 'sinks'])).toBeNull();
  });

  it('does not compare very long names', () => {
    expect(nearestName('x'.repeat(1e6), ['type'])).toBeNull();
  });
});

it('orders severities from critical down to info', () => {
  expect([isAtLeast('critical', 'high'), isAtLeast('high', 'high'), isAtLeast('medium', 'high')]).toEqual([
    true,
    true,
    false,
  ]);
});
