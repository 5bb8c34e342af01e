/** Makes a reader's connection safe for SQL that anybody wrote. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { StatementType } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import { dataDirectory } from './lake-files.js';

/** EXPLAIN of a query. EXPLAIN ANALYZE runs what it explains, which may be a COPY that overwrites a file of the lake. */
const explainedQuery =
  /^\s*explain\s+(?:analyze\s+)?(?:\([\w\s,]*\)\s*)?(?:\(\s*)*(?:select|with|from|values|table|describe|show|summarize|pivot|unpivot)\b/i;

/**
 * Takes files and the network away from the connection, but for the lake; this cannot be undone in it. With `allowFiles`
 * queries may read files of this machine as well; the network stays closed, for no extension is ever loaded.
 */
export async function lockDown(
  connection: DuckDBConnection,
  dataDir: string,
  { allowFiles = false }: { allowFiles?: boolean } = {},
): Promise<void> {
  if (allowFiles) await connection.run('set lock_configuration = true');
  else await confine(connection, dataDirectory(dataDir).lake);
}

/** The same for any folder, which stays readable and writable. */
export async function confine(connection: DuckDBConnection, folder: string): Promise<void> {
  // SET takes no parameter; the path is the user's own, and a quote in it is doubled.
  await connection.run(`set allowed_directories = ['${folder.replaceAll("'", "''")}']`);
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
}

/** Throws `query-refused` unless the SQL is one statement that reads, and `query-invalid` when it is not SQL. */
export async function checkReadsOnly(connection: DuckDBConnection, sql: string): Promise<void> {
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1)
      throw new AppError('query-invalid', `the query holds ${statements.count} statements; expected one`);
    const prepared = await statements.prepare(0);
    const type = prepared.statementType;
    prepared.destroySync();
    if (type === StatementType.SELECT || (type === StatementType.EXPLAIN && explainedQuery.test(sql))) return;
    throw new AppError(
      'query-refused',
      `the query is a ${StatementType[type]} statement; expected one that only reads, such as SELECT, DESCRIBE or EXPLAIN SELECT`,
    );
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw queryError(error);
  }
}

/** DuckDB's complaint about a query, as an error of the caller. */
export function queryError(error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  return new AppError(
    'query-invalid',
    message.replace(/^([A-Z])/, (first) => first.toLowerCase()),
    { cause: error },
  );
}
