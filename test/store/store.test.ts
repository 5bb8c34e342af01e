/** The store of a run, of which several parts ask something at the same time. */
import { describe, expect, it } from 'vitest';
import { setTimeout as wait } from 'node:timers/promises';
import { queryRows } from '../../store/duckdb.js';
import { Store } from '../../store/store.js';
import { temporaryFolder } from '../temporary-folder.js';

describe('a store', () => {
  it('has one transaction at a time, and the next after one that failed', async () => {
    const dataDir = temporaryFolder('store');
    const store = await Store.open({ dataDir, threads: 1, memoryBytes: 256e6, command: 'test', now: Date.now });
    try {
      const insert = (uri: string, fails = false): Promise<void> =>
        store.transact(async (connection) => {
          await connection.run(`insert into object_failures values ($1, 'etag', 'gone', 1, now(), now())`, [uri]);
          await wait(20);
          if (fails) throw new Error('the disk is on fire');
        });
      const known = store.skipKnown([{ uri: 'new', etag: 'etag' }]);
      const results = await Promise.allSettled([insert('first'), insert('second', true), insert('third')]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await known).toEqual([{ uri: 'new', etag: 'etag' }]);
      const kept = await store.transact((connection) =>
        queryRows(connection, 'select uri from object_failures order by uri'),
      );
      expect(kept).toEqual([{ uri: 'first' }, { uri: 'third' }]);
    } finally {
      store.close();
    }
  });
});
