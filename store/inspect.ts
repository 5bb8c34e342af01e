/** A look at a data directory that changes nothing and meets no lock. */
import fs from 'node:fs';
import { catalogVersion } from './catalog.js';
import { openDatabase, queryRows } from './duckdb.js';
import { dataDirectory } from './lake-files.js';

/** `version` is that of the published snapshot; `problem` why it cannot be read. */
export type Inspection =
  | { readonly state: 'empty' }
  | { readonly state: 'readable'; readonly version: number; readonly expected: number }
  | { readonly state: 'unreadable'; readonly problem: string };

export async function inspectDataDirectory(root: string): Promise<Inspection> {
  const { snapshot, scratch } = dataDirectory(root);
  if (!fs.existsSync(snapshot)) return { state: 'empty' };
  try {
    const options = { threads: 1, memoryBytes: 64e6, tempDirectory: scratch, readOnly: true };
    const database = await openDatabase(snapshot, options);
    try {
      const [row] = await queryRows<{ version: number }>(database.connection, 'select version from catalog_version');
      return { state: 'readable', version: row?.version ?? catalogVersion, expected: catalogVersion };
    } finally {
      database.close();
    }
  } catch (error) {
    return { state: 'unreadable', problem: String(error instanceof Error ? error.message : error).split('\n')[0]! };
  }
}
