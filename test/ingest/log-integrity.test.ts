/** CloudTrail files against their digests: every way to change, drop or add something is seen, in any order of arrival. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../ingest/ingest.js';
import { checkLogIntegrity, type IntegrityResult } from '../../ingest/log-integrity.js';
import { localSource } from '../../ingest/sources/local.js';
import type { ListTrailKeys } from '../../ingest/trail-keys.js';
import { Store } from '../../store/store.js';
import { askLake, temporaryFolder } from '../lake.js';
import {
  delivered,
  digestFile,
  keyList,
  logFile,
  signedTrail,
  tampered,
  trailKey,
  writeObjects,
  type Delivered,
} from '../signed-trail.js';

const memoryBytes = 256e6;
/** Long after the trails of these tests: nothing waits any more. */
const later = Date.parse('2026-11-20T00:00:00Z');

interface ReadOptions {
  readonly dataDir?: string;
  readonly nowMs?: number;
  readonly keyFiles?: readonly string[];
  readonly listKeys?: ListTrailKeys | null;
}

/** Reads objects as one run. */
async function readObjects(
  objects: readonly Delivered[],
  { dataDir = temporaryFolder('integrity-lake'), nowMs = later, keyFiles = [], listKeys = null }: ReadOptions = {},
): Promise<IntegrityResult & { readonly dataDir: string }> {
  const folder = temporaryFolder('integrity-logs');
  writeObjects(folder, objects);
  const store = await Store.open({ dataDir, threads: 1, memoryBytes, command: 'ingest', now: () => nowMs });
  try {
    await ingest(store, [localSource(folder)], { threads: 1, memoryBytes, maxInflatedBytes: 200e6 });
    const result = await checkLogIntegrity(store, { keyFiles, listKeys });
    await store.finish('done');
    return { ...result, dataDir };
  } finally {
    store.close();
  }
}

interface Problem {
  readonly kind: string;
  readonly key: string | null;
  readonly waiting_hours: number | null;
  readonly detail: string;
}

const problemsOf = (dataDir: string): Promise<Problem[]> =>
  askLake<Problem>(dataDir, 'select kind, key, waiting_hours, detail from integrity_problems order by all');
const kindsOf = async (dataDir: string): Promise<string[]> => (await problemsOf(dataDir)).map(({ kind }) => kind);

function keyFile(name: string, content: string | object): string {
  const file = path.join(temporaryFolder('keys'), name);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}
const keysAsJson = keyFile('keys.json', keyList());
const keysAsPem = keyFile('keys.pem', trailKey.publicKey.export({ format: 'pem', type: 'spki' }).toString());
const nameOf = ({ key }: Delivered): string => path.posix.basename(key, '.gz');

const summaryOf = async (dataDir: string): Promise<unknown> => ({
  problems: await askLake(
    dataDir,
    `select * exclude (uri, digest_uri), parse_filename(uri) as file from integrity_problems order by all`,
  ),
  digests: await askLake(
    dataDir,
    `select * exclude (uri), parse_filename(uri) as file from trail_digests order by all`,
  ),
});

const mayNotBeAsked: ListTrailKeys = () => {
  throw new Error('asked');
};

describe('a trail that nobody touched', () => {
  it('is verified, but for the signature that only the metadata of the last digest has', async () => {
    const hours = signedTrail();
    const { dataDir, ...counts } = await readObjects(delivered(hours), { keyFiles: [keysAsJson] });
    expect(counts).toMatchObject({ digests: 4, signaturesVerified: 3, files: 8, filesVerified: 8, problems: 0 });
    expect(await askLake(dataDir, 'select chain, signature from trail_digests order by end_time')).toEqual([
      { chain: 'start', signature: 'verified' },
      { chain: 'linked', signature: 'verified' },
      { chain: 'linked', signature: 'verified' },
      { chain: 'linked', signature: 'unchecked' },
    ]);
    expect(await askLake(dataDir, 'select count(*)::int as n from cloudtrail')).toEqual([{ n: 8 }]);
  });

  it('is verified with keys as PEM, and unchecked without any', async () => {
    const objects = delivered(signedTrail());
    expect(await readObjects(objects, { keyFiles: [keysAsPem] })).toMatchObject({ signaturesVerified: 3, problems: 0 });
    expect(await readObjects(objects)).toMatchObject({ signaturesVerified: 0, filesVerified: 8, problems: 0 });
  });

  it('may have empty hours, several Regions and a second trail in the same bucket', async () => {
    const objects = [
      ...delivered(signedTrail({ filesPerHour: 0, region: 'us-east-1' })),
      ...delivered(signedTrail({ trail: 'second_one' })),
      ...delivered(signedTrail()),
    ];
    expect(await readObjects(objects)).toMatchObject({ digests: 12, files: 16, filesVerified: 16, problems: 0 });
  });

  it('may begin before what was read', async () => {
    const objects = delivered(signedTrail({ start: '2026-10-18T20:05:00Z', hours: 12 }));
    const lastDay = objects.filter(({ key }) => key.includes('/2026/10/19/'));
    const { dataDir, filesVerified, problems } = await readObjects(lastDay);
    expect(problems).toBe(0);
    expect(filesVerified).toBe(lastDay.filter(({ key }) => key.includes('/CloudTrail/')).length);
    expect(await askLake(dataDir, 'select chain from trail_digests order by end_time limit 2')).toEqual([
      { chain: 'begins' },
      { chain: 'linked' },
    ]);
  });
});

describe('a log file', () => {
  it('that was changed is found', async () => {
    const hours = signedTrail();
    hours[1]!.logs[0] = tampered(hours[1]!.logs[0]!);
    const { dataDir, filesVerified } = await readObjects(delivered(hours));
    expect(filesVerified).toBe(7);
    expect(await problemsOf(dataDir)).toMatchObject([{ kind: 'file-changed', key: hours[1]!.logs[0].key }]);
  });

  it('that was compressed again, with the same content, is verified', async () => {
    const hours = signedTrail();
    const { key, bytes } = hours[1]!.logs[0]!;
    hours[1]!.logs[0] = { key, bytes: zlib.gzipSync(zlib.gunzipSync(bytes), { level: 1 }) };
    expect(await readObjects(delivered(hours))).toMatchObject({ filesVerified: 8, problems: 0 });
  });

  it('that is cut short is changed', async () => {
    const hours = signedTrail();
    const { key, bytes } = hours[1]!.logs[0]!;
    hours[1]!.logs[0] = { key, bytes: bytes.subarray(0, -30) };
    expect(await kindsOf((await readObjects(delivered(hours))).dataDir)).toEqual(['file-changed']);
  });

  it('that goes through piece by piece is hashed as well', async () => {
    const [hour] = signedTrail({ hours: 1, filesPerHour: 1 });
    const noise = Array.from({ length: 90_000 }, (_, n) => ({
      eventTime: '2026-10-19T10:00:00Z',
      eventID: `${n}-${Math.sin(n)}-${Math.cos(n)}-${Math.tan(n)}-${Math.cbrt(n)}-${Math.exp(-n)}-${Math.sqrt(n)}`,
    }));
    const large = { key: hour!.logs[0]!.key, bytes: zlib.gzipSync(JSON.stringify({ Records: noise }), { level: 1 }) };
    expect(large.bytes.length).toBeGreaterThan(4 << 20);
    const startMs = Date.parse('2026-10-19T10:05:00Z');
    const digest = digestFile({ startMs, endMs: startMs + 3_600_000, logs: [large], previous: null });
    expect(await readObjects([large, digest])).toMatchObject({ filesVerified: 1, problems: 0 });
    const changed = { key: large.key, bytes: zlib.gzipSync(JSON.stringify({ Records: noise.slice(1) }), { level: 1 }) };
    expect(await kindsOf((await readObjects([changed, digest])).dataDir)).toEqual(['file-changed']);
  });

  it('that was deleted is missing, and waits while its digest is young', async () => {
    const hours = signedTrail();
    const [gone] = hours[1]!.logs.splice(0, 1);
    const nowMs = Date.parse('2026-10-19T14:30:00Z');
    const { dataDir } = await readObjects(delivered(hours), { nowMs });
    expect(await problemsOf(dataDir)).toMatchObject([{ kind: 'file-missing', key: gone!.key, waiting_hours: 2 }]);
    await readObjects([logFile(nowMs + 3_600_000, 'LATE')], { dataDir, nowMs: nowMs + 7_200_000 });
    expect(await problemsOf(dataDir)).toMatchObject([{ kind: 'file-missing', waiting_hours: 4 }]);
    await readObjects([gone!], { dataDir });
    expect(await kindsOf(dataDir)).toEqual([]);
  });

  it('is not missing where no files are read: another Region, or days before the first', async () => {
    const elsewhere = delivered(signedTrail({ region: 'us-east-1' })).filter(({ key }) => key.includes('-Digest/'));
    const older = delivered(signedTrail({ start: '2026-10-12T10:05:00Z', trail: 'old' })).filter(({ key }) =>
      key.includes('-Digest/'),
    );
    const { dataDir } = await readObjects([...delivered(signedTrail()), ...elsewhere, ...older]);
    expect(await kindsOf(dataDir)).not.toContain('file-missing');
  });

  it('that was inflated on the way is unchecked, not missing', async () => {
    const hours = signedTrail();
    const { key, bytes } = hours[1]!.logs[0]!;
    hours[1]!.logs[0] = { key: key.replace(/\.gz$/, ''), bytes: zlib.gunzipSync(bytes) };
    const { dataDir, filesVerified, problems } = await readObjects(delivered(hours));
    expect({ filesVerified, problems }).toEqual({ filesVerified: 7, problems: 0 });
    expect(await askLake(dataDir, 'select sum(files_unchecked)::int as n from trail_digests')).toEqual([{ n: 1 }]);
  });

  it('that no digest names is found once the digests around it were read', async () => {
    const planted = logFile(Date.parse('2026-10-19T11:40:00Z'), 'PLANTED');
    const { dataDir } = await readObjects([...delivered(signedTrail()), planted]);
    expect(await problemsOf(dataDir)).toMatchObject([{ kind: 'file-unnamed', key: nameOf(planted) }]);
    const tooYoung = logFile(Date.parse('2026-10-19T13:40:00Z'), 'YOUNG');
    expect(await readObjects([...delivered(signedTrail()), tooYoung])).toMatchObject({ problems: 0 });
  });

  it('that a later backfill names is not unnamed', async () => {
    const forgotten = logFile(Date.parse('2026-10-19T11:40:00Z'), 'FORGOTTEN');
    const startMs = Date.parse('2026-10-19T11:05:00Z');
    const backfill = digestFile({
      startMs,
      endMs: startMs + 3_600_000,
      logs: [forgotten],
      previous: null,
      suffix: '_backfill',
    });
    const { dataDir } = await readObjects([...delivered(signedTrail()), forgotten]);
    expect(await kindsOf(dataDir)).toEqual(['file-unnamed']);
    await readObjects([backfill], { dataDir });
    expect(await kindsOf(dataDir)).toEqual([]);
  });

  it('may belong to a second trail whose digest is not there yet', async () => {
    const second = signedTrail({ trail: 'second' });
    second.pop();
    const young = logFile(Date.parse('2026-10-19T13:06:00Z'), 'SECOND');
    const objects = [...delivered(signedTrail({ hours: 6 })), ...delivered(second), young];
    expect(await kindsOf((await readObjects(objects)).dataDir)).not.toContain('file-unnamed');
  });
});

describe('a digest', () => {
  it('that was changed is told by the one after it', async () => {
    const hours = signedTrail();
    hours[1]!.digest = tampered(hours[1]!.digest, '"oldestEventTime":null', '"oldestEventTime":"2026-10-19T10:00:00Z"');
    const { dataDir } = await readObjects(delivered(hours), { keyFiles: [keysAsJson] });
    expect(await problemsOf(dataDir)).toMatchObject([
      { kind: 'digest-changed', key: nameOf(hours[1]!.digest) },
      { kind: 'signature-wrong', key: hours[1]!.digest.key },
    ]);
  });

  it('that was written by somebody else, with everything after it, is told by the signature alone', async () => {
    const forger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const forged = delivered(signedTrail({ keys: forger }));
    expect(await readObjects(forged)).toMatchObject({ filesVerified: 8, signaturesVerified: 0, problems: 0 });
    const { dataDir, filesVerified } = await readObjects(forged, { keyFiles: [keysAsJson] });
    // Those of the last digest, whose signature nothing says.
    expect(filesVerified).toBe(2);
    expect(await kindsOf(dataDir)).toEqual(['signature-wrong', 'signature-wrong', 'signature-wrong']);
  });

  it('that was deleted is missing, and the hours without it are named', async () => {
    const hours = signedTrail({ hours: 6 });
    const objects = delivered(hours).filter(({ key }) => key !== hours[2]!.digest.key);
    const { dataDir } = await readObjects(objects);
    expect(await problemsOf(dataDir)).toMatchObject([
      {
        kind: 'digest-missing',
        key: nameOf(hours[2]!.digest),
        detail: expect.stringContaining('from 2026-10-19T12:05:00Z to 2026-10-19T13:05:00Z'),
      },
    ]);
  });

  it('is missing as one of two in a row, too', async () => {
    const hours = signedTrail({ hours: 6 });
    const gone = [hours[2]!.digest.key, hours[3]!.digest.key];
    const { dataDir } = await readObjects(delivered(hours).filter(({ key }) => !gone.includes(key)));
    expect(await problemsOf(dataDir)).toMatchObject([
      { kind: 'digest-missing', detail: expect.stringContaining('from 2026-10-19T12:05:00Z to 2026-10-19T14:05:00Z') },
    ]);
  });

  it('that begins a chain again is found', async () => {
    const first = signedTrail({ hours: 2 });
    const second = signedTrail({ hours: 2, start: '2026-10-19T16:05:00Z', trail: 'main' }).map((hour, index) => ({
      ...hour,
      logs: hour.logs.map((_, file) => hour.logs[file]!),
      index,
    }));
    const { dataDir } = await readObjects([...delivered(first), ...delivered(second)]);
    expect(await problemsOf(dataDir)).toMatchObject([
      { kind: 'chain-restarted', detail: expect.stringContaining('from 2026-10-19T12:05:00Z to 2026-10-19T16:05:00Z') },
    ]);
  });

  it('that never comes is found when log files go on without it', async () => {
    const after = Array.from({ length: 6 }, (_, n) =>
      logFile(Date.parse('2026-10-19T14:30:00Z') + n * 3_600_000, `A${n}`),
    );
    const { dataDir } = await readObjects([...delivered(signedTrail()), ...after]);
    expect(await problemsOf(dataDir)).toMatchObject([{ kind: 'digest-gap', waiting_hours: 4 }]);
  });

  it('under another name is moved', async () => {
    const hours = signedTrail();
    const copy = { key: hours[1]!.digest.key.replace('T120500Z', 'T120501Z'), bytes: hours[1]!.digest.bytes };
    expect(await kindsOf((await readObjects([...delivered(hours), copy])).dataDir)).toEqual(['digest-moved']);
  });
});

describe('hostile digests', () => {
  const hours = signedTrail();
  const { key } = hours[3]!.digest;
  const content = JSON.parse(zlib.gunzipSync(hours[3]!.digest.bytes).toString()) as Record<string, unknown>;
  const rest = delivered(hours).filter((object) => object.key !== key);
  const bytesOf = (changes: object): Buffer => zlib.gzipSync(JSON.stringify({ ...content, ...changes }));

  it.each<[string, Buffer]>([
    ['no JSON', zlib.gzipSync('{"digestStartTime":')],
    ['deep JSON', zlib.gzipSync(`{"digestStartTime":"x","logFiles":${'['.repeat(200_000)}`)],
    [
      'too many files',
      bytesOf({ logFiles: Array.from({ length: 10_001 }, () => (content['logFiles'] as object[])[0]) }),
    ],
  ])('%s: malformed, and nothing else suffers', async (_, bytes) => {
    const { dataDir, filesVerified } = await readObjects([...rest, { key, bytes }], { keyFiles: [keysAsJson] });
    expect(filesVerified).toBe(6);
    expect(await kindsOf(dataDir)).toEqual(['digest-malformed']);
  });

  it('that name paths of ours only name them', async () => {
    const file = {
      s3Bucket: 'acme',
      s3Object: '../../../../etc/passwd',
      hashValue: '0'.repeat(64),
      hashAlgorithm: 'SHA-256',
    };
    const { dataDir } = await readObjects([...rest, { key, bytes: bytesOf({ logFiles: [file] }) }]);
    expect(await problemsOf(dataDir)).toMatchObject([{ kind: 'file-missing', key: '../../../../etc/passwd' }]);
  });
});

describe('public keys', () => {
  it('that no file holds are an error of the caller', async () => {
    const objects = delivered(signedTrail({ hours: 1 }));
    for (const content of ['', '{}', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])
      await expect(readObjects(objects, { keyFiles: [keyFile('bad', content)] })).rejects.toMatchObject({
        code: 'file-unusable',
      });
    await expect(readObjects(objects, { keyFiles: ['/nowhere/keys.pem'] })).rejects.toMatchObject({
      code: 'file-unusable',
    });
  });

  it('are never asked for because of digests of a local folder', async () => {
    expect(await readObjects(delivered(signedTrail()), { listKeys: mayNotBeAsked })).toMatchObject({
      unlistedRegions: [],
      problems: 0,
    });
  });
});

describe('the result', () => {
  const everything = (() => {
    const hours = signedTrail({ hours: 7 });
    hours[1]!.logs[0] = tampered(hours[1]!.logs[0]!);
    hours[2]!.logs.pop();
    const objects = delivered(hours).filter(({ key }) => key !== hours[4]!.digest.key);
    const restarted = signedTrail({ hours: 2, start: '2026-10-22T03:05:00Z' });
    const otherRegion = signedTrail({ hours: 3, region: 'us-east-1', start: '2026-10-21T22:05:00Z' });
    return [
      ...objects,
      ...delivered(restarted).map((object) => object),
      ...delivered(otherRegion),
      logFile(Date.parse('2026-10-19T11:40:00Z'), 'PLANTED'),
    ];
  })();
  it(
    'does not depend on the order in which files arrive, nor on the runs that read them',
    { timeout: 120_000 },
    async () => {
      const expected = await summaryOf((await readObjects(everything, { keyFiles: [keysAsJson] })).dataDir);
      const kinds = new Set((expected as { problems: { kind: string }[] }).problems.map(({ kind }) => kind));
      expect([...kinds].sort()).toEqual([
        'chain-restarted',
        'digest-missing',
        'file-changed',
        'file-missing',
        'file-unnamed',
      ]);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 2 }), { minLength: everything.length, maxLength: everything.length }),
          async (runs) => {
            const dataDir = temporaryFolder('order-lake');
            for (const run of [0, 1, 2]) {
              const objects = everything.filter((_, index) => runs[index] === run);
              if (objects.length > 0) await readObjects(objects, { dataDir, keyFiles: [keysAsJson] });
            }
            expect(await summaryOf(dataDir)).toEqual(expected);
          },
        ),
        { numRuns: 6 },
      );
    },
  );

  it('sends detectors back to the hours in which something changed, and to no others', async () => {
    const hours = signedTrail();
    const [gone] = hours[1]!.logs.splice(0, 1);
    const { dataDir } = await readObjects(delivered(hours));
    const pending = (): Promise<unknown[]> => askLake(dataDir, 'select distinct hour from pending_hours order by all');
    const before = await pending();
    const store = await Store.open({ dataDir, threads: 1, memoryBytes, command: 'detect', now: () => later });
    await store.transact((connection) => connection.run('delete from pending_hours'));
    await checkLogIntegrity(store, { keyFiles: [], listKeys: null });
    await store.finish('done');
    store.close();
    expect(await pending()).toEqual([]);
    await readObjects([{ ...gone!, bytes: tampered(gone!).bytes }], { dataDir });
    const after = (
      await askLake<{ hour: string }>(dataDir, 'select distinct hour::varchar as hour from pending_hours order by all')
    ).map(({ hour }) => hour);
    // The hour of its digest, and the hour of its own record.
    expect(after).toEqual(['2026-10-19 11:00:00', '2026-10-19 12:00:00']);
    expect(before.length).toBeGreaterThan(2);
  });
});
