/** Policies made from logs: they allow every request they were made from, by an independent judge, and no action besides. */
import { beforeAll, describe, expect, it } from 'vitest';
import { array, assert, constantFrom, integer, property } from 'fast-check';
import type { DetectorCase } from '../../fixtures/cases/case-format.js';
import { openCaseLake } from '../../fixtures/cases/case-lake.js';
import { expandCase } from '../../fixtures/cases/expand.js';
import { foldFolders, folderPattern } from '../../queries/least-privilege/folders.js';
import {
  leastPrivilege,
  type LeastPrivilege,
  type PrincipalPolicy,
} from '../../queries/least-privilege/least-privilege.js';
import { policyCharacters, policyDocument } from '../../queries/least-privilege/policy-document.js';
import type { Database } from '../../store/duckdb.js';
import { temporaryFolder } from '../lake.js';
import { isAllowed } from './policy-conditions.js';

const bucket = 'data';
const arn = `arn:aws:s3:::${bucket}`;

async function lakeOf(list: readonly Record<string, unknown>[]): Promise<Database> {
  const events = list.map((one) => ({ at: '2026-03-10T10:30:00Z', bucket, identity: 'role/app', ...one }));
  const story = { window: { from: '2026-03-01T00:00:00Z', to: '2026-03-31T00:00:00Z' }, defaults: {}, events };
  return openCaseLake(temporaryFolder('least-privilege'), expandCase(story as unknown as DetectorCase, 'least'));
}

const everything = { bucket, principal: null, days: null };

async function policiesOf(list: readonly Record<string, unknown>[], options: object = {}): Promise<LeastPrivilege> {
  const lake = await lakeOf(list);
  try {
    return await leastPrivilege(lake.connection, { ...everything, ...options });
  } finally {
    lake.close();
  }
}

const actionsOf = ({ policy }: PrincipalPolicy): string[] => policy.Statement.flatMap(({ Action }) => Action).sort();

interface Sample {
  readonly request: Record<string, unknown>;
  /** Written from AWS's table of required permissions. */
  readonly needs: readonly { readonly action: string; readonly resource: string; readonly prefix?: string }[];
}

const on = (key: string, ...actions: readonly string[]) =>
  actions.map((action) => ({ action, resource: `${arn}/${key}` }));
const access = (operation: string, fields: object = {}) => ({ log: 'access', operation, ...fields });
const trail = (eventName: string, fields: object = {}) => ({ log: 'cloudtrail', eventName, ...fields });
const sent = (requestParameters: object, key = 'a/b/c.txt') => ({ key, requestParameters });

const keys = [
  'a/b/c.txt',
  'a/b/d e+f.txt',
  'warehouse/orders/dt=2026-03-09/part-0001.parquet',
  'warehouse/orders/dt=2026-03-10/part-0002.parquet',
  'logs/2026/03/10/x.gz',
  'readme.txt',
  'report-2026.csv',
  '/leading/slash',
  'odd/*?$/${aws:username}/x',
  'control/\u0001\u0002/x',
  'ünïcode/日本語/x',
  '0b5e7f52-94a4-4a43-9a5d-0d9bd6d3f5b1/x',
  'a=b/c=/x',
  'folder/',
];

/** What the matcher compares: IAM takes no character beyond U+00FF in a policy, and `*` stands for it. */
const samples: readonly Sample[] = [
  ...keys.map((key): Sample => ({ request: access('REST.GET.OBJECT', { key }), needs: on(key, 's3:GetObject') })),
  ...keys.map((key): Sample => ({ request: trail('HeadObject', { key }), needs: on(key, 's3:GetObject') })),
  {
    request: access('REST.GET.OBJECT', { key: 'v/1', request_uri: 'GET /v/1?versionId=abc HTTP/1.1' }),
    needs: on('v/1', 's3:GetObjectVersion'),
  },
  { request: trail('GetObject', sent({ versionId: 'abc' }, 'v/2')), needs: on('v/2', 's3:GetObjectVersion') },
  { request: access('REST.DELETE.OBJECT', { key: 'gone/x' }), needs: on('gone/x', 's3:DeleteObject') },
  {
    request: access('REST.DELETE.OBJECT', {
      key: 'gone/v',
      version_id: 'abc',
      request_uri: 'DELETE /gone/v?versionId=abc HTTP/1.1',
    }),
    needs: on('gone/v', 's3:DeleteObjectVersion'),
  },
  { request: access('REST.POST.MULTI_OBJECT_DELETE', { request_id: 'BATCH' }), needs: [] },
  {
    request: access('BATCH.DELETE.OBJECT', { request_id: 'BATCH', key: 'batch/x' }),
    needs: on('batch/x', 's3:DeleteObject'),
  },
  { request: access('REST.PUT.OBJECT', { key: 'in/x' }), needs: on('in/x', 's3:PutObject') },
  {
    request: trail('PutObject', sent({ 'x-amz-acl': 'private' }, 'acl/x')),
    needs: on('acl/x', 's3:PutObject', 's3:PutObjectAcl'),
  },
  {
    request: trail('PutObject', sent({ 'x-amz-tagging': 'a=b' }, 'tag/x')),
    needs: on('tag/x', 's3:PutObject', 's3:PutObjectTagging'),
  },
  {
    request: trail('PutObject', sent({ 'x-amz-object-lock-mode': 'GOVERNANCE' }, 'lock/x')),
    needs: on('lock/x', 's3:PutObject', 's3:PutObjectRetention'),
  },
  { request: access('REST.POST.UPLOADS', { key: 'big/x' }), needs: on('big/x', 's3:PutObject') },
  { request: access('REST.PUT.PART', { key: 'big/x' }), needs: on('big/x', 's3:PutObject') },
  { request: access('REST.DELETE.UPLOAD', { key: 'big/y' }), needs: on('big/y', 's3:AbortMultipartUpload') },
  { request: access('REST.GET.UPLOAD', { key: 'big/x' }), needs: on('big/x', 's3:ListMultipartUploadParts') },
  {
    request: trail('GetObjectAttributes', { key: 'attr/x' }),
    needs: on('attr/x', 's3:GetObject', 's3:GetObjectAttributes'),
  },
  { request: access('REST.GET.OBJECT_TAGGING', { key: 'tags/x' }), needs: on('tags/x', 's3:GetObjectTagging') },
  { request: access('REST.GET.ACL', { key: 'acls/x' }), needs: on('acls/x', 's3:GetObjectAcl') },
  { request: access('REST.GET.ACL'), needs: [{ action: 's3:GetBucketAcl', resource: arn }] },
  { request: access('REST.GET.LOCATION'), needs: [{ action: 's3:GetBucketLocation', resource: arn }] },
  { request: access('REST.GET.ENCRYPTION'), needs: [{ action: 's3:GetEncryptionConfiguration', resource: arn }] },
  { request: trail('PutBucketLifecycle'), needs: [{ action: 's3:PutLifecycleConfiguration', resource: arn }] },
  { request: trail('DeleteBucketTagging'), needs: [{ action: 's3:PutBucketTagging', resource: arn }] },
  { request: access('REST.GET.UPLOADS'), needs: [{ action: 's3:ListBucketMultipartUploads', resource: arn }] },
  {
    request: access('REST.COPY.OBJECT_GET', { key: 'source/x', request_uri: null }),
    needs: on('source/x', 's3:GetObject'),
  },
  {
    request: trail('CopyObject', {
      bucket: 'elsewhere',
      key: 'y',
      requestParameters: { 'x-amz-copy-source': '/data/copied/a%20b' },
    }),
    needs: on('copied/a b', 's3:GetObject'),
  },
  ...['lists/2026-', 'lists/a b/', 'lists/sub/deep', 'other'].map((prefix): Sample => ({
    request: access('REST.GET.BUCKET', {
      identity: 'role/lister',
      request_uri: `GET /?list-type=2&prefix=${encodeURIComponent(prefix)} HTTP/1.1`,
    }),
    needs: [{ action: 's3:ListBucket', resource: arn, prefix }],
  })),
  {
    request: trail('ListObjects', { identity: 'role/lister', requestParameters: { prefix: 'trail/x' } }),
    needs: [{ action: 's3:ListBucket', resource: arn, prefix: 'trail/x' }],
  },
];

const principalOf = ({ request }: Sample): string =>
  `arn:aws:iam::111122223333:${(request['identity'] as string | undefined) ?? 'role/app'}`;

describe('a least-privilege policy', () => {
  let result: LeastPrivilege;
  const refused = { log: 'access', error_code: 'AccessDenied' };

  beforeAll(async () => {
    result = await policiesOf([
      ...samples.map(({ request }) => request),
      { ...refused, operation: 'REST.PUT.ACL', key: 'a/b/c.txt' },
      { ...refused, operation: 'REST.GET.OBJECT', key: 'secret/x', identity: 'role/refused' },
      { log: 'access', operation: 'REST.GET.OBJECT', key: 'open/x', identity: 'anonymous', auth: null },
      { log: 'access', operation: 'REST.PUT.OBJECT', key: 'l/x', identity: 'service/logging.s3.amazonaws.com' },
    ]);
  });

  const policyOf = (principal: string): PrincipalPolicy => result.policies.find((one) => one.principal === principal)!;

  it.each(samples.map((sample) => [JSON.stringify(sample.request), sample] as const))('allows %s', (_, sample) => {
    const { policy } = policyOf(principalOf(sample));
    const denied = sample.needs.filter(({ action, resource, prefix }) => {
      const context: Record<string, string> = prefix === undefined ? {} : { 's3:prefix': prefix };
      return !isAllowed(policy, { action, resource, context });
    });
    expect(denied).toEqual([]);
  });

  it.each(['role/app', 'role/lister'])('holds no action that %s did not use', (name) => {
    const principal = `arn:aws:iam::111122223333:${name}`;
    const used = samples
      .filter((sample) => principalOf(sample) === principal)
      .flatMap(({ needs }) => needs.map(({ action }) => action));
    expect(actionsOf(policyOf(principal))).toEqual([...new Set(used)].sort());
  });

  it('lists only the prefixes that were listed', () => {
    const { policy } = policyOf('arn:aws:iam::111122223333:role/lister');
    const list = { action: 's3:ListBucket', resource: arn };
    expect(isAllowed(policy, { ...list, context: { 's3:prefix': 'secret/' } })).toBe(false);
    expect(isAllowed(policy, { ...list, context: {} })).toBe(false);
  });

  it('reaches no folder that was not used', () => {
    const { policy } = policyOf('arn:aws:iam::111122223333:role/app');
    for (const [action, key] of [
      ['s3:GetObject', 'secret/x'],
      ['s3:GetObject', 'warehouse/customers/dt=2026-03-10/x'],
      ['s3:GetObject', 'readme.txt.bak'],
      ['s3:DeleteObject', 'a/b/c.txt'],
      ['s3:PutObject', 'a/b/c.txt'],
    ] as const) {
      expect([key, isAllowed(policy, { action, resource: `${arn}/${key}`, context: {} })]).toEqual([key, false]);
    }
  });

  it('grants nothing for what was refused, and says who has no policy', () => {
    expect(result.policies.map(({ principal }) => principal)).not.toContain('arn:aws:iam::111122223333:role/refused');
    expect(actionsOf(policyOf('arn:aws:iam::111122223333:role/app'))).not.toContain('s3:PutBucketAcl');
    expect(result.left_out.map(({ principal }) => principal).sort()).toEqual([
      'anonymous',
      'service:logging.s3.amazonaws.com',
    ]);
  });
});

const keyArn = (letter: string): string =>
  `arn:aws:kms:eu-central-1:111122223333:key/${letter.repeat(8)}-12ab-34cd-56ef-1234567890ab`;

describe('the evidence of a policy', () => {
  const read = { log: 'access', operation: 'REST.GET.OBJECT', key: 'a/x' };

  it('counts requests and days, and names the newest row', async () => {
    const { policies, period } = await policiesOf([
      { ...read, at: '2026-03-08T10:00:00Z' },
      { ...read, at: '2026-03-10T10:00:00Z' },
      { ...read, at: '2026-03-10T11:00:00Z' },
    ]);
    expect(period.days).toBe(2);
    expect(policies[0]!.evidence).toMatchObject([
      {
        action: 's3:GetObject',
        requests: 3,
        days: 2,
        first_seen: '2026-03-08T10:00:00.000Z',
        last_seen: '2026-03-10T11:00:00.000Z',
      },
    ]);
    expect(policies[0]!.evidence[0]!.sample).toMatch(/2026-03-10.*#2$/);
  });

  it('begins with the first of the days that were asked for', async () => {
    const story = [
      { ...read, at: '2026-03-08T23:00:00Z', operation: 'REST.PUT.OBJECT' },
      { ...read, at: '2026-03-09T00:00:00Z' },
      { ...read, at: '2026-03-10T00:00:00Z' },
    ];
    expect(actionsOf((await policiesOf(story, { days: 2 })).policies[0]!)).toEqual(['s3:GetObject']);
    expect(actionsOf((await policiesOf(story, { days: 3 })).policies[0]!)).toEqual(['s3:GetObject', 's3:PutObject']);
  });

  it('takes KMS keys from the calls that S3 made for the principal, and only for this bucket', async () => {
    const call = (eventName: string, object: string, letter: string) => ({
      log: 'cloudtrail',
      eventSource: 'kms.amazonaws.com',
      eventName,
      bucket: undefined,
      requestParameters: { encryptionContext: { 'aws:s3:arn': object } },
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: keyArn(letter) }],
    });
    const { policies } = await policiesOf([
      { ...read, log: 'both', eventName: 'GetObject' },
      call('Decrypt', `${arn}/a/x`, 'a'),
      call('GenerateDataKey', arn, 'a'),
      call('Decrypt', 'arn:aws:s3:::data-other/a', 'b'),
    ]);
    const statement = policies[0]!.policy.Statement.find(({ Action }) => Action.includes('kms:Decrypt'));
    expect(statement).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [keyArn('a')],
      Condition: { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } },
    });
  });

  it('says that batch deletes without keys are not granted', async () => {
    const { policies } = await policiesOf([{ log: 'cloudtrail', eventName: 'DeleteObjects' }]);
    expect(policies[0]!.policy.Statement).toEqual([]);
    expect(policies[0]!.not_shown.join(' ')).toContain('s3:DeleteObject is not granted');
  });

  it('names requests whose permission is not known', async () => {
    const { policies } = await policiesOf([read, { log: 'access', operation: 'REST.PUT.SOMETHING_NEW' }]);
    expect(policies[0]!.not_shown.join(' ')).toContain('REST.PUT.SOMETHING_NEW');
  });
});

/** A text that the folder stands for. */
const concrete = (one: string): string => one.replaceAll('\x01', '2026-03-10');

describe('folders', () => {
  const segment = constantFrom('a/', 'b/', 'c/', 'd*/', '\x01/', 'dt=\x01/', 'x/', '/');
  const folder = array(segment, { maxLength: 5 }).map((segments) => segments.join(''));

  it('cover every folder they were made from, with no more than the limit', () => {
    assert(
      property(array(folder, { minLength: 1, maxLength: 60 }), integer({ min: 1, max: 12 }), (folders, limit) => {
        const folded = foldFolders(folders, limit);
        expect(folded.length).toBeLessThanOrEqual(limit);
        const policy = {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 's3:GetObject',
              Resource: folded.map((one) => `${arn}/${folderPattern(one)}`),
            },
          ],
        };
        for (const one of folders) {
          const resource = `${arn}/${concrete(one)}file.txt`;
          expect(isAllowed(policy, { action: 's3:GetObject', resource, context: {} })).toBe(true);
        }
      }),
    );
  });

  it('stay what they are while they are few', () => {
    expect(foldFolders(['a/b/', 'a/c/', 'readme.txt'], 5)).toEqual(['a/b/', 'a/c/', 'readme.txt']);
  });

  it('become the folder above when there are many of them in it', () => {
    const many = Array.from({ length: 9 }, (_, index) => `users/${String.fromCharCode(97 + index)}/`);
    expect(foldFolders([...many, 'other/'], 24)).toEqual(['other/', 'users/']);
  });

  it('are folded until the policy fits into IAM', () => {
    const folders = new Set(
      Array.from(
        { length: 4000 },
        (_, index) => `${'long-name-'.repeat(8)}${index % 7}/${'x'.repeat(60)}${index % 5}/${index}/`,
      ),
    );
    const actions = Array.from({ length: 12 }, (_, index) => `s3:GetObject${index}`);
    const used = actions.map((action, index) => ({
      action,
      level: 'object' as const,
      folders: new Set([...folders].slice(index)),
    }));
    expect(policyCharacters(policyDocument(arn, { used, keys: [] }))).toBeLessThanOrEqual(6144);
  });
});
