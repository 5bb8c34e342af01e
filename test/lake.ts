/** Shared by tests of the whole way: logs in a folder → a lake in another → a connection to ask. */
import { ingest, type IngestOptions, type IngestResult } from '../ingest/ingest.js';
import { localSource } from '../ingest/sources/local.js';
import { queryRows, type Database } from '../store/duckdb.js';
import { openReader } from '../store/reader.js';
import type { RunTotals } from '../store/run-record.js';
import { Store } from '../store/store.js';

export { temporaryFolder } from './temporary-folder.js';

const memoryBytes = 512e6;

/** Ingests a folder, a file or a glob; answers the totals of that run. */
export async function ingestLogs(
  logs: string,
  dataDir: string,
  options: Partial<IngestOptions> = {},
): Promise<RunTotals & IngestResult> {
  const store = await Store.open({ dataDir, threads: 2, memoryBytes, command: 'ingest', now: Date.now });
  try {
    const result = await ingest(store, [localSource(logs)], {
      threads: 2,
      memoryBytes,
      maxInflatedBytes: 200e6,
      ...options,
    });
    await store.finish('done');
    return { ...store.totals, ...result };
  } finally {
    store.close();
  }
}

export async function openLake(dataDir: string): Promise<Database> {
  return openReader({ dataDir, threads: 2, memoryBytes });
}

/** Rows of one query over a lake. */
export async function askLake<Row>(dataDir: string, sql: string): Promise<Row[]> {
  const reader = await openLake(dataDir);
  try {
    return await queryRows<Row>(reader.connection, sql);
  } finally {
    reader.close();
  }
}
