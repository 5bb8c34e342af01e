/** Reads the SQL that lies beside the code, and runs it statement by statement. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

/** The folder of the package, the same from the sources and from dist/. */
export const packageRoot = path.dirname(createRequire(import.meta.url).resolve('#package/package.json'));

const texts = new Map<string, string>();

/** The text of a file of the package, for example `store/schema.sql`; read once a process. */
export function sqlText(file: string): string {
  let text = texts.get(file);
  if (text === undefined) texts.set(file, (text = fs.readFileSync(path.join(packageRoot, file), 'utf8')));
  return text;
}

export async function runSqlFile(connection: DuckDBConnection, file: string): Promise<void> {
  await connection.run(sqlText(file));
}
