/** The page about writing detectors shows the files that the tests run, and names every table that a query may read. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../config/load.js';
import { dropContext, prepareContext } from '../../detectors/engine/context.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { queryRows } from '../../store/duckdb.js';
import { packageRoot } from '../../store/sql-files.js';
import { fencedBlocks } from './blocks.js';

const page = fs.readFileSync(path.join(packageRoot, 'docs/writing-detectors.md'), 'utf8');
const folder = path.join(packageRoot, 'fixtures/own-detectors');
const files = fs
  .readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(sql|yaml)$/.test(name))
  .sort();

describe('the page about writing detectors', () => {
  test.each(files)('shows %s as it is', (name) => {
    const blocks = [...fencedBlocks(page, 'postgresql'), ...fencedBlocks(page, 'yaml')];
    expect(blocks).toContain(fs.readFileSync(path.join(folder, name), 'utf8'));
  });

  test('shows files that are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  describe('names in its table', () => {
    let bench: CaseBench;
    beforeAll(async () => {
      bench = await CaseBench.open();
    });
    afterAll(() => bench.close());

    test('every table and view that detectors see', async () => {
      const connection = await bench.lay([]);
      const before = await relations(connection);
      await prepareContext(connection, { config: parseConfig('', 'config'), fromMs: 0, toMs: 3_600_000 });
      const context = (await relations(connection)).filter((name) => !before.includes(name));
      await dropContext(connection);
      const inner = /^(lake_|reaching_|window_|recent_)/;
      const table = page.split('\n').filter((line) => line.startsWith('| `'));
      const unnamed = context.filter((name) => !inner.test(name) && !table.some((row) => row.includes(`\`${name}\``)));
      expect(context).toContain('networks');
      expect(unnamed).toEqual([]);
    });
  });
});

async function relations(connection: Parameters<typeof queryRows>[0]): Promise<string[]> {
  const rows = await queryRows<{ name: string }>(
    connection,
    `select table_name as name from duckdb_tables() where temporary
     union all
     select view_name from duckdb_views() where temporary and not internal`,
  );
  return rows.map(({ name }) => name);
}
