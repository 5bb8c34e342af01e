/** What calls say about versioning, encryption, retention, replication, lifecycles and trails, in all shapes of the logs. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultEncryption,
  objectLock,
  replication,
  versioningRequest,
} from '../../detectors/policy/bucket-protection.js';
import { coversExpiry, daysUntilExpiry, expiryRules } from '../../detectors/policy/lifecycle-rules.js';
import { trailDestination, trailScope } from '../../detectors/policy/trail-settings.js';

const marchTenth = Date.UTC(2026, 2, 10, 10) * 1000;

function lifecycle(...rules: readonly unknown[]): unknown {
  return { lifecycle: '', LifecycleConfiguration: { Rule: rules.length === 1 ? rules[0] : rules } };
}

function short(request: unknown): string[] | null {
  return (
    expiryRules(request)?.map(
      (rule) =>
        `${rule.versions} ${daysUntilExpiry(rule, marchTenth)} [${rule.prefix}] ${rule.condition ?? '-'} keeps ${rule.keptVersions}`,
    ) ?? null
  );
}

describe('expiries of a lifecycle', () => {
  it.each([
    [
      'one rule as an object',
      lifecycle({ Status: 'Enabled', Filter: '', Expiration: { Days: 1 } }),
      ['current 1 [] - keeps 0'],
    ],
    [
      'both kinds of one rule',
      lifecycle({
        Status: ['Enabled'],
        Prefix: 'a/',
        Expiration: { Days: '30' },
        NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: '2' },
      }),
      ['current 30 [a/] - keeps 0', 'noncurrent 3 [a/] - keeps 2'],
    ],
    [
      'a filter of several parts',
      lifecycle({
        Status: 'Enabled',
        Filter: {
          And: {
            Prefix: 'b/',
            Tag: [
              { Key: 'k', Value: 'v' },
              { Key: 'a', Value: '1' },
            ],
            ObjectSizeLessThan: 5,
          },
        },
        Expiration: { Days: 2 },
      }),
      ['current 2 [b/] ObjectSizeLessThan 5, tag a=1, tag k=v keeps 0'],
    ],
    [
      'a date of the next day and one that has passed',
      lifecycle(
        { Status: 'Enabled', Expiration: { Date: '2026-03-11T00:00:00Z' } },
        { Status: 'Enabled', Expiration: { Date: '2025-01-01T00:00:00.000Z' } },
      ),
      ['current 1 [] - keeps 0', 'current 0 [] - keeps 0'],
    ],
    [
      'what deletes no data',
      lifecycle(
        { Status: 'Disabled', Expiration: { Days: 1 } },
        { Status: 'Enabled', Expiration: { ExpiredObjectDeleteMarker: true } },
        { Status: 'Enabled', Transition: { Days: 1, StorageClass: 'GLACIER' } },
        { Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
        { Status: 'Enabled', Expiration: { Date: 'soon', Days: 'three' } },
      ),
      [],
    ],
    ['a record without its configuration', { omitted: true }, null],
  ])('reads %s', (_, request, expected) => {
    expect(short(request)).toEqual(expected);
  });

  it('is covered by the same or a wider scope only', () => {
    const [wide, narrow, tagged] = expiryRules(
      lifecycle(
        { Status: 'Enabled', Prefix: 'a/', Expiration: { Days: 1 } },
        { Status: 'Enabled', Prefix: 'a/b/', Expiration: { Days: 1 } },
        { Status: 'Enabled', Filter: { Tag: { Key: 'k', Value: 'v' } }, Expiration: { Days: 1 } },
      ),
    )!;
    expect([coversExpiry(wide!, narrow!), coversExpiry(narrow!, wide!), coversExpiry(tagged!, wide!)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('never throws, whatever was logged', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('LifecycleConfiguration', 'Rule'), (value, name) => {
        const nested =
          name === 'Rule' ? { LifecycleConfiguration: { Rule: value } } : { LifecycleConfiguration: value };
        for (const read of [expiryRules, defaultEncryption, objectLock, replication, versioningRequest, trailScope]) {
          expect(() => read(nested)).not.toThrow();
          expect(() => read(value)).not.toThrow();
        }
      }),
    );
  });
});

it('reads the default key of a rule given as object or list', () => {
  const byDefault = { SSEAlgorithm: ['aws:kms'], KMSMasterKeyID: 'alias/x' };
  const rule = { ApplyServerSideEncryptionByDefault: byDefault };
  const expected = { algorithm: 'aws:kms', kms_key: 'alias/x' };
  expect(defaultEncryption({ ServerSideEncryptionConfiguration: { Rule: rule } })).toEqual(expected);
  expect(defaultEncryption(JSON.stringify({ ServerSideEncryptionConfiguration: { Rule: [rule] } }))).toEqual(expected);
  expect(defaultEncryption({ encryption: '' })).toBeNull();
});

const locked = (retention: object) => ({ ObjectLockConfiguration: { Rule: { DefaultRetention: retention } } });

it('counts a year of retention as 365 days, and none as 0', () => {
  expect(objectLock(locked({ Mode: 'COMPLIANCE', Years: '2' }))).toEqual({ mode: 'COMPLIANCE', days: 730 });
  expect(objectLock({ ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } })).toEqual({ mode: null, days: 0 });
});

const replicationRule = (bucket: string, status: string) => ({
  Status: status,
  Destination: { Bucket: `arn:aws:s3:::${bucket}` },
});

it('keeps the destinations of enabled rules, each once', () => {
  const rules = [
    replicationRule('b', 'Enabled'),
    replicationRule('a', 'Enabled'),
    replicationRule('b', 'Enabled'),
    replicationRule('c', 'Disabled'),
  ];
  expect(replication({ ReplicationConfiguration: { Rule: rules } })).toEqual({
    destinations: ['arn:aws:s3:::a', 'arn:aws:s3:::b'],
  });
});

it('tells what UpdateTrail leaves out from what it empties', () => {
  expect(trailScope({ name: 'main', isMultiRegionTrail: 'false', kmsKeyId: '' })).toEqual({
    all_regions: false,
    global_services: null,
    organization: null,
    validates_files: null,
    kms_encrypted: false,
  });
  expect(trailDestination({ name: 'main', s3BucketName: 'b' })).toEqual({
    bucket: 'b',
    kms_key: null,
    sns_topic: null,
  });
});
