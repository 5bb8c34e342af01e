/**
 * Finds rows that repeat another row, among new files and against the lake, and takes them out before anything is
 * committed. Cheap first: only rows whose request id occurs twice are compared whole (docs/adr/0003-duplicates.md).
 */
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableName } from '../parsers/tables.js';
import { queryRows, setList } from './duckdb.js';
import type { DataDirectory, LakeFile } from './lake-files.js';
import { copyByDay, rewriteFile } from './lake-rewrite.js';
import type { StagedFiles } from './stage.js';

/** The tables whose rows can repeat. */
type EventTable = Exclude<TableName, 'rejects'>;

/**
 * What makes two rows of the same time and id the same record. Access logs: AWS gives no record id; a COPY pair and
 * the keys of a batch delete share their request id. CloudTrail: eventID and recipientAccountId; records without an
 * id (before version 1.01) by content.
 */
const identities: Readonly<
  Record<EventTable, { readonly id: string; readonly identity: string; readonly order: string }>
> = {
  access_log: {
    id: 'request_id',
    identity:
      'struct_pack(a := bucket, b := operation, c := coalesce(key_logged, key), d := http_status, e := version_id)',
    order: 'log_uri, log_line',
  },
  cloudtrail: {
    id: 'event_id',
    identity: `struct_pack(a := recipient_account_id, b := case when event_id is null
      then struct_pack(a := request_id, b := event_name, c := user_identity, d := request_parameters) end)`,
    order: 'log_uri, log_index',
  },
};

export interface DuplicateSearch {
  readonly connection: DuckDBConnection;
  readonly directory: DataDirectory;
  /** Begins the names of the files that are written. */
  readonly prefix: string;
  /** Absolute paths of lake files of a table that overlap a range of event times. */
  readonly overlapping: (table: TableName, minTimeUs: number, maxTimeUs: number) => Promise<string[]>;
}

/** The new files without repeated rows, and how many rows of each object were repeats. */
export interface Deduplicated {
  readonly files: LakeFile[];
  readonly duplicates: ReadonlyMap<string, number>;
}

/** The temporary tables hold whole rows, and the threads that read the next wave need the memory. */
const dropTables = `drop table if exists suspects;
  drop table if exists met;
  drop table if exists known_rows;
  drop table if exists dropped_rows;
  drop table if exists survivors`;

/** Resolves the suspects and compares everything new with the lake. Consumes `staged`: its files may be replaced. */
export async function removeDuplicates(search: DuplicateSearch, staged: StagedFiles): Promise<Deduplicated> {
  const duplicates = new Map<string, number>();
  const files = staged.files.filter((file) => file.table === 'rejects');
  for (const table of ['access_log', 'cloudtrail'] as const) {
    const candidates = staged.files.filter((file) => file.table === table);
    const fresh = await dropKnownRows(search, table, candidates, duplicates);
    const suspects = staged.suspects.filter((file) => file.table === table).map((file) => file.path);
    files.push(...fresh, ...(await fileSuspects(search, table, { fresh, suspects, duplicates })));
  }
  await search.connection.run(dropTables);
  return { files, duplicates };
}

/** Takes rows out of new files that the lake already has, as when an object is delivered twice. */
async function dropKnownRows(
  search: DuplicateSearch,
  table: EventTable,
  files: LakeFile[],
  duplicates: Map<string, number>,
): Promise<LakeFile[]> {
  if (files.length === 0) return files;
  const known = await search.overlapping(table, ...timeRange(files));
  if (known.length === 0) return files;
  const { connection } = search;
  const { id, identity } = identities[table];
  await setList(connection, 'new_files', absolute(search, files));
  await setList(connection, 'known_files', known);
  await connection.run(`create or replace temp table met as
    select distinct new.event_time, new.${id} as id
    from read_parquet(getvariable('new_files')) as new
    semi join read_parquet(getvariable('known_files')) as known
      on known.event_time = new.event_time and known.${id} is not distinct from new.${id}`);
  if ((await countRows(connection, 'met')) === 0) return files;
  await collectKnownRows(connection, table);
  await connection.run(`create or replace temp table dropped_rows as
    select filename, file_row_number, log_uri
    from (
      select filename, file_row_number, log_uri, event_time, ${id} as id, ${identity} as identity
      from read_parquet(getvariable('new_files'), filename = true, file_row_number = true)
    ) as new
    semi join known_rows as known on ${sameRecord('known', 'new')}`);
  await addCounts(connection, 'select log_uri, count(*) as n from dropped_rows group by log_uri', duplicates);
  return dropRows(search, files);
}

async function dropRows(search: DuplicateSearch, files: readonly LakeFile[]): Promise<LakeFile[]> {
  const { connection, directory, prefix } = search;
  const rows = await queryRows<{ filename: string }>(connection, 'select distinct filename from dropped_rows');
  const touched = new Set(rows.map(({ filename }) => filename));
  const kept: LakeFile[] = [];
  for (const [index, file] of files.entries()) {
    if (!touched.has(path.resolve(directory.root, file.path))) kept.push(file);
    else {
      const query = `select file.* exclude (filename, file_row_number)
        from read_parquet($1, filename = true, file_row_number = true, hive_partitioning = false) as file
        anti join dropped_rows as dropped
          on dropped.filename = file.filename and dropped.file_row_number = file.file_row_number`;
      kept.push(...(await rewriteFile(connection, directory, { file, query, name: `${prefix}-new${index}` })));
    }
  }
  return kept;
}

interface Suspicion {
  readonly fresh: readonly LakeFile[];
  readonly suspects: readonly string[];
  readonly duplicates: Map<string, number>;
}

/** Files the suspects that repeat nothing under their days. */
async function fileSuspects(
  search: DuplicateSearch,
  table: EventTable,
  { fresh, suspects, duplicates }: Suspicion,
): Promise<LakeFile[]> {
  if (suspects.length === 0) return [];
  const { connection, directory, prefix } = search;
  const { id, identity, order } = identities[table];
  await setList(connection, 'suspect_files', suspects);
  await connection.run(`create or replace temp table suspects as
    select *, ${id} as id, ${identity} as identity,
      row_number() over (partition by event_time, ${id}, ${identity} order by ${order}) as copy_number
    from read_parquet(getvariable('suspect_files'))`);
  await connection.run('create or replace temp table met as select distinct event_time, id from suspects');
  const [range] = await queryRows<{ low: bigint; high: bigint }>(
    connection,
    'select epoch_us(min(event_time)) as low, epoch_us(max(event_time)) as high from met',
  );
  const known = await search.overlapping(table, Number(range!.low), Number(range!.high));
  await setList(connection, 'known_files', [...absolute(search, fresh), ...known]);
  await collectKnownRows(connection, table);
  await connection.run(`create or replace temp table survivors as
    select new.* exclude (id, identity, copy_number)
    from suspects as new
    anti join known_rows as known on ${sameRecord('known', 'new')}
    where copy_number = 1`);
  await addCounts(connection, 'select log_uri, count(*) as n from suspects group by log_uri', duplicates);
  await addCounts(connection, 'select log_uri, -count(*) as n from survivors group by log_uri', duplicates);
  return copyByDay(connection, directory, { table, rows: 'survivors', name: `${prefix}-apart` });
}

/** Rows of the known files whose time and id were met among the new ones, with what their identity needs. */
async function collectKnownRows(connection: DuckDBConnection, table: EventTable): Promise<void> {
  const { id, identity } = identities[table];
  const [known] = await queryRows<{ n: bigint }>(connection, `select len(getvariable('known_files')) as n`);
  const source = Number(known!.n) === 0 ? 'suspects' : `read_parquet(getvariable('known_files'))`;
  await connection.run(`create or replace temp table known_rows as
    select file.event_time, file.${id} as id, ${identity} as identity
    from ${source} as file
    semi join met on met.event_time = file.event_time and met.id is not distinct from file.${id}
    ${Number(known!.n) === 0 ? 'where false' : ''}`);
}

function sameRecord(a: string, b: string): string {
  return `${a}.event_time = ${b}.event_time and ${a}.id is not distinct from ${b}.id and ${a}.identity is not distinct from ${b}.identity`;
}

function timeRange(files: readonly LakeFile[]): [number, number] {
  return [Math.min(...files.map((file) => file.minTimeUs!)), Math.max(...files.map((file) => file.maxTimeUs!))];
}

function absolute({ directory }: DuplicateSearch, files: readonly LakeFile[]): string[] {
  return files.map((file) => path.resolve(directory.root, file.path));
}

async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const [row] = await queryRows<{ n: bigint }>(connection, `select count(*) as n from ${table}`);
  return Number(row!.n);
}

async function addCounts(connection: DuckDBConnection, sql: string, counts: Map<string, number>): Promise<void> {
  for (const { log_uri, n } of await queryRows<{ log_uri: string; n: bigint }>(connection, sql)) {
    const total = (counts.get(log_uri) ?? 0) + Number(n);
    if (total === 0) counts.delete(log_uri);
    else counts.set(log_uri, total);
  }
}
