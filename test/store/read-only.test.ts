/** What a query may do: read, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../store/duckdb.js';
import { checkReadsOnly } from '../../store/read-only.js';
import { temporaryFolder } from '../temporary-folder.js';

let database: Database;
beforeAll(async () => {
  database = await openDatabase(':memory:', {
    threads: 1,
    memoryBytes: 64e6,
    tempDirectory: temporaryFolder('read-only'),
  });
});
afterAll(() => database.close());

describe('a query', () => {
  it.each([
    'select 1',
    'from range(3)',
    'with a as (select 1) select * from a',
    'describe select 1',
    'summarize select 1',
    'show tables',
    'explain select 1',
    'EXPLAIN ANALYZE select 1',
    'explain (analyze, format json) select 1',
    'explain (from range(3))',
  ])('may be %s', async (sql) => {
    await expect(checkReadsOnly(database.connection, sql)).resolves.toBeUndefined();
  });

  it.each([
    "copy (select 1) to 'x.parquet'",
    'create table x (y integer)',
    'drop view if exists x',
    'set threads = 1',
    "attach 'x.duckdb'",
    "explain analyze copy (select 1) to 'x.parquet'",
    "explain (analyze) copy (select 1) to 'x.parquet'",
    "explain /* */ analyze copy (select 1) to 'x.parquet'",
    "/* */ explain analyze copy (select 1) to 'x.parquet'",
    'explain analyze create temp table x as select 1',
  ])('may not be %s', async (sql) => {
    await expect(checkReadsOnly(database.connection, sql)).rejects.toMatchObject({ code: 'query-refused' });
  });

  it.each(['select 1; select 2', '', 'selec 1', 'explain'])('is one statement of SQL, which %j is not', async (sql) => {
    await expect(checkReadsOnly(database.connection, sql)).rejects.toMatchObject({ code: 'query-invalid' });
  });
});
