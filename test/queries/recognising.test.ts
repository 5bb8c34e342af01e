/** What `investigate X` takes X for, by how it is written. */
import { describe, expect, it } from 'vitest';
import { readingsOf } from '../../queries/investigation/subject.js';

const first = (text: string): string => {
  const { kind, value, key } = readingsOf(text)[0]!;
  return [kind, value, ...(key === null ? [] : [key])].join(' ');
};

describe('a text', () => {
  it.each([
    ['203.0.113.9', 'ip 203.0.113.9'],
    ['2001:0DB8:0:0::1', 'ip 2001:db8::1'],
    ['198.51.100.77/24', 'network 198.51.100.0/24'],
    ['2001:db8:1::/48', 'network 2001:db8:1::/48'],
    ['arn:aws:iam::111122223333:role/path/backup', 'principal arn:aws:iam::111122223333:role/path/backup'],
    [
      'arn:aws:sts::111122223333:assumed-role/backup/job-7',
      'session arn:aws:sts::111122223333:assumed-role/backup/job-7',
    ],
    ['arn:aws:sts::111122223333:assumed-role/backup', 'principal arn:aws:iam::111122223333:role/backup'],
    ['arn:aws:s3:::acme-docs', 'bucket acme-docs'],
    ['arn:aws:s3:::acme-docs/a/b.pdf', 'object acme-docs a/b.pdf'],
    ['111122223333:role/backup', 'principal 111122223333:role/backup'],
    ['role/backup', 'principal role/backup'],
    ['111122223333', 'principal account:111122223333'],
    ['anonymous', 'principal anonymous'],
    ['service:logging.s3.amazonaws.com', 'principal service:logging.s3.amazonaws.com'],
    ['AKIAIOSFODNN7EXAMPLE', 'access-key AKIAIOSFODNN7EXAMPLE'],
    ['ASIAIOSFODNN7EXAMPLE', 'access-key ASIAIOSFODNN7EXAMPLE'],
    ['s3://acme-docs', 'bucket acme-docs'],
    ['s3://acme-docs/', 'bucket acme-docs'],
    ['s3://acme-docs/a b/ä.pdf', 'object acme-docs a b/ä.pdf'],
    ['acme-docs/a/b.pdf', 'object acme-docs a/b.pdf'],
    ['acme-docs', 'bucket acme-docs'],
    ['3HSEZ5XDBW50TVF1', 'request 3HSEZ5XDBW50TVF1'],
    ['b990dce5-03cb-4bc4-a0f4-a3a6a582d62e', 'request b990dce5-03cb-4bc4-a0f4-a3a6a582d62e'],
    ['vpce-0a1b2c3d4e5f67890', 'vpc-endpoint vpce-0a1b2c3d4e5f67890'],
    ['A22B4CC1FC', 'finding a22b4cc1fc'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'user-agent Mozilla/5.0 (X11; Linux x86_64)'],
  ])('such as %s is first read as %s', (text, expected) => {
    expect(first(text)).toBe(expected);
  });

  it('that is a word may be a finding, a bucket, a name or a user agent, in this order', () => {
    expect(readingsOf('deadbeef').map(({ kind }) => kind)).toEqual(['finding', 'bucket', 'principal', 'user-agent']);
  });

  it('is read as --as says and as nothing else', () => {
    expect(readingsOf('deadbeef', 'principal')).toEqual([{ kind: 'principal', value: 'deadbeef', key: null }]);
    expect(readingsOf('s3://acme-docs', 'bucket')).toEqual([{ kind: 'bucket', value: 'acme-docs', key: null }]);
  });
});
