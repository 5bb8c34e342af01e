/** The library keeps to the SQL that DuckDB and Trino share, so that it runs on Athena over the same lake. */
import { describe, expect, it, beforeAll, afterAll } from 'vitest';
import { loadLibrary } from '../../queries/library.js';
import { openDatabase, queryRows, type Database } from '../../store/duckdb.js';
import { temporaryFolder } from '../temporary-folder.js';

/** Functions that Trino has under the same name with the same meaning (trino.io/docs/current/functions, release 479). */
const shared = new Set(
  `array_agg array_join array_sort count count_star date_diff date_trunc greatest json_extract_scalar length lead max max_by min min_by
  nullif regexp_extract regexp_like replace round row_number split_part starts_with strpos substr sum row
  + - * / % || ~~ !~~ date_part`.split(/\s+/),
);

/** What `interval '1' day` and `interval '1' hour`, which both have, are parsed into. */
const intervals = new Set(['to_days', 'to_hours', 'trunc']);

/** Written before that was a rule; their text is DuckDB's own. */
const older = new Set(['rejects', 'top-principals', 'read-objects']);

interface Node {
  readonly [key: string]: unknown;
}

function functionsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(functionsIn);
  if (node === null || typeof node !== 'object') return [];
  const { function_name: name } = node as Node;
  return [...(typeof name === 'string' && name !== '' ? [name] : []), ...Object.values(node).flatMap(functionsIn)];
}

describe('a query of the library', () => {
  const library = loadLibrary().filter(({ name }) => !older.has(name));
  const named = library.map((query) => [query.name, query.sql] as const);
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase(':memory:', {
      threads: 1,
      memoryBytes: 128e6,
      tempDirectory: temporaryFolder('portable'),
    });
  });
  afterAll(() => database.close());

  it.each(named)('%s calls only functions that Trino has too', async (_, sql) => {
    const [row] = await queryRows<{ tree: string }>(
      database.connection,
      'select json_serialize_sql(cast($1 as varchar)) as tree',
      [sql],
    );
    const tree = JSON.parse(row!.tree) as { error: boolean };
    expect(tree.error).toBe(false);
    expect([...new Set(functionsIn(tree))].filter((name) => !shared.has(name) && !intervals.has(name))).toEqual([]);
  });

  it.each(named)('%s has no syntax of its own of DuckDB', (_, sql) => {
    const text = sql.replace(/'[^']*'/g, "''").replace(/--.*$/gm, '');
    expect(text).not.toMatch(
      /::|\bqualify\b|\bgroup by all\b|\border by all\b|\bexclude\s*\(|\[[^\]]*\bfor\b|\bilike\b|\blateral\b/i,
    );
  });
});
