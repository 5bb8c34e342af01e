import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryRows, type Database } from '../../store/duckdb.js';
import { publicViewNames, publicViews } from '../../store/view-columns.js';
import { openLake, temporaryFolder } from '../lake.js';
import { createEmptyLake } from '../../docs/empty-lake.js';

let lake: Database;

beforeAll(async () => {
  lake = await openLake(await createEmptyLake(temporaryFolder('empty')));
});
afterAll(() => lake.close());

describe.each(publicViewNames)('the documentation of %s', (name) => {
  const { about, columns } = publicViews[name];

  it('describes its columns and no others, in their order', async () => {
    const rows = await queryRows<{ column_name: string }>(lake.connection, `describe ${name}`);
    expect(Object.keys(columns)).toEqual(rows.map((row) => row.column_name));
  });

  it('is made of sentences', () => {
    const unfinished = [about, ...Object.values(columns)].filter((text) => !/^\S.*[.]$/s.test(text));
    expect(unfinished).toEqual([]);
  });
});
