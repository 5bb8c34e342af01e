import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePolicy, type PolicyContext } from '../../detectors/policy/evaluate-policy.js';
import { policyOfRequest } from '../../detectors/policy/policy-document.js';
import { coversPattern, matchesPattern, mayShareText } from '../../detectors/policy/policy-pattern.js';

const context: PolicyContext = { ownerAccount: '111122223333', ownAccounts: [], trustedAccounts: ['555566667777'] };

/** Policies that are almost right: real words in likely and unlikely places. */
const words = fc.constantFrom(
  '*',
  'Allow',
  'Deny',
  's3:GetObject',
  's3:*',
  'arn:aws:s3:::acme-docs/*',
  '111122223333',
  '444455556666',
  'arn:aws:iam::444455556666:root',
  'arn:aws:iam::*:role/x',
  'o-a1b2c3d4e5',
  '198.51.100.0/24',
  '0.0.0.0/0',
  'true',
  '${aws:PrincipalOrgID}',
  '',
);
const values = fc.oneof(words, fc.array(words, { maxLength: 3 }), fc.integer(), fc.boolean(), fc.constant(null));
const operators = fc.constantFrom(
  'StringEquals',
  'StringNotEquals',
  'StringLikeIfExists',
  'ArnNotLike',
  'IpAddress',
  'NotIpAddress',
  'Null',
  'Bool',
  'ForAllValues:StringLike',
  'ForAnyValue:StringEquals',
  '__proto__',
);
const keys = fc.constantFrom(
  'aws:PrincipalOrgID',
  'aws:PrincipalArn',
  'aws:SourceIp',
  'aws:SourceVpce',
  'aws:SourceAccount',
  'aws:userid',
  'aws:Referer',
  'constructor',
);
const statements = fc.record(
  {
    Sid: values,
    Effect: fc.constantFrom('Allow', 'Deny'),
    Principal: fc.oneof(
      values,
      fc.dictionary(fc.constantFrom('AWS', 'Service', 'Federated', 'CanonicalUser', '*'), values, { maxKeys: 3 }),
    ),
    NotPrincipal: fc.dictionary(fc.constant('AWS'), values, { maxKeys: 1 }),
    Action: values,
    NotAction: values,
    Resource: values,
    NotResource: values,
    Condition: fc.dictionary(operators, fc.dictionary(keys, values, { maxKeys: 2 }), { maxKeys: 2 }),
  },
  { requiredKeys: ['Effect'] },
);
const policies = fc.record({ Statement: fc.oneof(statements, fc.array(statements, { maxLength: 4 })) });

describe('evaluating policies', () => {
  it('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.json(), policies, fc.string()), (policy) => {
        const result = evaluatePolicy(policy, context);
        expect('malformed' in result ? typeof result.malformed : Array.isArray(result.grants)).toBe(
          'malformed' in result ? 'string' : true,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('says the same of a policy and of its JSON text', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        expect(evaluatePolicy(JSON.stringify(policy), context)).toEqual(evaluatePolicy(policy, context));
      }),
    );
  });

  it('finds no more grants after a Deny is added', () => {
    const single = policies.filter((policy) => Array.isArray(policy.Statement));
    fc.assert(
      fc.property(single, statements, (policy, statement) => {
        const before = evaluatePolicy(policy, context);
        const after = evaluatePolicy(
          { Statement: [...(policy.Statement as unknown[]), { ...statement, Effect: 'Deny' }] },
          context,
        );
        fc.pre(!('malformed' in before) && !('malformed' in after));
        expect(after.grants.length).toBeLessThanOrEqual(before.grants.length);
      }),
    );
  });

  it('is quick with the worst policy that AWS would take', () => {
    const worst = Array.from({ length: 8 }, (_, index) => `arn:aws:s3:::${'a*'.repeat(450)}b${index}`);
    const target = Array.from({ length: 8 }, (_, index) => `arn:aws:s3:::${'a'.repeat(900)}${index}`);
    const policy = {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: Array.from({ length: 500 }, (_, index) => String(100_000_000_000 + index)) },
          Action: 's3:*',
          Resource: target,
        },
        { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: worst },
        { Effect: 'Deny', Principal: '*', NotAction: 's3:Get*', NotResource: worst },
      ],
    };
    const start = performance.now();
    expect(evaluatePolicy(policy, context)).toMatchObject({ grants: [{ audience: 'cross-account' }] });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('does not compare what is longer than any policy', () => {
    const policy = { Statement: { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: 'a*'.repeat(50_000) } };
    expect(evaluatePolicy(policy, context)).toEqual({
      malformed: 'the policy has more than 40960 characters; AWS takes 32,768 at most',
    });
  });
});

describe('the policy in a request', () => {
  const policy = { Statement: [] };

  it.each([
    ['of a bucket', { bucketName: 'acme-docs', bucketPolicy: policy, policy: '' }, policy],
    ['of a key', { keyId: 'x', policyName: 'default', policy: '{"Statement":[]}' }, '{"Statement":[]}'],
    [
      'of an access point',
      { PutAccessPointPolicyRequest: { Policy: '{"Statement":[]}' }, name: 'ap' },
      '{"Statement":[]}',
    ],
    [
      'of a multi-region access point',
      {
        PutMultiRegionAccessPointPolicyRequest: {
          ClientToken: 'x',
          Details: { Name: 'ap', Policy: '{"Statement":[]}' },
        },
      },
      '{"Statement":[]}',
    ],
    ['as JSON text of the parameters', '{"bucketPolicy":{"Statement":[]}}', policy],
    ['of which only the marker is there', { bucketName: 'acme-docs', policy: [''] }, null],
    ['that was too large to log', { omitted: true }, null],
    ['without parameters', null, null],
  ])('%s', (_, request, expected) => {
    expect(policyOfRequest(request)).toEqual(expected);
  });
});

function asExpression(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`);
}

describe('patterns of policies', () => {
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 7 });
  const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 7 });

  it('match as a regular expression does', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        expect(matchesPattern(pattern, text)).toBe(asExpression(pattern).test(text));
      }),
    );
  });

  it('cover another pattern only with all of its texts', () => {
    fc.assert(
      fc.property(patterns, patterns, texts, (wide, narrow, text) => {
        fc.pre(coversPattern(wide, narrow) && matchesPattern(narrow, text));
        expect(matchesPattern(wide, text)).toBe(true);
      }),
    );
  });

  it('may share a text whenever one matches both', () => {
    fc.assert(
      fc.property(patterns, patterns, texts, (a, b, text) => {
        fc.pre(matchesPattern(a, text) && matchesPattern(b, text));
        expect(mayShareText(a, b)).toBe(true);
      }),
    );
  });

  it.each([
    ['s3:Get*', 's3:Put*', false],
    ['s3:*Object', 's3:Put*', true],
    ['a?c', 'ab*', true],
    ['', '*', true],
    ['a', '', false],
  ])('%j and %j may share a text: %s', (a, b, expected) => {
    expect(mayShareText(a, b)).toBe(expected);
  });
});
