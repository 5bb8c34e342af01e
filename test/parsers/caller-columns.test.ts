/** The caller's name and network, as filled into batches of both logs. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccessLogParser } from '../../parsers/access-log.js';
import type { ParsedBatch } from '../../parsers/batch.js';
import { CallerColumns } from '../../parsers/caller-columns.js';
import { createCloudtrailParser } from '../../parsers/cloudtrail.js';
import { startObject } from '../../parsers/parser.js';
import { networkOfAddress, principalOfIdentity, principalOfRequester } from '../../parsers/principal.js';
import { toRecordBatch } from '../../parsers/record-batch.js';
import { RejectWriter } from '../../parsers/reject-writer.js';
import { kept } from './kept-batch.js';

const owner = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';

function accessLogLine({
  ip = '192.0.2.7',
  requester = '-',
  operation = 'REST.GET.OBJECT',
  authentication = '-',
}): string {
  return `${owner} acme [19/Oct/2026:10:00:00 +0000] ${ip} ${requester} 9MSYTKDAAVGH4QRA ${operation} k "GET /k HTTP/1.1" 200 - 1 1 1 1 "-" "x" - abc= - - ${authentication} acme.s3.amazonaws.com - - - -`;
}

type Line = string | Buffer;

interface Names {
  readonly principal: string | null;
  readonly source_network: string | null;
}

/** The names as the reader of plain lines knows them. */
function knownNames(lines: readonly Line[]): Names[] {
  return namesIn(parse(lines));
}

function namesOf(lines: readonly Line[]): Names[] {
  return fill(parse(lines));
}

function parse(lines: readonly Line[]): ParsedBatch[] {
  const batches: ParsedBatch[] = [];
  const rejects = new RejectWriter(() => undefined);
  const parser = createAccessLogParser({ batches: (batch) => batches.push(kept(batch)), rejects });
  const block = Buffer.alloc(4 << 20);
  const length = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')])).copy(block);
  parser.parse(block, 0, length, startObject('test'), true);
  parser.flush();
  return batches;
}

function namesIn(batches: readonly ParsedBatch[]): Names[] {
  return batches.flatMap((batch) =>
    toRecordBatch(batch)
      .toArray()
      .map(({ principal, source_network }) => ({ principal, source_network })),
  );
}

describe('the caller of an access-log row', () => {
  it.each([
    ['arn:aws:sts::111122223333:assumed-role/backup/i-0123456789abcdef0', 'arn:aws:iam::111122223333:role/backup'],
    ['arn:aws-cn:sts::111122223333:assumed-role/backup/x', 'arn:aws-cn:iam::111122223333:role/backup'],
    ['arn:aws:iam::111122223333:user/team/ada', 'arn:aws:iam::111122223333:user/team/ada'],
    ['arn:aws:iam::111122223333:root', 'arn:aws:iam::111122223333:root'],
    ['svc:delivery.logs.amazonaws.com', 'service:delivery.logs.amazonaws.com'],
    ['AmazonS3', 'service:s3.amazonaws.com'],
    [owner, `canonical:${owner}`],
    [
      'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E123',
      'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E123',
    ],
  ])('names %s', (requester, principal) => {
    expect(namesOf([accessLogLine({ requester, authentication: 'AuthHeader' })])[0]).toEqual({
      principal,
      source_network: '192.0.2.0/24',
    });
  });

  it('tells anonymous from a failed signature and from lifecycle', () => {
    const lines = [
      accessLogLine({}),
      accessLogLine({ authentication: 'AuthHeader' }),
      accessLogLine({ operation: 'S3.EXPIRE.OBJECT', ip: '-' }),
    ];
    expect(namesOf(lines)).toEqual([
      { principal: 'anonymous', source_network: '192.0.2.0/24' },
      { principal: 'unauthenticated', source_network: '192.0.2.0/24' },
      { principal: 'service:s3.amazonaws.com', source_network: null },
    ]);
  });

  it('gives each of many callers its own name, over several batches', () => {
    const lines = Array.from({ length: 5000 }, (_, n) =>
      accessLogLine({
        ip: `10.${n >> 8}.${n & 255}.9`,
        requester: `arn:aws:sts::111122223333:assumed-role/role-${n % 700}/session-${n}`,
        authentication: 'AuthHeader',
      }),
    );
    const names = namesOf(lines);
    expect(names).toHaveLength(5000);
    names.forEach((name, n) =>
      expect(name).toEqual({
        principal: `arn:aws:iam::111122223333:role/role-${n % 700}`,
        source_network: `10.${n >> 8}.${n & 255}.0/24`,
      }),
    );
  });
});

const word = fc.string({ unit: fc.constantFrom(...Array.from('abZ09-_.=@é')), minLength: 1, maxLength: 90 });
const account = fc.constantFrom('111122223333', '444455556666', '1');
const requester = fc.oneof(
  fc.constant('-'),
  fc.tuple(account, word, word).map(([id, role, session]) => `arn:aws:sts::${id}:assumed-role/${role}/${session}`),
  fc.tuple(account, word, word).map(([id, path, name]) => `arn:aws:iam::${id}:role/${path}/${name}`),
  fc.tuple(account, word).map(([id, name]) => `arn:aws:iam::${id}:user/${name}`),
  fc.tuple(word, word, word).map(([a, b, c]) => `${a}-role/${b}/${c}`),
  fc.constantFrom(owner, `${owner}${owner.slice(32)}`, 'AmazonS3', 'svc:delivery.logs.amazonaws.com'),
  word,
);
const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('-', '1.2.3', 'unknown', '1234.5678.9012.3456'));

describe('the caller of an access-log row that was met before', () => {
  it('is named by the reader of plain lines as it was named the first time', () => {
    const row = fc.record({
      requester,
      ip: address,
      operation: fc.constantFrom('REST.GET.OBJECT', 'S3.EXPIRE.OBJECT', 'S3'),
      authentication: fc.constantFrom('-', 'AuthHeader'),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const lines = rows.map((fields) => accessLogLine(fields));
        const named = rows.map(({ requester, ip, operation, authentication }) => ({
          principal: principalOfRequester({
            requester: requester === '-' ? null : requester,
            isAuthenticated: authentication !== '-',
            operation,
          }),
          source_network: ip === '-' ? null : networkOfAddress(ip),
        }));
        expect(namesOf(lines)).toEqual(named);
        expect(namesOf(lines)).toEqual(named);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps its name where a batch ends among lines that are not UTF-8', () => {
    const lines = Array.from({ length: 6000 }, (_, n) =>
      accessLogLine({
        ip: `192.0.${n % 7}.1`,
        requester: `arn:aws:sts::111122223333:assumed-role/role-of-batches-${n % 5}/s`,
        authentication: 'AuthHeader',
      }),
    );
    const mixed = lines.map((line, n) =>
      n % 2048 > 2040 || n % 2048 < 8 ? Buffer.from(line.replace('"x"', '"\xff"'), 'latin1') : line,
    );
    const names = namesOf(lines);
    expect(names[2050]!.principal).toBe('arn:aws:iam::111122223333:role/role-of-batches-0');
    expect(namesOf(mixed)).toEqual(names);
  });

  it('is learnt, whether long or short, and told from others', () => {
    const callers = [
      { requester: 'arn:aws:sts::111122223333:assumed-role/backup/first', authentication: 'AuthHeader' },
      { requester: 'AmazonS3' },
      { requester: 'short' },
      {},
      { authentication: 'AuthHeader' },
      { operation: 'S3.EXPIRE.OBJECT' },
      { ip: '2001:db8:1:2::3' },
    ];
    const lines = callers.map((caller) => accessLogLine(caller));
    const names = namesOf(lines);
    expect(names[0]).toEqual({ principal: 'arn:aws:iam::111122223333:role/backup', source_network: '192.0.2.0/24' });
    lines[0] = lines[0]!.replace('first', 'second').replace('192.0.2.7', '192.0.2.8');
    expect(knownNames([...lines, ...lines])).toEqual([...names, ...names]);
    expect(knownNames([lines[0].replace('backup', 'backups')])).toEqual([
      { principal: null, source_network: '192.0.2.0/24' },
    ]);
  });
});

function recordOf(userIdentity: object, sourceIPAddress: string): object {
  return { eventTime: '2026-10-19T10:00:00Z', sourceIPAddress, userIdentity };
}

function parseRecords(records: readonly object[]): ParsedBatch[] {
  const batches: ParsedBatch[] = [];
  const rejects = new RejectWriter(() => undefined);
  const parser = createCloudtrailParser({ batches: (batch) => batches.push(kept(batch)), rejects });
  const block = Buffer.from(JSON.stringify({ Records: records }));
  parser.parse(block, 0, block.length, startObject('test'), true);
  parser.flush();
  return batches;
}

function fill(batches: readonly ParsedBatch[]): Names[] {
  const callers = new CallerColumns();
  return namesIn(batches.map((batch) => callers.fill(batch)));
}

describe('the caller of a CloudTrail record', () => {
  const nobody = { type: null, arn: null, accountId: null, principalId: null, invokedBy: null, issuerArn: null };
  it.each([
    [
      { type: 'AssumedRole', issuerArn: 'arn:aws:iam::111122223333:role/aws-reserved/sso/Admin' },
      'arn:aws:iam::111122223333:role/Admin',
    ],
    [
      { type: 'AssumedRole', arn: 'arn:aws:sts::111122223333:assumed-role/Admin/ada' },
      'arn:aws:iam::111122223333:role/Admin',
    ],
    [
      {
        type: 'FederatedUser',
        arn: 'arn:aws:sts::111122223333:federated-user/ada',
        issuerArn: 'arn:aws:iam::111122223333:user/ada',
      },
      'arn:aws:sts::111122223333:federated-user/ada',
    ],
    [{ type: 'Root', accountId: '111122223333' }, 'arn:aws:iam::111122223333:root'],
    [{ type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' }, 'service:cloudtrail.amazonaws.com'],
    [{ type: 'AWSAccount', accountId: '444455556666' }, 'account:444455556666'],
    [{ type: 'AWSAccount', accountId: 'ANONYMOUS_PRINCIPAL' }, 'anonymous'],
    [{ type: 'Unknown', accountId: 'anonymous' }, 'anonymous'],
    [{ type: 'WebIdentityUser', principalId: 'accounts.example.com:ada' }, 'accounts.example.com:ada'],
    [{}, 'unknown'],
  ])('names %j', (identity, principal) => {
    expect(principalOfIdentity({ ...nobody, ...identity })).toBe(principal);
  });

  const etl = {
    type: 'AssumedRole',
    sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111122223333:role/etl' } },
  };

  it('fills the columns of records', () => {
    const [name] = fill(parseRecords([recordOf(etl, '2001:db8:51::7')]));
    expect(name).toEqual({ principal: 'arn:aws:iam::111122223333:role/etl', source_network: '2001:db8:51::/48' });
  });

  it('is named by the reader of plain records as it was named the first time', () => {
    const arn = requester.filter((name) => name !== '-');
    const identity = fc.record(
      {
        type: fc.constantFrom('AssumedRole', 'IAMUser', 'Root', 'AWSAccount', 'AWSService', 'AWSAccounts'),
        arn,
        issuerArn: arn,
        accountId: fc.oneof(account, fc.constantFrom('anonymous', 'ANONYMOUS_PRINCIPAL', 'CloudFront')),
        principalId: fc.constantFrom('AIDA1', 'AIDA2'),
        invokedBy: fc.constantFrom('ec2.amazonaws.com', 'cloudtrail.amazonaws.com', '111122223333'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(identity, address), { minLength: 1, maxLength: 30 }), (callers) => {
        const records = callers.map(([{ issuerArn, ...identity }, ip]) =>
          recordOf({ ...identity, sessionContext: { sessionIssuer: { arn: issuerArn } } }, ip),
        );
        const named = callers.map(([found, ip]) => ({
          principal: principalOfIdentity({ ...nobody, ...found }),
          source_network: networkOfAddress(ip),
        }));
        expect(fill(parseRecords(records))).toEqual(named);
        expect(fill(parseRecords(records))).toEqual(named);
      }),
      { numRuns: 300 },
    );
  });

  it('is learnt', () => {
    const callers = [
      etl,
      { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ada' },
      { type: 'AWSAccount', accountId: '444455556666' },
      { type: 'AWSAccount', accountId: 'anonymous' },
      { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      { type: 'AWSAccount', accountId: 'CloudFront', principalId: 'E1' },
      { type: 'Root', accountId: '111122223333' },
    ];
    const records = callers.map((caller, index) => recordOf(caller, index === 0 ? '198.51.100.7' : '-'));
    fill(parseRecords(records));
    expect(namesIn(parseRecords(records))).toEqual([
      { principal: 'arn:aws:iam::111122223333:role/etl', source_network: '198.51.100.0/24' },
      { principal: 'arn:aws:iam::111122223333:user/ada', source_network: null },
      { principal: 'account:444455556666', source_network: null },
      { principal: 'anonymous', source_network: null },
      { principal: 'service:ec2.amazonaws.com', source_network: null },
      { principal: 'cloudfront:E1', source_network: null },
      { principal: null, source_network: null },
    ]);
  });
});

describe('the network of an address', () => {
  it.each([
    ['198.51.100.7', '198.51.100.0/24'],
    ['2001:db8:51::7', '2001:db8:51::/48'],
    ['2001:DB8::1', '2001:db8:0::/48'],
    ['AWS Internal', null],
    ['s3.amazonaws.com', null],
    ['10.0.0', null],
  ])('of %s is %s', (address, network) => {
    expect(networkOfAddress(address)).toBe(network);
  });
});
