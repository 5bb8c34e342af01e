/** Keeps the lake readable and tidy: an empty file for every table, and no file that the catalog does not know. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { tables, type ColumnKind, type Table } from '../parsers/tables.js';
import { lakePath, type DataDirectory, type LakeTable } from './lake-files.js';
import { copyWhole } from './lake-rewrite.js';

/** Views over no files at all are an error, so each table has a file without rows, filed before every log. */
const emptyDay = '1970-01-01';
const emptyName = 'empty';

/** A reader, such as a shell that is left open, may still use files of a snapshot that a newer one replaced; this long they are left alone. */
const sweepAfterMilliseconds = 86_400_000;

const sqlTypes: Readonly<Record<ColumnKind, string>> = {
  text: 'varchar',
  blob: 'blob',
  int16: 'smallint',
  int64: 'bigint',
  timestamp: 'timestamp',
  boolean: 'boolean',
};

const rollupColumns = {
  activity: `null::timestamp as hour, null::varchar as source, null::varchar as principal, null::varchar as principal_account_id,
    null::varchar as bucket, null::varchar as action_class, null::bigint as requests, null::bigint as errors,
    null::bigint as bytes_out, null::bigint as bytes_in, null::boolean as is_anonymous, null::boolean as is_aws_service`,
  sightings: `null::date as day, null::varchar as source, null::varchar as dimension, null::varchar as entity, null::varchar as value,
    null::bigint as events, null::timestamp as first_event_at, null::timestamp as last_event_at`,
};

/** Absolute path of the file without rows of a table. */
export function emptyFile(directory: DataDirectory, table: LakeTable): string {
  return path.resolve(directory.root, lakePath(table, emptyDay, emptyName));
}

/** What the views of a table read, as absolute paths: these files of the manifest, and the one without rows. */
export function viewFiles(directory: DataDirectory, table: LakeTable, files: readonly string[]): string[] {
  return [...files.map((file) => path.resolve(directory.root, file)), emptyFile(directory, table)];
}

/** Writes the missing empty files. */
export async function createEmptyFiles(connection: DuckDBConnection, directory: DataDirectory): Promise<void> {
  const columns: Record<string, string> = { ...rollupColumns };
  for (const table of Object.values(tables)) columns[table.name] = columnsOf(table);
  for (const [table, list] of Object.entries(columns)) {
    const file = emptyFile(directory, table as LakeTable);
    if (fs.existsSync(file)) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await copyWhole(connection, { file, query: `select ${list} where false` });
  }
}

function columnsOf(table: Table): string {
  return table.columns.map(({ name, kind }) => `null::${sqlTypes[kind]} as ${name}`).join(', ');
}

/** Deletes files that no manifest row names and that are old enough; answers how many. */
export function sweepLake(directory: DataDirectory, live: ReadonlySet<string>, nowMs: number): number {
  let swept = 0;
  for (const entry of fs.readdirSync(directory.lake, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const relative = path.relative(directory.root, file).split(path.sep).join('/');
    if (live.has(relative) || entry.name === `${emptyName}.parquet`) continue;
    // The threads of the run may be writing meanwhile, and give a file its name when it is whole.
    const found = fs.statSync(file, { throwIfNoEntry: false });
    if (found === undefined || nowMs - found.mtimeMs < sweepAfterMilliseconds) continue;
    fs.rmSync(file, { force: true });
    swept++;
  }
  return swept;
}

/** Files that leave the manifest: from now on they are left alone for as long as a reader may use them, then swept. */
export function leaveToReaders(files: readonly string[]): void {
  const now = new Date();
  for (const file of files) {
    // A file that somebody removed by hand has no reader either.
    if (fs.existsSync(file)) fs.utimesSync(file, now, now);
  }
}
