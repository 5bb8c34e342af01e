/**
 * Requests as both sides know them: what a log shows of each, and the context in which AWS would decide. Where the log
 * leaves it open, two contexts that would be logged alike show why.
 */
import type { CaseFields } from '../../fixtures/cases/case-format.js';
import type { RequestContext } from './policy-conditions.js';

export interface Scenario {
  readonly control: string;
  readonly name: string;
  readonly log: 'access' | 'cloudtrail' | 'both';
  readonly fields: CaseFields;
  /** More lines of the same request. */
  readonly more?: readonly CaseFields[];
  readonly expected: 'breaks' | 'unclear' | 'passes' | 'exempt' | 'failed_already';
  /** IAM's name of the action. */
  readonly action?: string;
  /** One context, or two between which the log cannot tell. None where the control is no policy. */
  readonly contexts?: readonly RequestContext[];
}

export const endpoint = 'vpce-0a1b2c3d4e5f60718';
const otherEndpoint = 'vpce-0ffffffffffffffff';
export const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
export const breakGlass = 'arn:aws:iam::111122223333:role/admin/break-glass';
export const distribution = 'arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE';

const get = { operation: 'REST.GET.OBJECT', eventName: 'GetObject', key: 'a/b.txt', identity: 'role/app' } as const;
const put = { operation: 'REST.PUT.OBJECT', eventName: 'PutObject', key: 'a/b.txt', identity: 'role/app' } as const;

/** What AWS sends of a signed request over TLS from the internet. */
const usual = {
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  'aws:SourceIp': '198.51.100.7',
  'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/app',
  'aws:PrincipalIsAWSService': 'false',
  'aws:ViaAWSService': 'false',
  'aws:CurrentTime': '2026-03-10T10:30:00Z',
} as const;
const { 'aws:SourceIp': _address, ...noAddress } = usual;
const throughEndpoint = { ...noAddress, 'aws:SourceVpce': endpoint, 'aws:VpcSourceIp': '10.1.2.3' };
const throughOther = { ...throughEndpoint, 'aws:SourceVpce': otherEndpoint };
const { 'aws:PrincipalArn': _arn, 'aws:ViaAWSService': _via, 'aws:PrincipalIsAWSService': _is, ...anonymous } = usual;
const service = { ...anonymous, 'aws:PrincipalIsAWSService': 'true', 'aws:SourceIp': '203.0.113.80' };
const viaService = { ...usual, 'aws:ViaAWSService': 'true', 'aws:SourceIp': '203.0.113.80' };
const { 's3:TlsVersion': _tls, ...plain } = { ...usual, 'aws:SecureTransport': 'false' };
const glass = { ...usual, 'aws:PrincipalArn': breakGlass, 'aws:SourceIp': '203.0.113.9' };
const sse = (name: string) => `s3:x-amz-server-side-encryption${name}`;

const tls: Omit<Scenario, 'control'>[] = [
  { name: 'TLS 1.3', log: 'access', fields: get, expected: 'passes', contexts: [usual] },
  { name: 'plain HTTP', log: 'access', fields: { ...get, tls: false }, expected: 'breaks', contexts: [plain] },
  {
    name: 'plain HTTP in CloudTrail',
    log: 'cloudtrail',
    fields: { ...get, tls: false },
    expected: 'breaks',
    contexts: [plain],
  },
  {
    name: 'TLS below the minimum',
    log: 'access',
    fields: { ...get, tls: 'TLSv1.1' },
    expected: 'breaks',
    contexts: [{ ...usual, 's3:TlsVersion': '1.1' }],
  },
  {
    name: 'the spelling TLSV1.2',
    log: 'access',
    fields: { ...get, tls: 'TLSV1.2' },
    expected: 'passes',
    contexts: [{ ...usual, 's3:TlsVersion': '1.2' }],
  },
  {
    name: 'a line of 18 fields',
    log: 'access',
    fields: { ...get, fields: 18 },
    expected: 'unclear',
    contexts: [usual, plain],
  },
  {
    name: 'a line with a cipher and no version',
    log: 'access',
    fields: { ...get, tls: 'TLSv1.2', fields: 23 },
    expected: 'unclear',
    contexts: [usual, { ...usual, 's3:TlsVersion': '1.1' }],
  },
  {
    name: 'a refused request',
    log: 'access',
    fields: { ...get, tls: false, error_code: 'AccessDenied' },
    expected: 'failed_already',
  },
  {
    name: 'a revalidation',
    log: 'access',
    fields: { ...get, tls: false, status: 304 },
    expected: 'breaks',
    contexts: [plain],
  },
  {
    name: 'the lifecycle',
    log: 'access',
    fields: { operation: 'S3.EXPIRE.OBJECT', key: 'a', requester: 'AmazonS3', remote_ip: null, host_header: null },
    expected: 'exempt',
  },
];

const address: Omit<Scenario, 'control'>[] = [
  {
    name: 'an address inside',
    log: 'access',
    fields: { ...get, remote_ip: '198.51.100.7' },
    expected: 'passes',
    contexts: [usual],
  },
  {
    name: 'an IPv6 address inside',
    log: 'access',
    fields: { ...get, remote_ip: '2001:DB8:51::7' },
    expected: 'passes',
    contexts: [{ ...usual, 'aws:SourceIp': '2001:db8:51::7' }],
  },
  {
    name: 'an address outside',
    log: 'access',
    fields: { ...get, remote_ip: '203.0.113.9' },
    expected: 'breaks',
    contexts: [{ ...usual, 'aws:SourceIp': '203.0.113.9' }],
  },
  {
    name: 'an anonymous request from outside',
    log: 'access',
    fields: { ...get, identity: 'anonymous', auth: null, remote_ip: '203.0.113.9' },
    expected: 'breaks',
    contexts: [{ ...anonymous, 'aws:SourceIp': '203.0.113.9' }],
  },
  {
    name: 'the named endpoint',
    log: 'both',
    fields: { ...get, remote_ip: '10.1.2.3', vpcEndpointId: endpoint },
    expected: 'passes',
    contexts: [throughEndpoint],
  },
  {
    name: 'another endpoint',
    log: 'both',
    fields: { ...get, remote_ip: '10.1.2.3', vpcEndpointId: otherEndpoint },
    expected: 'breaks',
    contexts: [throughOther],
  },
  {
    name: 'a private address in the access log alone',
    log: 'access',
    fields: { ...get, remote_ip: '10.1.2.3' },
    expected: 'unclear',
    contexts: [throughEndpoint, throughOther],
  },
  {
    name: 'log delivery',
    log: 'access',
    fields: { ...put, identity: 'service/logging.s3.amazonaws.com', remote_ip: '203.0.113.80' },
    expected: 'exempt',
    action: 's3:PutObject',
    contexts: [service],
  },
  {
    name: 'a service for the caller',
    log: 'both',
    fields: { ...get, remote_ip: '203.0.113.80', sourceIPAddress: 'athena.amazonaws.com' },
    expected: 'exempt',
    contexts: [viaService],
  },
  {
    name: 'the break-glass role',
    log: 'access',
    fields: { ...get, identity: 'role/break-glass/ops', remote_ip: '203.0.113.9' },
    expected: 'exempt',
    contexts: [glass],
  },
  {
    name: 'no address',
    log: 'access',
    fields: { ...get, remote_ip: null },
    expected: 'unclear',
    contexts: [usual, { ...usual, 'aws:SourceIp': '203.0.113.9' }],
  },
];

const endpoints: Omit<Scenario, 'control'>[] = [
  {
    name: 'the endpoint',
    log: 'cloudtrail',
    fields: { ...get, remote_ip: '10.1.2.3', vpcEndpointId: endpoint },
    expected: 'passes',
    contexts: [throughEndpoint],
  },
  {
    name: 'another endpoint',
    log: 'cloudtrail',
    fields: { ...get, remote_ip: '10.1.2.3', vpcEndpointId: otherEndpoint },
    expected: 'breaks',
    contexts: [throughOther],
  },
  {
    name: 'no endpoint',
    log: 'cloudtrail',
    fields: { ...get, remote_ip: '198.51.100.7' },
    expected: 'breaks',
    contexts: [usual],
  },
  {
    name: 'a public address in the access log alone',
    log: 'access',
    fields: { ...get, remote_ip: '198.51.100.7' },
    expected: 'breaks',
    contexts: [usual],
  },
  {
    name: 'a private address in the access log alone',
    log: 'access',
    fields: { ...get, remote_ip: '10.1.2.3' },
    expected: 'unclear',
    contexts: [throughEndpoint, throughOther],
  },
  {
    name: 'an IPv6 address in the access log alone',
    log: 'access',
    fields: { ...get, remote_ip: '2001:db8:51::7' },
    expected: 'unclear',
    contexts: [throughEndpoint, { ...usual, 'aws:SourceIp': '2001:db8:51::7' }],
  },
  {
    name: 'the same request in both logs',
    log: 'both',
    fields: { ...get, remote_ip: '10.1.2.3', vpcEndpointId: endpoint },
    expected: 'passes',
    contexts: [throughEndpoint],
  },
  {
    name: 'a service for the caller',
    log: 'cloudtrail',
    fields: { ...get, sourceIPAddress: 'athena.amazonaws.com' },
    expected: 'exempt',
    contexts: [viaService],
  },
  {
    name: 'log delivery',
    log: 'cloudtrail',
    fields: { ...put, identity: 'service/cloudtrail.amazonaws.com' },
    expected: 'exempt',
    action: 's3:PutObject',
    contexts: [service],
  },
];

const throughPoint = { ...usual, 's3:DataAccessPointAccount': '111122223333' };
const pointArn = 'arn:aws:s3:eu-central-1:111122223333:accesspoint/app';
const accessPoints: Omit<Scenario, 'control'>[] = [
  {
    name: 'an access point of another account',
    log: 'access',
    fields: { ...get, access_point_arn: pointArn.replace('111122223333', '444455556666') },
    expected: 'breaks',
    contexts: [{ ...usual, 's3:DataAccessPointAccount': '444455556666' }],
  },
  {
    name: 'an access point',
    log: 'access',
    fields: { ...get, access_point_arn: pointArn },
    expected: 'passes',
    contexts: [throughPoint],
  },
  { name: 'the bucket itself', log: 'access', fields: get, expected: 'breaks', contexts: [usual] },
  {
    name: 'a line without the field',
    log: 'access',
    fields: { ...get, fields: 24 },
    expected: 'unclear',
    contexts: [usual, throughPoint],
  },
  {
    name: 'an access point in CloudTrail',
    log: 'cloudtrail',
    fields: { ...get, resources: [{ type: 'AWS::S3::AccessPoint', ARN: pointArn, accountId: '111122223333' }] },
    expected: 'passes',
    contexts: [throughPoint],
  },
  { name: 'the bucket itself in CloudTrail', log: 'cloudtrail', fields: get, expected: 'breaks', contexts: [usual] },
  {
    name: 'a change of the bucket',
    log: 'cloudtrail',
    fields: { eventName: 'PutBucketTagging', identity: 'role/app' },
    expected: 'passes',
    action: 's3:PutBucketTagging',
    contexts: [usual],
  },
  {
    name: 'a list',
    log: 'access',
    fields: { operation: 'REST.GET.BUCKET', identity: 'role/app' },
    expected: 'breaks',
    action: 's3:ListBucket',
    contexts: [usual],
  },
];

const fromCloudfront = { ...service, 'aws:SourceArn': distribution };
const cloudfront: Omit<Scenario, 'control'>[] = [
  {
    name: 'origin access control',
    log: 'access',
    fields: { ...get, identity: 'service/cloudfront.amazonaws.com', remote_ip: '203.0.113.80' },
    expected: 'passes',
    contexts: [fromCloudfront],
  },
  {
    name: 'an origin access identity',
    log: 'access',
    fields: { ...get, identity: 'oai/E2EXAMPLE' },
    expected: 'breaks',
    contexts: [
      { ...anonymous, 'aws:PrincipalArn': 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EXAMPLE' },
    ],
  },
  {
    name: 'somebody directly',
    log: 'access',
    fields: { ...get, identity: 'anonymous', auth: null },
    expected: 'breaks',
    contexts: [anonymous],
  },
  {
    name: 'a website endpoint',
    log: 'access',
    fields: { ...get, operation: 'WEBSITE.GET.OBJECT', identity: 'anonymous', auth: null, tls: false },
    expected: 'breaks',
    contexts: [anonymous],
  },
  { name: 'a deployment', log: 'access', fields: put, expected: 'passes', action: 's3:PutObject', contexts: [usual] },
  {
    name: 'another service',
    log: 'cloudtrail',
    fields: { ...get, identity: 'service/macie.amazonaws.com' },
    expected: 'breaks',
    contexts: [service],
  },
  {
    name: 'the break-glass role',
    log: 'access',
    fields: { ...get, identity: 'role/break-glass/ops' },
    expected: 'exempt',
    contexts: [glass],
  },
];

const headers = (sent: Record<string, string>) => ({ ...put, requestParameters: sent });
const encryption: Omit<Scenario, 'control'>[] = [
  {
    name: 'the header',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-server-side-encryption': 'AES256' }),
    expected: 'passes',
    contexts: [{ ...usual, [sse('')]: 'AES256' }],
  },
  { name: 'no header', log: 'cloudtrail', fields: put, expected: 'breaks', contexts: [usual] },
  {
    name: 'a key of the client',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }),
    expected: 'breaks',
    contexts: [{ ...usual, [sse('-customer-algorithm')]: 'AES256' }],
  },
  {
    name: 'the access log alone',
    log: 'access',
    fields: put,
    expected: 'unclear',
    contexts: [usual, { ...usual, [sse('')]: 'AES256' }],
  },
  {
    name: 'log delivery',
    log: 'cloudtrail',
    fields: { ...put, identity: 'service/cloudtrail.amazonaws.com' },
    expected: 'exempt',
    contexts: [service],
  },
];

const kms = (id: string | null) => ({
  'x-amz-server-side-encryption': 'aws:kms',
  ...(id === null ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': id }),
});
const kmsContext = (id: string | null) => ({
  ...usual,
  [sse('')]: 'aws:kms',
  ...(id === null ? {} : { [sse('-aws-kms-key-id')]: id }),
});
const otherKey = key.replace('1234abcd', '99999999');
const kmsOnly: Omit<Scenario, 'control'>[] = [
  { name: 'the key', log: 'cloudtrail', fields: headers(kms(key)), expected: 'passes', contexts: [kmsContext(key)] },
  {
    name: 'another key',
    log: 'cloudtrail',
    fields: headers(kms(otherKey)),
    expected: 'breaks',
    contexts: [kmsContext(otherKey)],
  },
  {
    name: 'aws:kms without a key',
    log: 'cloudtrail',
    fields: headers(kms(null)),
    expected: 'breaks',
    contexts: [kmsContext(null)],
  },
  {
    name: 'another encryption',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-server-side-encryption': 'AES256' }),
    expected: 'breaks',
    contexts: [{ ...usual, [sse('')]: 'AES256' }],
  },
  {
    name: 'a key of the client',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }),
    expected: 'breaks',
    contexts: [{ ...usual, [sse('-customer-algorithm')]: 'AES256' }],
  },
  {
    name: 'the key by its id',
    log: 'cloudtrail',
    fields: headers(kms(key.slice(-36))),
    expected: 'unclear',
    contexts: [kmsContext(key), kmsContext(key.slice(-36))],
  },
  {
    name: 'the key by an alias',
    log: 'cloudtrail',
    fields: headers(kms('alias/data')),
    expected: 'unclear',
    contexts: [kmsContext(key), kmsContext(otherKey)],
  },
  {
    name: 'the key by default',
    log: 'cloudtrail',
    fields: {
      ...put,
      responseElements: {
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': key,
      },
    },
    expected: 'passes',
    contexts: [usual],
  },
  {
    name: 'the access log alone',
    log: 'access',
    fields: put,
    expected: 'unclear',
    contexts: [kmsContext(key), kmsContext(otherKey)],
  },
];

/** 10 March 2026 is a Tuesday; Berlin is an hour ahead of UTC then. */
const clockTime = (time: string) => [{ ...usual, 'aws:CurrentTime': time }];
const workingHours: Omit<Scenario, 'control'>[] = [
  {
    name: 'an hour of work',
    log: 'access',
    fields: { ...get, request_id: 'AT10:30' },
    expected: 'passes',
    contexts: clockTime('2026-03-10T10:30:00Z'),
  },
  {
    name: 'a service at any time',
    log: 'cloudtrail',
    fields: { ...get, sourceIPAddress: 'athena.amazonaws.com' },
    expected: 'exempt',
    contexts: [viaService],
  },
];

const publicAccess: Omit<Scenario, 'control'>[] = [
  {
    name: 'an anonymous read by policy',
    log: 'access',
    fields: { ...get, identity: 'anonymous', auth: null },
    expected: 'breaks',
  },
  {
    name: 'an anonymous read by ACL',
    log: 'access',
    fields: { ...get, identity: 'anonymous', auth: null, acl_required: true },
    expected: 'breaks',
  },
  {
    name: 'an anonymous read through an endpoint',
    log: 'access',
    fields: { ...get, identity: 'anonymous', auth: null, remote_ip: '10.1.2.3' },
    expected: 'unclear',
  },
  {
    name: 'an anonymous read in CloudTrail',
    log: 'cloudtrail',
    fields: { ...get, identity: 'anonymous' },
    expected: 'breaks',
  },
  { name: 'a role of the account', log: 'access', fields: get, expected: 'passes' },
  {
    name: 'a signed read by ACL',
    log: 'access',
    fields: { ...get, identity: '555566667777:role/partner', acl_required: true },
    expected: 'unclear',
  },
  {
    name: 'another account',
    log: 'access',
    fields: { ...get, identity: '555566667777:role/partner' },
    expected: 'passes',
  },
  {
    name: 'a public ACL in a header',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-acl': 'public-read' }),
    expected: 'breaks',
  },
  {
    name: 'a private ACL in a header',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-acl': 'private' }),
    expected: 'passes',
  },
  { name: 'a write in the access log alone', log: 'access', fields: put, expected: 'unclear' },
  {
    name: 'a policy',
    log: 'cloudtrail',
    fields: { eventName: 'PutBucketPolicy', identity: 'role/app', requestParameters: { bucketPolicy: {} } },
    expected: 'unclear',
  },
  {
    name: 'a grant to a group',
    log: 'cloudtrail',
    fields: {
      eventName: 'PutBucketAcl',
      identity: 'role/app',
      requestParameters: {
        AccessControlPolicy: {
          AccessControlList: {
            Grant: { Grantee: { URI: 'http://acs.amazonaws.com/groups/global/AllUsers' }, Permission: 'READ' },
          },
        },
      },
    },
    expected: 'breaks',
  },
  {
    name: 'log delivery',
    log: 'access',
    fields: { ...put, identity: 'service/logging.s3.amazonaws.com' },
    expected: 'exempt',
  },
];

const acls: Omit<Scenario, 'control'>[] = [
  { name: 'a read by ACL', log: 'access', fields: { ...get, acl_required: true }, expected: 'breaks' },
  { name: 'a read without', log: 'access', fields: get, expected: 'passes' },
  { name: 'a read of before 2023', log: 'access', fields: { ...get, fields: 25 }, expected: 'unclear' },
  {
    name: 'an ACL for an object',
    log: 'cloudtrail',
    fields: { ...put, eventName: 'PutObjectAcl', requestParameters: { 'x-amz-acl': 'private' } },
    expected: 'breaks',
  },
  {
    name: 'a public ACL in a header',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-acl': 'public-read' }),
    expected: 'breaks',
  },
  {
    name: 'the owner in a header',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-acl': 'bucket-owner-full-control' }),
    expected: 'passes',
  },
  {
    name: 'a grant in a header',
    log: 'cloudtrail',
    fields: headers({ 'x-amz-grant-read': 'id="0123"' }),
    expected: 'breaks',
  },
  { name: 'a write without a header', log: 'cloudtrail', fields: put, expected: 'passes' },
  { name: 'a write in the access log alone', log: 'access', fields: put, expected: 'unclear' },
  {
    name: 'log delivery by ACL',
    log: 'access',
    fields: { ...put, identity: 'service/logging.s3.amazonaws.com', acl_required: true },
    expected: 'breaks',
  },
];

const byControl: Readonly<Record<string, readonly Omit<Scenario, 'control'>[]>> = {
  'tls-only': tls,
  'ip-allow': address,
  'vpc-endpoint-only': endpoints,
  'access-point-only': accessPoints,
  'cloudfront-only': cloudfront,
  'deny-unencrypted': encryption,
  'sse-kms-only': kmsOnly,
  hours: workingHours,
  'block-public-access': publicAccess,
  'disable-acls': acls,
};

export const scenarios: readonly Scenario[] = Object.entries(byControl).flatMap(([control, list]) =>
  list.map((scenario) => ({ control, ...scenario })),
);
