/** Digests that lie in S3: their signature is in the metadata, and CloudTrail is asked for the keys. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkLogIntegrity, type IntegrityResult } from '../../ingest/log-integrity.js';
import { ObjectReader } from '../../ingest/object-reader.js';
import { OutcomeCollector } from '../../ingest/outcome-collector.js';
import type { ObjectBody } from '../../ingest/source.js';
import { listTrailKeys, type ListTrailKeys } from '../../ingest/trail-keys.js';
import { RequestFilter } from '../../store/request-filter.js';
import { Stage } from '../../store/stage.js';
import { Store } from '../../store/store.js';
import { askLake, temporaryFolder } from '../lake.js';
import { bucket, fingerprint, signedTrail, trailKey, type Hour } from '../signed-trail.js';

const memoryBytes = 256e6;
const now = (): number => Date.parse('2026-11-20T00:00:00Z');

interface Stored {
  readonly bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Objects as a bucket has them: signatures in the metadata of the digests. */
function inBucket(hours: readonly Hour[]): Map<string, Stored> {
  return new Map(
    hours.flatMap(({ logs, digest, signature }) => [
      ...logs.map(({ key, bytes }) => [`s3://${bucket}/${key}`, { bytes, metadata: {} }] as const),
      [
        `s3://${bucket}/${digest.key}`,
        { bytes: digest.bytes, metadata: { signature, 'signature-algorithm': 'SHA256withRSA' } },
      ] as const,
    ]),
  );
}

/** Reads them on this thread, the way the workers do. */
async function readBucket(
  objects: ReadonlyMap<string, Stored>,
  listKeys: ListTrailKeys | null,
  dataDir = temporaryFolder('keys-lake'),
): Promise<IntegrityResult & { readonly dataDir: string }> {
  const store = await Store.open({ dataDir, threads: 1, memoryBytes, command: 'ingest', now });
  const { directory } = store;
  try {
    const filter = new RequestFilter(1 << 16);
    const stage = new Stage({ directory, filter, prefix: store.runId, runDay: '2026-11-20' });
    const reader = new ObjectReader({
      stage,
      open: ({ uri }) => bodyOf(objects.get(uri)!),
      stageBytes: 64e6,
      maxRecordBytes: 1 << 20,
      maxInflatedBytes: 64e6,
      scratch: directory.scratch,
      convertParquet: () => Promise.reject(new Error('no Parquet here')),
    });
    const outcomes = new OutcomeCollector();
    const listed = [...objects].map(
      ([uri, { bytes }]) => ({ kind: 'local', uri, etag: 'e', size: bytes.length }) as const,
    );
    for (const object of await store.skipKnown(listed)) outcomes.add(await reader.read(object));
    reader.finish();
    await store.commit(outcomes.wave(stage.takeWritten()));
    const result = await checkLogIntegrity(store, { keyFiles: [], listKeys });
    await store.finish('done');
    return { ...result, dataDir };
  } finally {
    store.close();
  }
}

function bodyOf({ bytes, metadata }: Stored): ObjectBody {
  let position = 0;
  return {
    metadata,
    read(into) {
      const copied = bytes.copy(into, 0, position);
      position += copied;
      return copied;
    },
    close: () => undefined,
  };
}

interface Asked {
  readonly target: string | undefined;
  readonly StartTime: number;
  readonly EndTime: number;
  readonly NextToken?: string;
}

/** CloudTrail's ListPublicKeys, JSON 1.1: one page of nothing, then the keys; or a refusal. */
async function startCloudtrail(keys: readonly KeyObject[] | 'refuse'): Promise<{ asked: Asked[]; stop: () => void }> {
  const asked: Asked[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const question = { ...(JSON.parse(body) as Asked), target: request.headers['x-amz-target'] as string };
      asked.push(question);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (keys === 'refuse') {
        response.statusCode = 400;
        response.end(
          JSON.stringify({
            __type: 'AccessDeniedException',
            message: 'not authorized to perform: cloudtrail:ListPublicKeys',
          }),
        );
      } else if (question.NextToken === undefined)
        response.end(JSON.stringify({ PublicKeyList: [], NextToken: 'more' }));
      else {
        const list = keys.map((key) => ({
          Fingerprint: fingerprint,
          Value: key.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
          ValidityStartTime: 1767225600,
          ValidityEndTime: 1798761600,
        }));
        response.end(JSON.stringify({ PublicKeyList: list }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    asked,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const listKeys = listTrailKeys({ roleArn: null, externalId: null });

describe('digests in S3', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'example');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('are all verified with the keys that CloudTrail lists, which are kept for the next run', async () => {
    const cloudtrail = await startCloudtrail([trailKey.publicKey]);
    const hours = signedTrail();
    const first = await readBucket(inBucket(hours.slice(0, 2)), listKeys);
    expect(first).toMatchObject({ digests: 2, signaturesVerified: 2, files: 4, filesVerified: 4, problems: 0 });
    expect(cloudtrail.asked.map(({ target, NextToken }) => [target, NextToken])).toEqual([
      ['CloudTrail_20131101.ListPublicKeys', undefined],
      ['CloudTrail_20131101.ListPublicKeys', 'more'],
    ]);
    // The keys of the time of the digests, a day more at both ends.
    expect(cloudtrail.asked[0]).toMatchObject({
      StartTime: Date.parse('2026-10-18T11:05:00Z') / 1000,
      EndTime: Date.parse('2026-10-20T12:05:00Z') / 1000,
    });
    cloudtrail.stop();
    expect(await readBucket(inBucket(hours), listKeys, first.dataDir)).toMatchObject({
      signaturesVerified: 4,
      unlistedRegions: [],
    });
    expect(cloudtrail.asked).toHaveLength(2);
  });

  it('are wrong when their content is not what was signed, even the newest', async () => {
    const cloudtrail = await startCloudtrail([trailKey.publicKey]);
    const forger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { dataDir } = await readBucket(inBucket(signedTrail({ hours: 1, keys: forger })), listKeys);
    expect(await askLake(dataDir, 'select kind, detail from integrity_problems')).toEqual([
      { kind: 'signature-wrong', detail: 'its signature is not that of its content' },
    ]);
    expect(await askLake(dataDir, 'select files_verified::int as n from trail_digests')).toEqual([{ n: 0 }]);
    cloudtrail.stop();
  });

  it('are wrong when they name a key that CloudTrail does not have', async () => {
    const cloudtrail = await startCloudtrail([]);
    const { dataDir } = await readBucket(inBucket(signedTrail({ hours: 1 })), listKeys);
    expect(await askLake(dataDir, 'select kind, detail from integrity_problems')).toEqual([
      { kind: 'signature-wrong', detail: 'it names a public key that CloudTrail does not list' },
    ]);
    cloudtrail.stop();
  });

  it('stay unchecked when the permission is missing, and nothing else suffers', async () => {
    const cloudtrail = await startCloudtrail('refuse');
    const result = await readBucket(inBucket(signedTrail({ hours: 2 })), listKeys);
    expect(result).toMatchObject({ signaturesVerified: 0, filesVerified: 4, problems: 0 });
    expect(result.unlistedRegions).toEqual([
      { region: 'eu-central-1', error: expect.stringContaining('cloudtrail:ListPublicKeys') },
    ]);
    cloudtrail.stop();
  });
});
