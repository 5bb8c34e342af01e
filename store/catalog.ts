/** The catalog database, attached while its store is open: by one run, which holds the lock. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { BIGINT, DATE, DuckDBDateValue, DuckDBTimestampValue, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api';
import { appendRows, type AppendColumn } from './append-rows.js';
import { attachFile, queryRows } from './duckdb.js';
import type { DataDirectory, LakeFile, LakeTable } from './lake-files.js';
import { runSqlFile } from './sql-files.js';
import type { TrailObject } from './trail-objects.js';

/** The layout of data directories that this version reads and writes. */
export const catalogVersion = 2;

/** One object as the ledger keeps it. */
export interface LedgerEntry {
  readonly uri: string;
  readonly etag: string;
  readonly size: number;
  readonly format: string;
  readonly lines: number;
  readonly rows: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Counts by kind; empty when nothing was skipped. */
  readonly skipped: Readonly<Record<string, number>>;
  /** What CloudTrail's digests need to know of it; null or absent for all other objects. */
  readonly trail?: TrailObject | null;
}

/** An object that could not be read this time. */
export interface ObjectFailure {
  readonly uri: string;
  readonly etag: string;
  readonly error: string;
}

/** Attaches the catalog, and makes the file when there is none. What a killed run had committed is in its log and is replayed. */
export async function attachCatalog(connection: DuckDBConnection, directory: DataDirectory): Promise<void> {
  await attachFile(connection, directory.catalog, 'catalog');
}

/** Puts everything that was committed into the file of the catalog. */
export async function checkpointCatalog(connection: DuckDBConnection): Promise<void> {
  await connection.run('checkpoint catalog');
}

/**
 * Runs `work` with the tables of the catalog unqualified, in one transaction that commits when `work`
 * returns and rolls back when it throws. Temporary tables and views of the connection stay in reach.
 */
export async function withCatalog<Result>(
  connection: DuckDBConnection,
  work: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  await connection.run('use catalog');
  try {
    await connection.run('begin');
    const result = await work(connection);
    await connection.run('commit');
    return result;
  } catch (error) {
    await connection.run('rollback').catch(() => undefined);
    throw error;
  } finally {
    await connection.run('use memory');
  }
}

/** Creates missing tables; answers the version of the directory, which may not be ours. */
export async function createCatalog(connection: DuckDBConnection): Promise<number> {
  await runSqlFile(connection, 'store/schema.sql');
  const [row] = await queryRows<{ version: number }>(connection, 'select version from catalog_version');
  if (row === undefined) await connection.run('insert into catalog_version values ($1)', [catalogVersion]);
  return row?.version ?? catalogVersion;
}

export function timestampValue(timeUs: number): DuckDBTimestampValue {
  return new DuckDBTimestampValue(BigInt(timeUs));
}

function optionalTimestamp(timeUs: number | null): DuckDBTimestampValue | null {
  return timeUs === null ? null : timestampValue(timeUs);
}

/** Adds objects to the ledger, and forgets that they failed before. */
export async function addObjects(
  connection: DuckDBConnection,
  runId: string,
  readAtUs: number,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const columns: AppendColumn<LedgerEntry>[] = [
    { type: VARCHAR, value: (entry) => entry.uri },
    { type: VARCHAR, value: (entry) => entry.etag },
    { type: BIGINT, value: (entry) => BigInt(entry.size) },
    { type: VARCHAR, value: (entry) => entry.format },
    { type: VARCHAR, value: () => runId },
    { type: TIMESTAMP, value: () => timestampValue(readAtUs) },
    { type: BIGINT, value: (entry) => BigInt(entry.lines) },
    { type: BIGINT, value: (entry) => BigInt(entry.rows) },
    { type: BIGINT, value: (entry) => BigInt(entry.duplicates) },
    { type: BIGINT, value: (entry) => BigInt(entry.rejected) },
    {
      type: VARCHAR,
      value: (entry) => (Object.keys(entry.skipped).length === 0 ? null : JSON.stringify(entry.skipped)),
    },
  ];
  await appendRows(connection, 'objects', columns, entries);
  const [failed] = await queryRows<{ n: bigint }>(connection, 'select count(*) as n from object_failures');
  if (failed!.n > 0n)
    await connection.run('delete from object_failures where uri in (select uri from objects where run_id = $1)', [
      runId,
    ]);
}

/** Counts one more failed attempt of each object. */
export async function addFailures(
  connection: DuckDBConnection,
  nowUs: number,
  failures: readonly ObjectFailure[],
): Promise<void> {
  if (failures.length === 0) return;
  await connection.run('create or replace temp table failed (uri varchar, etag varchar, error varchar)');
  const columns: AppendColumn<ObjectFailure>[] = [
    { type: VARCHAR, value: ({ uri }) => uri },
    { type: VARCHAR, value: ({ etag }) => etag },
    { type: VARCHAR, value: ({ error }) => error },
  ];
  await appendRows(connection, 'failed', columns, failures);
  const now = timestampValue(nowUs);
  await connection.run(
    `update object_failures set etag = failed.etag, error = failed.error, attempts = attempts + 1, last_at = $1
     from failed where failed.uri = object_failures.uri`,
    [now],
  );
  await connection.run(
    `insert into object_failures
     select uri, etag, error, 1, $1, $1 from failed anti join object_failures using (uri)`,
    [now],
  );
}

/** Adds files to the manifest: from the commit of this transaction on they exist. */
export async function addLakeFiles(
  connection: DuckDBConnection,
  runId: string,
  files: readonly LakeFile[],
): Promise<void> {
  const columns: AppendColumn<LakeFile>[] = [
    { type: VARCHAR, value: (file) => file.table },
    { type: VARCHAR, value: (file) => file.path },
    { type: DATE, value: (file) => new DuckDBDateValue(Date.parse(`${file.day}T00:00:00Z`) / 86_400_000) },
    { type: BIGINT, value: (file) => BigInt(file.rows) },
    { type: BIGINT, value: (file) => BigInt(file.bytes) },
    { type: TIMESTAMP, value: (file) => optionalTimestamp(file.minTimeUs) },
    { type: TIMESTAMP, value: (file) => optionalTimestamp(file.maxTimeUs) },
    { type: VARCHAR, value: () => runId },
  ];
  await appendRows(connection, 'lake_files', columns, files);
}

/**
 * Live files of a table, relative to the data directory, that overlap a range of event times. See `allLiveFiles` for the order.
 */
export async function liveFiles(
  connection: DuckDBConnection,
  table: LakeTable,
  { minTimeUs, maxTimeUs }: { readonly minTimeUs: number; readonly maxTimeUs: number },
): Promise<string[]> {
  const rows = await queryRows<{ path: string }>(
    connection,
    `select path
     from lake_files
     where table_name = $1 and max_event_time >= $2 and min_event_time <= $3
     order by abs("rows" - avg("rows") over ()), path`,
    [table, timestampValue(minTimeUs), timestampValue(maxTimeUs)],
  );
  return rows.map(({ path }) => path);
}

/**
 * The live files of all tables, relative to the data directory. One of average size comes first: DuckDB takes all to be
 * like the first, and plans by that.
 */
export async function allLiveFiles(connection: DuckDBConnection): Promise<ReadonlyMap<LakeTable, readonly string[]>> {
  const rows = await queryRows<{ table_name: LakeTable; path: string }>(
    connection,
    `select table_name, path
     from lake_files
     order by abs("rows" - avg("rows") over (partition by table_name)), path`,
  );
  const files = new Map<LakeTable, string[]>();
  for (const { table_name: table, path } of rows) {
    const own = files.get(table);
    if (own === undefined) files.set(table, [path]);
    else own.push(path);
  }
  return files;
}

/** Positions of the listed objects that the ledger has under the same etag. */
export async function knownPositions(
  connection: DuckDBConnection,
  listed: readonly { uri: string; etag: string }[],
): Promise<Set<number>> {
  await connection.run('create or replace temp table listed (position integer, uri varchar, etag varchar)');
  const columns: AppendColumn<[number, { uri: string; etag: string }]>[] = [
    { type: INTEGER, value: ([position]) => position },
    { type: VARCHAR, value: ([, object]) => object.uri },
    { type: VARCHAR, value: ([, object]) => object.etag },
  ];
  await appendRows(connection, 'listed', columns, [...listed.entries()]);
  const rows = await queryRows<{ position: number }>(
    connection,
    'select listed.position from listed semi join objects on objects.uri = listed.uri and objects.etag = listed.etag',
  );
  return new Set(rows.map(({ position }) => position));
}
