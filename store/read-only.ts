/** Makes a reader's connection safe for SQL that anybody wrote. */
import { StatementType, type DuckDBConnection } from '@duckdb/node-api';
import { AppError } from '../config/app-error.js';
import { dataDirectory } from './lake-files.js';

/** Statements that only read. Everything else is refused before it runs. */
const readingStatements = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** Takes files and the network away from the connection, but for the lake; this cannot be undone in it. */
export async function lockDown(connection: DuckDBConnection, dataDir: string): Promise<void> {
  const { lake, root } = dataDirectory(dataDir);
  const paths = [lake, root].map((path) => `'${path.replaceAll("'", "''")}'`);
  await connection.run(`set allowed_directories = [${paths[0]}]`);
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
    if (readingStatements.has(type)) return;
    throw new AppError(
      'query-refused',
      `the query is a ${StatementType[type]} statement; expected one that only reads, such as SELECT or DESCRIBE`,
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
