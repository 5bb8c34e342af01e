/** Opening DuckDB: the one place that knows its settings. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { DuckDBInstance } from '@duckdb/node-api';

export interface DatabaseLimits {
  readonly threads: number;
  /** Bytes that DuckDB may hold before it spills to `tempDirectory` or refuses. */
  readonly memoryBytes: number;
  readonly tempDirectory: string;
}

export interface DatabaseOptions extends DatabaseLimits {
  readonly readOnly?: boolean;
}

/** An open database with one connection. */
export interface Database {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** Rows that a COPY by day holds in memory before it writes them. CloudTrail's are wide; DuckDB's own choice is ten times this. */
export const rowsHeldOfDays = 50_000;

/**
 * Opens a file, or `:memory:`. No extension is ever fetched: what is linked in is all there is. Without options it has DuckDB's own
 * limits until `setLimits`.
 */
export async function openDatabase(path: string, options: DatabaseOptions | null): Promise<Database> {
  const readOnly = options?.readOnly === true;
  const instance = await DuckDBInstance.create(path, {
    ...(options === null ? {} : limitSettings(options)),
    access_mode: readOnly ? 'READ_ONLY' : 'AUTOMATIC',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
    // The allocator of Linux keeps what a thread has freed for that thread, and a run has many of them; a question has few.
    // A run reads a new file a few times and never again, and what DuckDB kept of all of them was a hundred MB after ten commits.
    ...(readOnly ? {} : { allocator_flush_threshold: '4MB', enable_external_file_cache: 'false' }),
    partitioned_write_flush_threshold: String(rowsHeldOfDays),
  });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  // Files of the lake never change, and the footers of a hundred took a fifth of a question's time. A writer replaces files of its scratch folder.
  if (readOnly) await connection.run('set parquet_metadata_cache = true');
  return {
    connection,
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Attaches a database file under a name of ours, and makes the file when there is none. */
export async function attachFile(connection: DuckDBConnection, file: string, name: string): Promise<void> {
  await connection.run(`attach ${quoted(file)} as ${name}`);
}

/** For statements that take no parameter. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Gives an open database, which has no work yet, its limits. */
export async function setLimits(connection: DuckDBConnection, limits: DatabaseLimits): Promise<void> {
  const settings = Object.entries(limitSettings(limits));
  await connection.run(settings.map(([name, value]) => `set ${name} = ${quoted(value)}`).join('; '));
}

function limitSettings({ threads, memoryBytes, tempDirectory }: DatabaseLimits): Record<string, string> {
  return { threads: String(threads), memory_limit: memoryLimit(memoryBytes), temp_directory: tempDirectory };
}

function memoryLimit(bytes: number): string {
  return `${Math.max(64, Math.floor(bytes / 1e6))}MB`;
}

/** Runs `work` while the database may hold other many bytes than it was opened with, `usualBytes`. */
export async function withMemory<Result>(
  connection: DuckDBConnection,
  { bytes, usualBytes }: { readonly bytes: number; readonly usualBytes: number },
  work: () => Promise<Result>,
): Promise<Result> {
  await connection.run(`set memory_limit = '${memoryLimit(bytes)}'`);
  try {
    return await work();
  } finally {
    await connection.run(`set memory_limit = '${memoryLimit(usualBytes)}'`);
  }
}

/** Rows as plain objects: integers as number or bigint, timestamps as DuckDB's values. */
export async function queryRows<Row>(
  connection: DuckDBConnection,
  sql: string,
  values?: Record<string, DuckDBValue> | DuckDBValue[],
): Promise<Row[]> {
  const reader = await connection.runAndReadAll(sql, values);
  return reader.getRowObjectsJS() as Row[];
}

/** Sets a variable to a list of texts; SQL reads it with `getvariable`, so that no text is put into SQL. */
export async function setList(connection: DuckDBConnection, variable: string, items: readonly string[]): Promise<void> {
  await connection.run(`set variable ${variable} = (select from_json($1, '["varchar"]'))`, [JSON.stringify(items)]);
}

/** Sets a variable to one value, which SQL reads with `getvariable`. */
export async function setValue(connection: DuckDBConnection, variable: string, value: DuckDBValue): Promise<void> {
  await connection.run(`set variable ${variable} = (select $1)`, [value]);
}
