/** Checks the CloudTrail files that were read against CloudTrail's digests: signatures first, then everything else in SQL. */
import { awsFailure } from '../aws/failure.js';
import {
  compareWithDigests,
  hasDigests,
  keepKeys,
  knownKeys,
  saveSignatures,
  unverifiedDigests,
  type IntegrityCounts,
  type SignatureJudgement,
  type UnverifiedDigest,
} from '../store/log-integrity.js';
import type { Store } from '../store/store.js';
import { judgeSignature, publicKeyOf, type PublicKey } from './digest-signature.js';
import { readKeyFile } from './trail-key-file.js';
import type { KeyPeriod, ListTrailKeys } from './trail-keys.js';

export interface IntegrityOptions {
  /** Files with public keys; each must hold one. */
  readonly keyFiles: readonly string[];
  /** Null asks nobody: keys of files and those that earlier runs were given are all there is. */
  readonly listKeys: ListTrailKeys | null;
}

export interface IntegrityResult extends IntegrityCounts {
  /** Regions whose keys could not be listed, with the reason. */
  readonly unlistedRegions: readonly { readonly region: string; readonly error: string }[];
}

const nothingChecked: IntegrityCounts = { digests: 0, signaturesVerified: 0, files: 0, filesVerified: 0, problems: 0 };

/**
 * Brings `trail_digests` and `integrity_problems` up to what has been read, and sends detectors back to the hours in which
 * something changed. Throws `file-unusable` for a key file; data is never a reason to throw.
 */
export async function checkLogIntegrity(
  store: Store,
  { keyFiles, listKeys }: IntegrityOptions,
): Promise<IntegrityResult> {
  const given = keyFiles.flatMap(readKeyFile);
  const known = await store.transact(async (connection) =>
    (await hasDigests(connection))
      ? { digests: await unverifiedDigests(connection), kept: await knownKeys(connection) }
      : null,
  );
  if (known === null) return { ...nothingChecked, unlistedRegions: [] };
  const { digests, kept } = known;
  const keys = [...given, ...kept.flatMap((key) => publicKeyOf(key) ?? [])];
  const asked =
    listKeys === null ? nothingAsked : await askForKeys(digests, keys, { listKeys, nowMs: store.startedAtMs });
  const allKeys = [...keys, ...asked.keys.flatMap((key) => publicKeyOf(key) ?? [])];
  const judgements = digests.flatMap((digest): SignatureJudgement[] => {
    const state = judgeSignature(digest, allKeys) ?? (asked.unlisted.has(digest) ? 'unlisted' : null);
    return state === null ? [] : [{ uri: digest.uri, etag: digest.etag, state }];
  });
  return store.transact(async (connection) => {
    await keepKeys(connection, asked.keys);
    await saveSignatures(connection, judgements);
    return { ...(await compareWithDigests(connection, store.runId)), unlistedRegions: asked.failures };
  });
}

type Asked = {
  readonly keys: Awaited<ReturnType<ListTrailKeys>>;
  /** Digests of a Region that was listed, whose key was not in the list. */
  readonly unlisted: ReadonlySet<UnverifiedDigest>;
  readonly failures: IntegrityResult['unlistedRegions'];
};

const nothingAsked: Asked = { keys: [], unlisted: new Set(), failures: [] };
/** A hostile digest can name any Region, and the client makes a host name of it. */
const maxRegions = 60;
/** CloudTrail writes digests since 2015. */
const firstDigestMs = Date.UTC(2015, 0, 1);
const regionName = /^[a-z]{2}(-[a-z]{2,10}){1,3}-\d{1,2}$/;

/** Only digests that lie in S3 are asked for: those of a folder may be anybody's. */
async function askForKeys(
  digests: readonly UnverifiedDigest[],
  keys: readonly PublicKey[],
  { listKeys, nowMs }: { readonly listKeys: ListTrailKeys; readonly nowMs: number },
): Promise<Asked> {
  const known = new Set(keys.map(({ fingerprint }) => fingerprint));
  const isAskedFor = ({ uri, region, keyFingerprint, endTimeMs }: UnverifiedDigest): boolean =>
    uri.startsWith('s3://') &&
    !known.has(keyFingerprint) &&
    regionName.test(region) &&
    endTimeMs > firstDigestMs &&
    endTimeMs < nowMs + 86_400_000;
  const wanted = digests.filter(isAskedFor);
  const found: Awaited<ReturnType<ListTrailKeys>> = [];
  const unlisted = new Set<UnverifiedDigest>();
  const failures: { region: string; error: string }[] = [];
  for (const period of periodsOf(wanted)) {
    try {
      const listed = await listKeys(period);
      found.push(...listed);
      const fingerprints = new Set(listed.map(({ fingerprint }) => fingerprint));
      for (const digest of wanted)
        if (digest.region === period.region && !fingerprints.has(digest.keyFingerprint)) unlisted.add(digest);
    } catch (error) {
      const { name, message } = awsFailure(error);
      failures.push({ region: period.region, error: `${name}: ${message}` });
    }
  }
  return { keys: found, unlisted, failures };
}

function periodsOf(digests: readonly UnverifiedDigest[]): KeyPeriod[] {
  const periods = new Map<string, KeyPeriod>();
  for (const { region, endTimeMs } of digests) {
    const { fromMs, toMs } = periods.get(region) ?? { fromMs: endTimeMs, toMs: endTimeMs };
    periods.set(region, { region, fromMs: Math.min(fromMs, endTimeMs), toMs: Math.max(toMs, endTimeMs) });
  }
  return [...periods.values()].sort((a, b) => (a.region < b.region ? -1 : 1)).slice(0, maxRegions);
}
