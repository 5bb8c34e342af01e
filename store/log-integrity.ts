/** The catalog's side of checking CloudTrail's digests: what is to be verified, what came of it, and the comparison. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { VARCHAR } from '@duckdb/node-api';
import { appendTempRows, type AppendColumn } from './append-rows.js';
import { queryRows } from './duckdb.js';
import { runSqlFileOfRun } from './sql-files.js';

/** A public key as CloudTrail gives it. */
export interface TrailKey {
  readonly fingerprint: string;
  /** DER, PKCS#1, in base64. */
  readonly der: string;
}

/** A digest whose signature is not verified yet, with every signature that anything says it has. */
export interface UnverifiedDigest {
  readonly uri: string;
  readonly etag: string;
  readonly region: string;
  /** Milliseconds since 1970, UTC. */
  readonly endTimeMs: number;
  readonly endTimeText: string;
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
  readonly previousSignature: string | null;
  readonly keyFingerprint: string;
  /** From its own metadata, and from the digests after it; hex. */
  readonly signatures: readonly string[];
}

export type SignatureState = 'verified' | 'wrong' | 'unlisted';

/** What one check found; all counts are of the whole catalog. */
export interface IntegrityCounts {
  readonly digests: number;
  readonly signaturesVerified: number;
  readonly files: number;
  readonly filesVerified: number;
  readonly problems: number;
}

const unverifiedSql = `
with
claims as (
  select "name", signature from digest_files where signature is not null
  union
  select previous_name, previous_signature from digest_files where previous_signature is not null
)
select
  digest.uri, digest.etag, digest.region, epoch_ms(digest.end_time) as end_time_ms, digest.end_time_text, digest.bucket,
  digest."key", digest.sha256, digest.previous_signature, digest.key_fingerprint,
  to_json(list(claims.signature order by claims.signature) filter (where claims.signature is not null)) as signatures
from digest_files as digest
left join claims on claims."name" = digest."name"
where digest.problem is null
  and digest.sha256 is not null
  and not exists (
    select 1
    from digest_signatures as done
    where done.uri = digest.uri and done.etag = digest.etag and done.state = 'verified'
  )
group by all
order by digest.uri, digest.etag
`;

interface UnverifiedRow {
  readonly uri: string;
  readonly etag: string;
  readonly region: string;
  readonly end_time_ms: bigint;
  readonly end_time_text: string;
  readonly bucket: string;
  readonly key: string;
  readonly sha256: string;
  readonly previous_signature: string | null;
  readonly key_fingerprint: string;
  readonly signatures: string | null;
}

/** False while no digest was ever read: then there is nothing to compare. */
export async function hasDigests(connection: DuckDBConnection): Promise<boolean> {
  const [row] = await queryRows<{ any: boolean }>(connection, 'select exists(from digest_files) as "any"');
  return row!.any;
}

/** Digests without a verified signature. */
export async function unverifiedDigests(connection: DuckDBConnection): Promise<UnverifiedDigest[]> {
  const rows = await queryRows<UnverifiedRow>(connection, unverifiedSql);
  return rows.map((row) => ({
    uri: row.uri,
    etag: row.etag,
    region: row.region,
    endTimeMs: Number(row.end_time_ms),
    endTimeText: row.end_time_text,
    bucket: row.bucket,
    key: row.key,
    sha256: row.sha256,
    previousSignature: row.previous_signature,
    keyFingerprint: row.key_fingerprint,
    signatures: row.signatures === null ? [] : (JSON.parse(row.signatures) as string[]),
  }));
}

/** Keys that earlier runs were given by CloudTrail. */
export async function knownKeys(connection: DuckDBConnection): Promise<TrailKey[]> {
  return queryRows<{ fingerprint: string; der: string }>(
    connection,
    'select fingerprint, der from trail_keys order by fingerprint',
  );
}

/** Keeps keys, each once. */
export async function keepKeys(connection: DuckDBConnection, keys: readonly TrailKey[]): Promise<void> {
  for (const { fingerprint, der } of keys) {
    await connection.run(
      `insert into trail_keys
       select $1, $2
       where not exists (select 1 from trail_keys where fingerprint = $1 and der = $2)`,
      [fingerprint, der],
    );
  }
}

export interface SignatureJudgement {
  readonly uri: string;
  readonly etag: string;
  readonly state: SignatureState;
}

/** Replaces the judgements of these digests. */
export async function saveSignatures(
  connection: DuckDBConnection,
  judgements: readonly SignatureJudgement[],
): Promise<void> {
  await connection.run('create or replace temp table judged (uri varchar, etag varchar, state varchar)');
  const columns: AppendColumn<SignatureJudgement>[] = [
    { type: VARCHAR, value: ({ uri }) => uri },
    { type: VARCHAR, value: ({ etag }) => etag },
    { type: VARCHAR, value: ({ state }) => state },
  ];
  await appendTempRows(connection, 'judged', columns, judgements);
  await connection.run('delete from digest_signatures where (uri, etag) in (select (uri, etag) from judged)');
  await connection.run('insert into digest_signatures select uri, etag, state from judged');
}

/** Compares everything that changed since the last check. */
export async function compareWithDigests(connection: DuckDBConnection, runId: string): Promise<IntegrityCounts> {
  await runSqlFileOfRun(connection, 'store/log-integrity.sql', runId);
  const [row] = await queryRows<Record<keyof IntegrityCounts, bigint>>(
    connection,
    `select
       count(*) as digests,
       count(*) filter (where signature = 'verified') as "signaturesVerified",
       coalesce(sum(files), 0)::bigint as files,
       coalesce(sum(files_verified), 0)::bigint as "filesVerified",
       (select count(*) from integrity_problems) as problems
     from trail_digests`,
  );
  return {
    digests: Number(row!.digests),
    signaturesVerified: Number(row!.signaturesVerified),
    files: Number(row!.files),
    filesVerified: Number(row!.filesVerified),
    problems: Number(row!.problems),
  };
}
