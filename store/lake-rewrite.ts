/** Writes lake files from queries: what one answers, a file without some of its rows, and rows of a table under their days. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { TableName } from '../parsers/tables.js';
import { queryRows, rowsHeldOfDays, setList } from './duckdb.js';
import { lakePath, unfinished, type DataDirectory, type LakeFile, type LakeTable } from './lake-files.js';
import type { StagedFiles } from './stage.js';

/**
 * zstd level 1: two thirds of the CPU of level 3 for 3 % more bytes, measured on access logs. Version 2, where numbers are
 * differences: a tenth less CPU to write and to read, and 1 % fewer bytes (docs/adr/0013-small-files-are-merged.md).
 */
const parquetOptions = 'format parquet, parquet_version v2, compression zstd, compression_level 1';

export interface FileOfRows {
  /** Absolute; its folder exists. */
  readonly file: string;
  readonly query: string;
  /** What the query calls `$1` and so on. */
  readonly values?: readonly string[];
  /** Of Parquet, beside the usual ones. */
  readonly options?: string;
}

/** Writes the answer of a query to a file, which has its name when it is whole and may have been there before. Answers its rows. */
export async function copyWhole(
  connection: DuckDBConnection,
  { file, query, values = [], options = '' }: FileOfRows,
): Promise<number> {
  const half = file + unfinished;
  const [copied] = await queryRows<{ Count: bigint | number }>(
    connection,
    `copy (${query}) to $${values.length + 1} (${parquetOptions}${options})`,
    [...values, half],
  );
  fs.renameSync(half, file);
  return Number(copied!.Count);
}

/** The same; answers null, and leaves no file, when there are no rows. */
export async function copyToFile(
  connection: DuckDBConnection,
  content: FileOfRows,
): Promise<{ readonly rows: number; readonly bytes: number } | null> {
  const rows = await copyWhole(connection, content);
  if (rows > 0) return { rows, bytes: fs.statSync(content.file).size };
  fs.rmSync(content.file);
  return null;
}

export interface Rewrite {
  readonly file: LakeFile;
  /** What to keep; `$1` is the absolute path of the file. */
  readonly query: string;
  /** Name of the new file, without extension. */
  readonly name: string;
}

/** Replaces a file that no reader knows yet; answers nothing when the query keeps nothing. */
export async function rewriteFile(
  connection: DuckDBConnection,
  directory: DataDirectory,
  { file, query, name }: Rewrite,
): Promise<LakeFile[]> {
  const from = path.resolve(directory.root, file.path);
  const relative = lakePath(file.table, file.day, name);
  const written = await copyToFile(connection, { file: path.resolve(directory.root, relative), query, values: [from] });
  fs.rmSync(from);
  return written === null ? [] : [{ ...file, path: relative, ...written }];
}

export interface RowsByDay {
  readonly table: TableName;
  /** A temporary table with the columns of the lake table. */
  readonly rows: string;
  readonly name: string;
}

/** Days that one COPY writes: DuckDB holds memory for each of them, and the rows of all of them together. */
const daysAtOnce = 16;

interface DayOfRows {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly low: bigint;
  readonly high: bigint;
  readonly rows: bigint;
}

/** Files the rows of a temporary table under the days of their event times. */
export async function copyByDay(
  connection: DuckDBConnection,
  directory: DataDirectory,
  { table, rows, name }: RowsByDay,
): Promise<LakeFile[]> {
  const days = await queryRows<DayOfRows>(
    connection,
    `select cast(cast(event_time as date) as varchar) as day, epoch_us(min(event_time)) as low, epoch_us(max(event_time)) as high, count(*) as rows
     from ${rows} group by day order by low`,
  );
  const files: LakeFile[] = [];
  for (const [index, part] of portionsOf(days).entries())
    files.push(...(await copyDays(connection, directory, { table, rows, name: `${name}-${index}`, days: part })));
  return files;
}

/** Neighbouring days that one COPY takes. */
function portionsOf(days: readonly DayOfRows[]): DayOfRows[][] {
  const portions: DayOfRows[][] = [];
  let rows = 0;
  for (const day of days) {
    const last = portions.at(-1);
    rows += Number(day.rows);
    if (last === undefined || last.length === daysAtOnce || rows > rowsHeldOfDays) {
      portions.push([day]);
      rows = Number(day.rows);
    } else last.push(day);
  }
  return portions;
}

/** `days` ascends; together they hold every row between the first and the last of them. */
async function copyDays(
  connection: DuckDBConnection,
  directory: DataDirectory,
  { table, rows, name, days }: RowsByDay & { readonly days: readonly DayOfRows[] },
): Promise<LakeFile[]> {
  const written = await queryRows<{ filename: string; count: bigint; file_size_bytes: bigint }>(
    connection,
    `copy (select *, cast(event_time as date) as dt from ${rows} where event_time between make_timestamp(${days[0]!.low}) and make_timestamp(${days.at(-1)!.high}))
     to $1 (${parquetOptions}, partition_by (dt), filename_pattern '${name}-{i}', file_extension 'parquet${unfinished}', overwrite_or_ignore, return_stats)`,
    [path.join(directory.lake, table)],
  );
  return written.map(({ filename, count, file_size_bytes }) => {
    const file = filename.slice(0, -unfinished.length);
    fs.renameSync(filename, file);
    const relative = path.relative(directory.root, path.resolve(file)).split(path.sep).join('/');
    const { day, low, high } = days.find((each) => relative.includes(`dt=${each.day}/`))!;
    return {
      table,
      path: relative,
      day,
      rows: Number(count),
      bytes: Number(file_size_bytes),
      minTimeUs: Number(low),
      maxTimeUs: Number(high),
    };
  });
}

export interface Discard {
  readonly staged: StagedFiles;
  readonly unreadable: readonly string[];
  readonly withoutRows: readonly string[];
  readonly prefix: string;
}

/** The staged files without the rows and rejects of unreadable objects, and without the rows of worthless ones. */
export async function discardObjects(
  connection: DuckDBConnection,
  directory: DataDirectory,
  { staged, unreadable, withoutRows, prefix }: Discard,
): Promise<StagedFiles> {
  if (unreadable.length + withoutRows.length === 0) return staged;
  await setList(connection, 'discarded_rejects', unreadable);
  await setList(connection, 'discarded_rows', [...unreadable, ...withoutRows]);
  const files: LakeFile[] = [];
  for (const [index, file] of staged.files.entries()) {
    files.push(
      ...(await rewriteFile(connection, directory, {
        file,
        query: keptRows(file.table),
        name: `${prefix}-kept${index}`,
      })),
    );
  }
  for (const { table, path: file } of staged.suspects)
    await copyWhole(connection, { file, query: keptRows(table), values: [file] });
  return { files, suspects: staged.suspects };
}

/** The rows of the file `$1` that are not of a discarded object. */
function keptRows(table: LakeTable): string {
  return `select * from read_parquet($1, hive_partitioning = false)
     where not contains(getvariable('${table === 'rejects' ? 'discarded_rejects' : 'discarded_rows'}'), log_uri)`;
}
