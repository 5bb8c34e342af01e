/** Merges small files of the lake: reading it then costs what its rows cost, and not what its files cost. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import type { TableName } from '../parsers/tables.js';
import { addLakeFiles, withCatalog } from './catalog.js';
import { queryRows, setList } from './duckdb.js';
import { leaveToReaders } from './lake-housekeeping.js';
import { lakePath, type DataDirectory, type LakeFile } from './lake-files.js';
import { copyToFile } from './lake-rewrite.js';

/**
 * How the rows of a merged file are ordered: neighbours that are alike are read, counted and compressed faster. Rejects hold anything of any length,
 * and are not sorted.
 */
const orders: Readonly<Record<TableName, string>> = {
  access_log: 'order by bucket, principal, operation, event_time',
  cloudtrail: 'order by bucket, principal, event_name, event_time',
  rejects: '',
};

/**
 * Rows of a merged file: one row group of Parquet. More would make a question about an hour read more of the day; rows of CloudTrail and
 * raw lines are wide, and a file is sorted in memory.
 */
const mergedRows: Readonly<Record<TableName, number>> = { access_log: 98_304, cloudtrail: 32_768, rejects: 32_768 };

/** Where rows are longer than usual, a row group ends earlier: DuckDB holds it in memory. */
const rowGroupBytes = 128e6;

export interface CompactionContext {
  readonly connection: DuckDBConnection;
  readonly directory: DataDirectory;
  readonly runId: string;
  /** Stops between two files when it aborts; what is merged stays merged. */
  readonly signal?: AbortSignal | undefined;
}

/** What was merged, over all days. */
export interface Compacted {
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Merges small files of each day. Each merge is a transaction of its own. The files that were merged stay until no reader can
 * have an older snapshot in use. Throws `store-damaged` when rows were lost on the way.
 */
export async function mergeFiles(
  { connection, directory, runId, signal }: CompactionContext,
  small: readonly LogFile[],
): Promise<Compacted> {
  const replaced: LogFile[] = [];
  const added: LogFile[] = [];
  for (const [index, files] of portionsOf(small).entries()) {
    if (signal?.aborted === true) break;
    const merged = await merge(connection, directory, { files, name: `${runId}-m${index}` });
    await withCatalog(connection, () => replace(connection, { files, merged, runId }));
    leaveToReaders(files.map((file) => path.resolve(directory.root, file.path)));
    replaced.push(...files);
    added.push(merged);
  }
  return {
    filesBefore: replaced.length,
    filesAfter: added.length,
    bytesBefore: total(replaced, 'bytes'),
    bytesAfter: total(added, 'bytes'),
  };
}

function total(files: readonly LogFile[], of: 'rows' | 'bytes'): number {
  return files.reduce((sum, file) => sum + file[of], 0);
}

export type LogFile = LakeFile & { readonly table: TableName };

/** Files with less than half of the rows of a merged one, of days that have at least `mergeAfter` of them, by table, day and time. */
export async function smallFiles(connection: DuckDBConnection, mergeAfter: number): Promise<LogFile[]> {
  const half = Object.entries(mergedRows).map(
    ([table, rows]) => `(table_name = '${table}' and "rows" < ${Math.floor(rows / 2)})`,
  );
  const rows = await queryRows<Record<'table' | 'path' | 'day', string> & Record<'rows' | 'bytes', bigint> & Range>(
    connection,
    `select table_name as "table", path, cast(day as varchar) as day, "rows", bytes, epoch_us(min_event_time) as low,
       epoch_us(max_event_time) as high
     from lake_files
     where ${half.join(' or ')}
     qualify count(*) over (partition by table_name, day) >= $1
     order by table_name, day, min_event_time, path`,
    [mergeAfter],
  );
  return rows.map(({ table, path: file, day, rows: count, bytes, low, high }) => ({
    table: table as TableName,
    path: file,
    day,
    rows: Number(count),
    bytes: Number(bytes),
    minTimeUs: low === null ? null : Number(low),
    maxTimeUs: high === null ? null : Number(high),
  }));
}

interface Range {
  readonly low: bigint | null;
  readonly high: bigint | null;
}

/** Neighbours of a day that fill one file together; what has no neighbour to be merged with stays as it is. */
function portionsOf(files: readonly LogFile[]): LogFile[][] {
  const portions: LogFile[][] = [];
  let rows = 0;
  for (const file of files) {
    const last = portions.at(-1)?.at(-1);
    rows += file.rows;
    if (last?.table === file.table && last.day === file.day && rows <= mergedRows[file.table])
      portions.at(-1)!.push(file);
    else {
      portions.push([file]);
      rows = file.rows;
    }
  }
  return portions.filter((portion) => portion.length > 1);
}

interface Merge {
  readonly files: readonly LogFile[];
  readonly name: string;
}

async function merge(connection: DuckDBConnection, directory: DataDirectory, { files, name }: Merge): Promise<LogFile> {
  const { table, day } = files[0]!;
  const relative = lakePath(table, day, name);
  const absolute = path.resolve(directory.root, relative);
  await setList(
    connection,
    'small_files',
    files.map((file) => path.resolve(directory.root, file.path)),
  );
  const written = await copyToFile(connection, {
    file: absolute,
    query: `select * from read_parquet(getvariable('small_files'), hive_partitioning = false) ${orders[table]}`,
    options: `, row_group_size ${mergedRows[table]}, row_group_size_bytes ${rowGroupBytes}`,
  });
  const rows = total(files, 'rows');
  if (written?.rows !== rows) {
    fs.rmSync(absolute, { force: true });
    throw new AppError(
      'store-damaged',
      `${relative}: ${written?.rows ?? 0} rows were merged from files of ${rows}; nothing was replaced; please report this`,
    );
  }
  const first = files.flatMap(({ minTimeUs }) => minTimeUs ?? []);
  const last = files.flatMap(({ maxTimeUs }) => maxTimeUs ?? []);
  return {
    table,
    path: relative,
    day,
    ...written,
    minTimeUs: first.length === 0 ? null : Math.min(...first),
    maxTimeUs: last.length === 0 ? null : Math.max(...last),
  };
}

interface Replacement {
  readonly files: readonly LogFile[];
  readonly merged: LogFile;
  readonly runId: string;
}

async function replace(connection: DuckDBConnection, { files, merged, runId }: Replacement): Promise<void> {
  await setList(
    connection,
    'merged_files',
    files.map((file) => file.path),
  );
  await connection.run(`delete from lake_files where list_contains(getvariable('merged_files'), path)`);
  await addLakeFiles(connection, runId, [merged]);
}
