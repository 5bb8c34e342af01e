/** A data directory without logs: its views have the columns and types of every other. */
import { Store } from '../store/store.js';

/** Makes the folder a data directory; answers the folder. */
export async function createEmptyLake(dataDir: string): Promise<string> {
  const store = await Store.open({ dataDir, threads: 1, memoryBytes: 256e6, command: 'docs', now: Date.now });
  try {
    await store.finish('done');
  } finally {
    store.close();
  }
  return dataDir;
}
