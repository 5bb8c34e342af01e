import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginsAsDigest, parseDigest, signedText } from '../../parsers/cloudtrail-digest.js';
import { digestFileName, trailFileName } from '../../parsers/trail-names.js';
import { signedTrail } from '../signed-trail.js';

const hours = signedTrail({ hours: 2 });
const bytes = zlib.gunzipSync(hours[1]!.digest.bytes);
const content = JSON.parse(bytes.toString()) as Record<string, unknown>;
const parse = (changes: object): unknown => parseDigest(Buffer.from(JSON.stringify({ ...content, ...changes })));

describe('a digest', () => {
  it('is read with its hour, its files and the digest before', () => {
    expect(parseDigest(bytes)).toMatchObject({
      accountId: '111122223333',
      region: 'eu-central-1',
      trail: 'main',
      isBackfill: false,
      startTimeUs: Date.parse('2026-10-19T11:05:00Z') * 1000,
      endTimeUs: Date.parse('2026-10-19T12:05:00Z') * 1000,
      previous: { key: hours[0]!.digest.key, signature: hours[0]!.signature },
      files: [
        { key: hours[1]!.logs[0]!.key, deliveredAtUs: Date.parse('2026-10-19T11:20:00Z') * 1000 },
        { key: hours[1]!.logs[1]!.key },
      ],
    });
  });

  it('is signed as four lines', () => {
    const digest = { endTimeText: '2026-10-19T12:05:00Z', bucket: 'b', key: 'k' };
    expect(signedText(digest, 'ab', null)).toBe('2026-10-19T12:05:00Z\nb/k\nab\nnull');
    expect(signedText(digest, 'ab', 'cd')).toBe('2026-10-19T12:05:00Z\nb/k\nab\ncd');
  });

  it.each<[string, object, string]>([
    ['no time', { digestEndTime: undefined }, 'digestEndTime is missing'],
    ['a time that is none', { digestEndTime: '2026-02-31T00:00:00Z' }, 'digestEndTime is no time'],
    ['a span of years', { digestStartTime: '2001-01-01T00:00:00Z' }, 'digestStartTime and digestEndTime are no hour'],
    [
      'an end before its start',
      { digestStartTime: '2026-10-20T00:00:00Z' },
      'digestStartTime and digestEndTime are no hour',
    ],
    ['logFiles that are a text', { logFiles: 'x' }, 'logFiles is not a list'],
    ['log files that are numbers', { logFiles: [1] }, 'an item of logFiles is not an object'],
    ['a hash that is none', { previousDigestHashValue: `${'0'.repeat(63)}g` }, 'previousDigestHashValue is malformed'],
    ['half a previous digest', { previousDigestSignature: null }, 'previousDigestSignature is malformed'],
    ['a name that is none', { digestS3Object: '../../../etc/passwd' }, 'digestS3Object is not the name of a digest'],
    ['another algorithm', { digestSignatureAlgorithm: 'none' }, 'digestSignatureAlgorithm is malformed'],
    ['a bucket with a line break', { digestS3Bucket: 'acme\nacme' }, 'digestS3Bucket is malformed'],
  ])('with %s is malformed', (_, changes, problem) => {
    expect(parse(changes)).toEqual({ problem });
  });

  it('never throws, whatever is in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(content)), fc.jsonValue(), (name, value) => {
        const read = parse({ [name]: value });
        expect(read).toSatisfy((result: object) => 'problem' in result || 'files' in result);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        expect(parseDigest(any)).toHaveProperty('problem');
        expect(beginsAsDigest(any)).toBe(false);
      }),
    );
  });
});

describe('names', () => {
  it('of log files may lack the underscore before the random characters, and the .gz', () => {
    const read = {
      accountId: '111122223333',
      region: 'us-gov-west-1',
      deliveredAtUs: Date.parse('2026-01-02T03:05Z') * 1000,
    };
    expect(
      trailFileName('s3://b/x/111122223333_CloudTrail_us-gov-west-1_20260102T0305Z_aBcDeFgHiJkLmNoP.json.gz'),
    ).toMatchObject(read);
    expect(trailFileName('/x/111122223333_CloudTrail_us-gov-west-1_20260102T0305ZaBcDeFgHiJkLmNoP.json')).toMatchObject(
      read,
    );
  });

  it('of digests may have a trail with underscores', () => {
    expect(
      digestFileName(
        'a/111122223333_CloudTrail-Digest_eu-west-1_my_own-trail_us-east-1_20260102T030500Z_backfill.json.gz',
      ),
    ).toMatchObject({ trail: 'my_own-trail', region: 'eu-west-1', homeRegion: 'us-east-1', isBackfill: true });
  });

  it.each([
    '111122223333_CloudTrail_eu-west-1_20260231T0305Z_aBcDeFgHiJkLmNoP.json.gz',
    '111122223333_CloudTrail_eu-west-1_20260102T0305Z_short.json.gz',
    '111122223333_CloudTrail-Insight_eu-west-1_20260102T0305Z_aBcDeFgHiJkLmNoP.json.gz',
    'x111122223333_CloudTrail_eu-west-1_20260102T0305Z_aBcDeFgHiJkLmNoP.json.gz',
    '111122223333_CloudTrail_eu-west-1_20260102T0305Z_aBcDeFgHiJkLmNoP.json.gz.exe',
  ])('%s is none', (name) => {
    expect(trailFileName(name)).toBeNull();
    expect(digestFileName(name)).toBeNull();
  });
});
