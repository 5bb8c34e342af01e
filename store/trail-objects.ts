/** What the catalog keeps of CloudTrail's log and digest files, so that one can be checked with the other in any order. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { BOOLEAN, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import type { DigestProblem, NamedFile, TrailDigest } from '../parsers/cloudtrail-digest.js';
import { comparedName, digestFileName, trailFileName } from '../parsers/trail-names.js';
import { appendRows, type AppendColumn } from './append-rows.js';
import { timestampValue, type LedgerEntry } from './catalog.js';

/** What was learned of a log or digest file while it was read. */
export interface TrailObject {
  /** Of the inflated bytes, in lower-case hex; null when they were not all seen. */
  readonly sha256: string | null;
  /** Null for a log file. */
  readonly digest: TrailDigest | DigestProblem | null;
  /** From the metadata of the object, in lower-case hex; null when there is none. */
  readonly signature: string | null;
}

type TrailEntry = LedgerEntry & { readonly trail: TrailObject };
type Columns<Row> = AppendColumn<Row>[];

/** Adds what the entries say about log and digest files. */
export async function addTrailObjects(
  connection: DuckDBConnection,
  runId: string,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const trail = entries.filter((entry): entry is TrailEntry => (entry.trail ?? null) !== null);
  await addLogFiles(
    connection,
    runId,
    trail.filter(({ trail: { digest } }) => digest === null),
  );
  const digests = trail.filter(({ trail: { digest } }) => digest !== null);
  await addDigests(connection, runId, digests);
  await addDigestEntries(connection, runId, digests);
}

async function addLogFiles(connection: DuckDBConnection, runId: string, entries: readonly TrailEntry[]): Promise<void> {
  const rows = entries.flatMap((entry) => {
    const name = trailFileName(entry.uri);
    return name === null ? [] : [{ entry, name }];
  });
  const columns: Columns<(typeof rows)[number]> = [
    { type: VARCHAR, value: ({ entry }) => entry.uri },
    { type: VARCHAR, value: ({ entry }) => entry.etag },
    { type: VARCHAR, value: ({ name }) => name.name },
    { type: VARCHAR, value: ({ name }) => name.accountId },
    { type: VARCHAR, value: ({ name }) => name.region },
    { type: TIMESTAMP, value: ({ name }) => timestampValue(name.deliveredAtUs) },
    { type: VARCHAR, value: ({ entry }) => entry.trail.sha256 },
    { type: VARCHAR, value: () => runId },
  ];
  await appendRows(connection, 'trail_files', columns, rows);
}

interface DigestRow {
  readonly entry: TrailEntry;
  /** Null when the file is malformed: its name may say what it was. */
  readonly digest: TrailDigest | null;
  readonly problem: string | null;
  readonly named: Pick<TrailDigest, 'accountId' | 'region' | 'trail' | 'isBackfill' | 'endTimeUs'> | null;
}

function digestRow(entry: TrailEntry): DigestRow {
  const read = entry.trail.digest!;
  if ('problem' in read) return { entry, digest: null, problem: read.problem, named: digestFileName(entry.uri) };
  return { entry, digest: read, problem: null, named: read };
}

function optional(timeUs: number | undefined): DuckDBValue {
  return timeUs === undefined ? null : timestampValue(timeUs);
}

async function addDigests(connection: DuckDBConnection, runId: string, entries: readonly TrailEntry[]): Promise<void> {
  const text = (value: (row: DigestRow) => string | null | undefined): AppendColumn<DigestRow> => ({
    type: VARCHAR,
    value: (row) => value(row) ?? null,
  });
  const columns: Columns<DigestRow> = [
    text(({ entry }) => entry.uri),
    text(({ entry }) => entry.etag),
    text(({ entry }) => comparedName(entry.uri)),
    text(({ entry }) => entry.trail.sha256),
    text(({ entry }) => entry.trail.signature),
    text(({ problem }) => problem),
    text(({ named }) => named?.accountId),
    text(({ named }) => named?.region),
    text(({ named }) => named?.trail),
    { type: BOOLEAN, value: ({ named }) => named?.isBackfill ?? false },
    { type: TIMESTAMP, value: ({ digest }) => optional(digest?.startTimeUs) },
    { type: TIMESTAMP, value: ({ named }) => optional(named?.endTimeUs) },
    text(({ digest }) => digest?.endTimeText),
    text(({ digest }) => digest?.bucket),
    text(({ digest }) => digest?.key),
    text(({ digest }) => digest?.name),
    text(({ digest }) => digest?.keyFingerprint),
    text(({ digest }) => digest?.previous?.name),
    text(({ digest }) => digest?.previous?.sha256),
    text(({ digest }) => digest?.previous?.signature),
    text(() => runId),
  ];
  await appendRows(connection, 'digest_files', columns, entries.map(digestRow));
}

async function addDigestEntries(
  connection: DuckDBConnection,
  runId: string,
  entries: readonly TrailEntry[],
): Promise<void> {
  const columns: Columns<{ readonly entry: TrailEntry; readonly file: NamedFile }> = [
    { type: VARCHAR, value: ({ entry }) => entry.uri },
    { type: VARCHAR, value: ({ entry }) => entry.etag },
    { type: VARCHAR, value: ({ file }) => file.bucket },
    { type: VARCHAR, value: ({ file }) => file.key },
    { type: VARCHAR, value: ({ file }) => file.name },
    { type: VARCHAR, value: ({ file }) => file.sha256 },
    { type: TIMESTAMP, value: ({ file }) => (file.deliveredAtUs === null ? null : timestampValue(file.deliveredAtUs)) },
    { type: VARCHAR, value: () => runId },
  ];
  for (const entry of entries) {
    const digest = entry.trail.digest!;
    if ('files' in digest)
      await appendRows(
        connection,
        'digest_entries',
        columns,
        digest.files.map((file) => ({ entry, file })),
      );
  }
}
