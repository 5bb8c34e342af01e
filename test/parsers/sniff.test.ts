/** What `sniff` takes objects for, from their first bytes. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sniff } from '../../parsers/sniff.js';

const line =
  'o b [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - A REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "-" -';
const utf16 = Buffer.from(`\ufeff${line}\n`, 'utf16le');

describe('sniff', () => {
  it.each([
    ['an access log', line, 'access-log-text'],
    ['an access log behind a byte order mark', `\ufeff${line}`, 'access-log-text'],
    ['an access log after garbage', `\n  garbage\n<Error/>\n${line}`, 'access-log-text'],
    ['an access log after a line that begins like JSON', `[oops\n${line}`, 'access-log-text'],
    ['a line whose time has no clock', `${'a'.repeat(64)} b [06/Feb/2026] 192.0.2.3`, 'access-log-text'],
    ['nothing', '', 'empty'],
    ['only line feeds and spaces', '\n\r\n \t\n', 'empty'],
    ['only a byte order mark', '\ufeff', 'empty'],
    [
      'access-log JSON',
      '{"schema_version_id":"V_1_0","bucket_name":"b","request_time":"2026-07-01T00:00:00.000Z"}',
      'access-log-json',
    ],
    ['access-log JSON in another spelling', ' {"BucketName":"b","HTTPStatus":200}', 'access-log-json'],
    [
      'access-log JSON that quotes CloudTrail',
      '{"request_time":"x","user_agent":"{\\"eventVersion\\":1}"}',
      'access-log-json',
    ],
    [
      'CloudTrail',
      '{"Records":[{"eventVersion":"1.11","requestParameters":{"bucketName":"b","key_name":"k"}}]}',
      'cloudtrail-json',
    ],
    [
      'a bare CloudTrail record in another order',
      '{"requestParameters":{"bucketName":"b"},"eventName":"GetObject"}',
      'cloudtrail-json',
    ],
    ['a bare array of records', '\n[{"eventVersion":"1.08"}]', 'cloudtrail-json'],
    [
      'a CloudTrail digest',
      '{"awsAccountId":"111122223333","digestStartTime":"2026-01-01T00:00:00Z"}',
      'cloudtrail-json',
    ],
    [
      'an S3 event notification',
      '{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-central-1","eventName":"ObjectCreated:Put"}]}',
      'not-a-log',
    ],
    [
      'CloudTrail that quotes an S3 event notification',
      '{"Records":[{"eventVersion":"1.11","requestParameters":{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3"}]}}]}',
      'cloudtrail-json',
    ],
    ['other JSON', '{"hello":"world"}', 'cloudtrail-json'],
    ['an XML error page', '<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>', 'not-a-log'],
    ['HTML', '<!doctype html><html></html>', 'not-a-log'],
    [
      'a result of CloudTrail Lake',
      '"eventversion","useridentity","eventtime"\n"1.08","{type=Root}","2026-01-01 00:00:00.000"\n',
      'not-a-log',
    ],
    ['prose', 'Hello, world.', 'not-a-log'],
  ])('takes %s for what it is', (_, text, format) => {
    expect(sniff(Buffer.from(text))).toBe(format);
  });

  it.each([
    ['gzip', zlib.gzipSync(line), 'gzip'],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04]), 'zstd'],
    ['Parquet', Buffer.from('PAR1\x15\x04'), 'parquet'],
    ['UTF-16', utf16, 'not-a-log'],
    ['UTF-16 without a mark', utf16.subarray(2), 'not-a-log'],
    ['binary data', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff]), 'not-a-log'],
    ['a no-break space in latin-1', Buffer.from([0xa0]), 'not-a-log'],
    ['half a magic number', Buffer.from([0x1f]), 'not-a-log'],
  ])('knows %s by its bytes', (_, bytes, format) => {
    expect(sniff(bytes)).toBe(format);
  });

  it('takes every access-log fixture that holds a line for an access log', () => {
    const folder = path.join(import.meta.dirname, '../../fixtures/logs/access-log');
    const logs = fs
      .readdirSync(folder)
      .filter((name) => name.endsWith('.log') && !['empty.log', 'only-line-feeds.log'].includes(name));
    for (const name of logs)
      expect([name, sniff(fs.readFileSync(path.join(folder, name)))]).toEqual([
        name,
        name.endsWith('.json.log') ? 'access-log-json' : 'access-log-text',
      ]);
  });
});
