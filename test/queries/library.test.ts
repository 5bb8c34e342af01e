/** The library answers hand-made stories as somebody worked out by hand, and says truly what it answers. */
import fs from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamDuckDB } from '../../cli/output/duckdb-rows.js';
import { CaseBench } from '../../fixtures/cases/case-bench.js';
import { readStory } from '../../fixtures/cases/query-story.js';
import { loadLibrary, queryGroups } from '../../queries/library.js';
import { packageRoot } from '../../store/sql-files.js';
import { askLake, ingestLogs, openLake, temporaryFolder } from '../lake.js';

const library = loadLibrary();
const folder = path.join(packageRoot, 'fixtures/queries');
const stories = fs
  .readdirSync(folder)
  .map((file) => [path.basename(file, '.yaml'), readStory(path.join(folder, file))] as const);

type Row = Readonly<Record<string, unknown>>;

async function ask(
  connection: DuckDBConnection,
  name: string,
  given: Readonly<Record<string, DuckDBValue>> = {},
): Promise<{ columns: string[]; rows: Row[] }> {
  const query = library.find((candidate) => candidate.name === name);
  if (query === undefined) throw new Error(`${name}: no query of that name`);
  const defaults = Object.entries(query.parameters).map(([key, parameter]) => [key, parameter.default] as const);
  const { columns, batches } = streamDuckDB(
    await connection.stream(query.sql, { ...Object.fromEntries(defaults), ...given }),
  );
  const names = columns.map((column) => column.name);
  const rows: Row[] = [];
  for await (const batch of batches)
    for (const row of batch) rows.push(Object.fromEntries(row.map((cell, index) => [names[index]!, cell])));
  return { columns: names, rows };
}

describe('the library', () => {
  let bench: CaseBench;
  beforeAll(async () => {
    bench = await CaseBench.open();
  });
  afterAll(() => bench.close());

  describe.each(stories)('in the story %s', (_, story) => {
    let connection: DuckDBConnection;
    beforeAll(async () => {
      connection = await bench.lay(story.objects);
    });

    it.each(story.asks.map((asked) => [asked.query, JSON.stringify(asked.with), asked] as const))(
      'answers %s with %s',
      async (name, _given, asked) => {
        const { rows } = await ask(connection, name, asked.with);
        const relevant = rows.map((row, index) =>
          Object.fromEntries(Object.keys(asked.rows[index] ?? row).map((column) => [column, row[column]])),
        );
        expect(relevant).toEqual(asked.rows);
      },
    );
  });

  it.each(library.map((query) => [query.name, query] as const))('describes the columns of %s', async (name, query) => {
    const connection = await bench.lay([]);
    const { columns } = await ask(connection, name);
    expect(columns).toEqual(Object.keys(query.columns));
  });
});

describe('what was read', () => {
  it('is accounted for by read-objects and rejects', async () => {
    const logs = temporaryFolder('read-logs');
    const line = '0'.repeat(64);
    fs.writeFileSync(
      path.join(logs, '2026-03-10-10-00-00-0123456789ABCDEF'),
      `${accessLine}\n${line} cut off\n${accessLine}\n`,
    );
    const dataDir = temporaryFolder('read-data');
    await ingestLogs(logs, dataDir);
    const database = await openLake(dataDir);
    try {
      const { rows: read } = await ask(database.connection, 'read-objects');
      expect(read).toMatchObject([{ objects: 1, lines: 3, rows: 1, duplicates: 1, rejected: 1 }]);
      const { rows: rejects } = await ask(database.connection, 'rejects');
      expect(rejects).toMatchObject([{ log_line: 2, raw_length: 72, beginning: `${line} cut off` }]);
    } finally {
      database.close();
    }
    expect(await askLake(dataDir, 'select key from s3_access_log')).toEqual([{ key: 'a.txt' }]);
  });
});

const accessLine =
  '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be acme-docs [10/Mar/2026:10:00:00 +0000] 192.0.2.3 ' +
  'arn:aws:iam::111122223333:user/ann 3E57427F33A59F07 REST.GET.OBJECT a.txt "GET /a.txt HTTP/1.1" 200 - 12 12 7 6 "-" ' +
  '"curl/8" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ' +
  'TLS_AES_128_GCM_SHA256 AuthHeader acme-docs.s3.amazonaws.com TLSv1.3 - - -';

describe('a query of the library', () => {
  const asked = new Set(stories.flatMap(([, story]) => story.asks.map(({ query }) => query)));
  const toldElsewhere = ['rejects', 'read-objects'];

  it('stands in a story with the rows that it answers', () => {
    expect(library.map(({ name }) => name).filter((name) => !asked.has(name) && !toldElsewhere.includes(name))).toEqual(
      [],
    );
  });

  it('exists for every question of a story', () => {
    expect([...asked].filter((name) => !library.some((query) => query.name === name))).toEqual([]);
  });

  it('is one of at least 45', () => {
    expect(library.length).toBeGreaterThanOrEqual(45);
  });

  it('has a group, and every group has one', () => {
    expect(new Set(library.map(({ group }) => group))).toEqual(new Set(Object.keys(queryGroups)));
  });

  const named = library.map((query) => [query.name, query] as const);

  it.each(named)('%s asks a question and describes itself in sentences', (_, query) => {
    expect(query.question).toMatch(/^[A-Z].*\?$/);
    expect(query.title).toMatch(/^[A-Z].*[^.?]$/);
    const sentences = [
      ...Object.values(query.columns),
      ...Object.values(query.parameters).map((one) => one.description),
    ];
    expect(sentences.filter((text) => !/^[A-Za-z].*\.$/.test(text))).toEqual([]);
    expect(query.note ?? 'Nothing.').toMatch(/^[A-Z].*\.$/);
  });

  it.each(named)('%s uses every parameter that it declares and no other', (_, query) => {
    const used = new Set(Array.from(query.sql.replace(/'[^']*'/g, '').matchAll(/\$(\w+)/g), ([, name]) => name!));
    expect([...used].sort()).toEqual(Object.keys(query.parameters).sort());
    expect(Object.keys(query.example).filter((name) => !(name in query.parameters))).toEqual([]);
  });
});
