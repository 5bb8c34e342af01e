import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessLogging, publicAccessBlock, type PublicAccessBlock } from '../../detectors/policy/bucket-settings.js';
import { evaluateAcl, logDeliveryCanonicalUsers } from '../../detectors/policy/evaluate-acl.js';
import { coveredBySelectors, isNarrower, type SelectorCoverage } from '../../detectors/policy/selector-coverage.js';

const everybody = 'http://acs.amazonaws.com/groups/global/AllUsers';
const anyCustomer = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
const stranger = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
const owner = '1b2c59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2b';

function grantList(...grants: readonly unknown[]): unknown {
  return {
    AccessControlPolicy: {
      Owner: { ID: owner },
      AccessControlList: { Grant: grants.length === 1 ? grants[0] : grants },
    },
  };
}

function short(request: unknown): string[] {
  return evaluateAcl(request).map(({ grantee, id, permission, form }) =>
    [grantee, ...(id === null ? [] : [id]), permission, form].join(' '),
  );
}

describe('grants of an ACL', () => {
  it.each([
    [
      'one grant as an object',
      grantList({ Grantee: { 'xsi:type': 'Group', URI: everybody }, Permission: 'READ' }),
      ['all-users READ grant-list'],
    ],
    [
      'several grants as a list',
      grantList(
        { Grantee: { ID: owner }, Permission: 'FULL_CONTROL' },
        { Grantee: { URI: anyCustomer }, Permission: 'WRITE' },
      ),
      ['authenticated-users WRITE grant-list'],
    ],
    [
      'values in lists of one',
      grantList({ Grantee: [{ URI: [everybody] }], Permission: ['WRITE_ACP'] }),
      ['all-users WRITE_ACP grant-list'],
    ],
    [
      'a foreign canonical user',
      grantList({ Grantee: { ID: stranger.toUpperCase() }, Permission: 'READ' }),
      [`canonical-user ${stranger} READ grant-list`],
    ],
    ['the owner that the body names', grantList({ Grantee: { ID: owner }, Permission: 'FULL_CONTROL' }), []],
    [
      'log delivery',
      grantList({ Grantee: { URI: 'http://acs.amazonaws.com/groups/s3/LogDelivery' }, Permission: 'WRITE' }),
      [],
    ],
    [
      'the log delivery of CloudFront',
      grantList({ Grantee: { ID: logDeliveryCanonicalUsers[0] }, Permission: 'FULL_CONTROL' }),
      [],
    ],
    [
      'an email address',
      grantList({ Grantee: { EmailAddress: 'alice@example.com' }, Permission: 'READ' }),
      ['email alice@example.com READ grant-list'],
    ],
    ['canned public-read', { 'x-amz-acl': 'public-read' }, ['all-users READ canned']],
    [
      'canned public-read-write in a list of one',
      { 'x-amz-acl': ['public-read-write'] },
      ['all-users READ canned', 'all-users WRITE canned'],
    ],
    ['canned authenticated-read', { 'x-amz-acl': 'authenticated-read' }, ['authenticated-users READ canned']],
    ['canned private', { 'x-amz-acl': 'private' }, []],
    ['canned bucket-owner-full-control', { 'x-amz-acl': 'bucket-owner-full-control' }, []],
    ['a header with quotes', { 'x-amz-grant-read': `uri="${everybody}"` }, ['all-users READ header']],
    [
      'a header without quotes, in a list of one',
      { 'x-amz-grant-full-control': [`uri=${everybody}`] },
      ['all-users FULL_CONTROL header'],
    ],
    [
      'a header with several grantees',
      { 'x-amz-grant-write': `id="${stranger}", uri="${anyCustomer}"` },
      [`canonical-user ${stranger} WRITE header`, 'authenticated-users WRITE header'],
    ],
    [
      'headers under accessControlList',
      { accessControlList: { 'x-amz-grant-read-acp': `uri="${everybody}"` } },
      ['all-users READ_ACP header'],
    ],
    [
      'a canned ACL under accessControlList',
      { accessControlList: { 'x-amz-acl': 'public-read' } },
      ['all-users READ canned'],
    ],
    ['the subresource marker', { acl: [''] }, []],
    ['JSON text', JSON.stringify({ 'x-amz-acl': 'public-read' }), ['all-users READ canned']],
    ['nothing', null, []],
  ])('%s', (_, request, expected) => {
    expect(short(request)).toEqual(expected);
  });

  it('leave out the canonical ids that are known', () => {
    expect(evaluateAcl({ 'x-amz-grant-read': `id=${stranger}` }, { knownCanonicalUsers: [stranger] })).toEqual([]);
  });

  it('say which permissions write', () => {
    const written = evaluateAcl(
      Object.fromEntries(
        ['read', 'write', 'read-acp', 'write-acp', 'full-control'].map((name) => [
          `x-amz-grant-${name}`,
          `uri="${everybody}"`,
        ]),
      ),
    );
    expect(written.map(({ permission, allowsWrite }) => [permission, allowsWrite])).toEqual([
      ['READ', false],
      ['WRITE', true],
      ['READ_ACP', false],
      ['WRITE_ACP', true],
      ['FULL_CONTROL', true],
    ]);
  });
});

function block(configuration: unknown): PublicAccessBlock | null {
  return publicAccessBlock({ publicAccessBlock: '', PublicAccessBlockConfiguration: configuration });
}

describe('Block Public Access', () => {
  it('reads booleans and their text', () => {
    expect(
      block({
        xmlns: 'x',
        BlockPublicAcls: true,
        IgnorePublicAcls: 'true',
        BlockPublicPolicy: ['true'],
        RestrictPublicBuckets: 'TRUE',
      }),
    ).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
  });

  it('takes what is false, missing or no boolean as off', () => {
    expect(block({ BlockPublicAcls: 'false', IgnorePublicAcls: true, BlockPublicPolicy: 'on' })).toEqual({
      BlockPublicAcls: false,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: false,
    });
  });

  it.each([
    [null],
    [{}],
    [{ PublicAccessBlockConfiguration: null }],
    ['text'],
    [{ PublicAccessBlockConfiguration: '' }],
  ])('is not known from %j', (request) => {
    expect(publicAccessBlock(request)).toBeNull();
  });
});

describe('server access logging', () => {
  it('is on with a target, whatever the marker says', () => {
    const request = {
      logging: '',
      BucketLoggingStatus: { LoggingEnabled: { TargetBucket: 'acme-logs', TargetPrefix: 'docs/' } },
    };
    expect(accessLogging(request)).toEqual({
      enabled: true,
      target_bucket: 'acme-logs',
      target_prefix: 'docs/',
    });
  });

  it.each([
    [{ BucketLoggingStatus: { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' } }],
    [{ BucketLoggingStatus: '' }],
    [{ BucketLoggingStatus: { LoggingEnabled: '' } }],
  ])('is off in %j', (request) => {
    expect(accessLogging({ logging: [''], ...request })).toEqual({
      enabled: false,
      target_bucket: null,
      target_prefix: null,
    });
  });

  it('is not known from the marker alone', () => {
    expect(accessLogging({ logging: '' })).toBeNull();
  });
});

const objects = (...values: string[]) => [{ type: 'AWS::S3::Object', values }];
const basic = (...eventSelectors: unknown[]) => ({ trailName: 'acme', eventSelectors });
const data = (...more: unknown[]) => ({
  fieldSelectors: [
    { field: 'eventCategory', equals: ['Data'] },
    { field: 'resources.type', equals: ['AWS::S3::Object'] },
    ...more,
  ],
});
const advanced = (...advancedEventSelectors: unknown[]) => ({ trailName: 'acme', advancedEventSelectors });

function coverage(request: unknown): SelectorCoverage {
  return coveredBySelectors(request)!;
}

describe('event selectors of a trail', () => {
  it.each([
    [
      'all buckets',
      basic({ readWriteType: 'All', includeManagementEvents: true, dataResources: objects('arn:aws:s3') }),
      { includesManagement: true, allBuckets: true, readWrite: 'All', arns: [] },
    ],
    [
      'all buckets with colons, defaults left out',
      basic({ dataResources: objects('arn:aws:s3:::') }),
      { includesManagement: true, managementReadWrite: 'All', allBuckets: true, readWrite: 'All' },
    ],
    [
      'one bucket, reads',
      basic({
        readWriteType: 'ReadOnly',
        includeManagementEvents: 'false',
        dataResources: objects('arn:aws:s3:::acme-docs/'),
      }),
      { includesManagement: false, allBuckets: false, readWrite: 'ReadOnly', arns: ['arn:aws:s3:::acme-docs/'] },
    ],
    [
      'reads and writes in two selectors',
      basic(
        { readWriteType: 'ReadOnly', dataResources: objects('arn:aws:s3') },
        { readWriteType: 'WriteOnly', dataResources: objects('arn:aws:s3') },
      ),
      { readWrite: 'All', managementReadWrite: 'All' },
    ],
    [
      'other data only',
      basic({
        includeManagementEvents: true,
        dataResources: [{ type: 'AWS::Lambda::Function', values: ['arn:aws:lambda'] }],
      }),
      { readWrite: 'None', allBuckets: false, scopes: [] },
    ],
    [
      'a list of one in Pascal case',
      {
        EventSelectors: {
          IncludeManagementEvents: true,
          ExcludeManagementEventSources: ['kms.amazonaws.com'],
          DataResources: { Type: 'AWS::S3::Object', Values: 'arn:aws:s3' },
        },
      },
      { allBuckets: true, excludedManagementSources: ['kms.amazonaws.com'] },
    ],
    [
      'advanced, all buckets',
      advanced(data()),
      { includesManagement: false, allBuckets: true, readWrite: 'All', arns: [] },
    ],
    [
      'advanced, management only',
      advanced({
        fieldSelectors: [
          { field: 'eventCategory', equals: ['Management'] },
          { field: 'eventSource', notEquals: ['kms.amazonaws.com'] },
        ],
      }),
      { includesManagement: true, excludedManagementSources: ['kms.amazonaws.com'], readWrite: 'None' },
    ],
    [
      'advanced, writes of a prefix',
      advanced(
        data(
          { field: 'readOnly', equals: ['false'] },
          { field: 'resources.ARN', startsWith: ['arn:aws:s3:::acme-docs/in/'] },
        ),
      ),
      { allBuckets: false, readWrite: 'WriteOnly', arns: ['arn:aws:s3:::acme-docs/in/'] },
    ],
    [
      'advanced, reads by notEquals',
      advanced(data({ field: 'readOnly', notEquals: ['false'] })),
      { readWrite: 'ReadOnly' },
    ],
    [
      'advanced, all but one bucket',
      advanced(data({ field: 'resources.ARN', notStartsWith: ['arn:aws:s3:::acme-logs/'] })),
      {
        allBuckets: true,
        scopes: [{ arnPrefix: '', readWrite: 'All', excluded: ['arn:aws:s3:::acme-logs/'], filters: [] }],
      },
    ],
    [
      'advanced, some event names',
      advanced(data({ field: 'eventName', equals: ['PutObject', 'DeleteObject'] })),
      { scopes: [{ filters: ['eventName equals DeleteObject, PutObject'] }] },
    ],
    [
      'advanced, another resource type',
      advanced({
        fieldSelectors: [
          { field: 'eventCategory', equals: ['Data'] },
          { field: 'resources.type', equals: ['AWS::DynamoDB::Table'] },
        ],
      }),
      { readWrite: 'None' },
    ],
    ['none', basic(), { includesManagement: false, readWrite: 'None', scopes: [] }],
  ])('%s', (_, request, expected) => {
    expect(coveredBySelectors(request)).toMatchObject(expected);
  });

  it.each([[null], [{}], [{ trailName: 'acme' }], ['text']])('are not known from %j', (request) => {
    expect(coveredBySelectors(request)).toBeNull();
  });

  const all = coverage(basic({ dataResources: objects('arn:aws:s3') }));
  const two = coverage(basic({ dataResources: objects('arn:aws:s3:::acme-docs/', 'arn:aws:s3:::acme-exports/') }));
  it.each([
    ['without data resources after all buckets', basic({ dataResources: [] }), all, true],
    [
      'two buckets after all',
      basic({ dataResources: objects('arn:aws:s3:::acme-docs/', 'arn:aws:s3:::acme-exports/') }),
      all,
      true,
    ],
    ['all after two buckets', basic({ dataResources: objects('arn:aws:s3') }), two, false],
    ['one of two buckets', basic({ dataResources: objects('arn:aws:s3:::acme-docs/') }), two, true],
    [
      'the same in another order',
      basic({ dataResources: objects('arn:aws:s3:::acme-exports/', 'arn:aws:s3:::acme-docs/') }),
      two,
      false,
    ],
    ['writes only', basic({ readWriteType: 'WriteOnly', dataResources: objects('arn:aws:s3') }), all, true],
    [
      'reads and writes by two selectors',
      basic(
        { readWriteType: 'WriteOnly', dataResources: objects('arn:aws:s3') },
        { readWriteType: 'ReadOnly', dataResources: objects('arn:aws:s3') },
      ),
      all,
      false,
    ],
    ['the same as an advanced selector', advanced(data()), all, false],
    [
      'an advanced selector for management only',
      advanced({ fieldSelectors: [{ field: 'eventCategory', equals: ['Management'] }] }),
      all,
      true,
    ],
    [
      'one bucket left out',
      advanced(data({ field: 'resources.ARN', notStartsWith: ['arn:aws:s3:::acme-docs/'] })),
      two,
      true,
    ],
    [
      'a bucket left out that was not covered',
      advanced(data({ field: 'resources.ARN', notStartsWith: ['arn:aws:s3:::acme-logs/'] })),
      two,
      false,
    ],
    ['event names only', advanced(data({ field: 'eventName', equals: ['DeleteObject'] })), all, true],
    ['anything after nothing', basic(), coverage(basic()), false],
  ])('%s: narrower is %#', (_, request, previous, expected) => {
    expect(isNarrower(coverage(request), previous)).toBe(expected);
  });
});

it('nothing here throws on any JSON', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.string()), (value) => {
      const wrapped = {
        AccessControlPolicy: value,
        accessControlList: value,
        PublicAccessBlockConfiguration: value,
        BucketLoggingStatus: value,
        eventSelectors: value,
        advancedEventSelectors: value,
      };
      for (const request of [value, wrapped]) {
        expect(Array.isArray(evaluateAcl(request))).toBe(true);
        expect(publicAccessBlock(request)).toBeDefined();
        expect(accessLogging(request)).toBeDefined();
        const covered = coveredBySelectors(request);
        expect(covered === null || !isNarrower(covered, covered)).toBe(true);
      }
    }),
  );
});
