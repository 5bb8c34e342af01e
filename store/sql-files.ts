/** Reads the SQL that lies beside the code, and runs it. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

/** The folder of the package, the same from the sources and from dist/. */
export const packageRoot = path.dirname(createRequire(import.meta.url).resolve('#package/package.json'));

const texts = new Map<string, string>();

/** The text of a file of the package, for example `store/schema.sql`; read once a process. */
export function packageText(file: string): string {
  let text = texts.get(file);
  if (text === undefined) texts.set(file, (text = fs.readFileSync(path.join(packageRoot, file), 'utf8')));
  return text;
}

/** The same, for SQL. */
export const sqlText = packageText;

/** Runs every statement of a file without parameters. */
export async function runSqlFile(connection: DuckDBConnection, file: string): Promise<void> {
  await connection.run(sqlText(file));
}

/** Runs the statements of a file one by one; those that name `$run_id` are given it. A statement ends its line with `;`. */
export async function runSqlFileOfRun(connection: DuckDBConnection, file: string, runId: string): Promise<void> {
  for (const statement of sqlText(file).split(/;\s*$/m)) {
    if (statement.trim() === '') continue;
    await connection.run(statement, statement.includes('$run_id') ? { run_id: runId } : undefined);
  }
}
