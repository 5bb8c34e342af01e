/** Detectors, and the views that they stand on, are written in the SQL that DuckDB and Trino share. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDetectors } from '../../detectors/format/load-detectors.js';
import { openDatabase, type Database } from '../../store/duckdb.js';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../lake.js';
import { portabilityProblems, statementsOf } from './portable-sql.js';
import { filesEndingIn, textOf } from './source-files.js';

let database: Database;
beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1, memoryBytes: 128e6, tempDirectory: temporaryFolder('lint') });
});
afterAll(() => database.close());

const { detectors } = loadDetectors(path.join(packageRoot, 'detectors'));
const own = loadDetectors(path.join(packageRoot, 'fixtures/own-detectors')).detectors;

/** These give DuckDB Trino's names, or Tailpipe's queries, which are DuckDB's, their tables. */
const exempt = ['store/views/aws_cloudtrail_log.sql', 'store/views/aws_s3_server_access_log.sql'];
const views = filesEndingIn('.sql').filter((file) => file.startsWith('store/views/') && !exempt.includes(file));

/** Files of the lake under a list of paths are a table of the same name elsewhere. */
const fileList = /read_parquet\(getvariable\('(\w+)_files'\)(?:, hive_partitioning = true)?\)/g;

interface Definition {
  readonly file: string;
  readonly name: string;
  readonly kind: string;
  /** What stands behind `as`, a query. */
  readonly query: string;
}

const statements = views.flatMap((file) => statementsOf(textOf(file)).map((statement) => ({ file, statement })));

/** Values that many views use: elsewhere they are written out where they are used. */
const variables = new Map(
  statements.flatMap(({ statement }) => {
    const [, name, value] = /^set variable (\w+) = ([^]*)$/.exec(statement) ?? [];
    return name === undefined ? [] : [[name, value!] as const];
  }),
);

const definitions: readonly Definition[] = statements
  .filter(({ statement }) => !statement.startsWith('set variable '))
  .map(({ file, statement }) => {
    const [, kind, name, body] =
      /^create or replace temp (macro|view) (\w+)(?:\([^)]*\))? as\s+([^]*)$/.exec(statement) ?? [];
    if (body === undefined) throw new Error(`${file}: ${statement.slice(0, 60)} is neither a view nor a macro`);
    const query = (kind === 'macro' ? `select ${body}` : body)
      .replaceAll(fileList, 'lake_$1')
      .replaceAll(/getvariable\('(\w+)'\)/g, (call, variable: string) => variables.get(variable) ?? call);
    return { file, name: name!, kind: kind!, query };
  });

/** The whole body is one call of DuckDB's function, or its subscript, which takes lists and maps. */
const isAlias = ({ kind, query }: Definition): boolean =>
  kind === 'macro' &&
  /^select \w+(?:\([\w, +-]*\)|\[\w+\])$/.test(query.trim()) &&
  !/^select (is|kind|class|account|action)_/.test(query);
const ownMacros = new Set(definitions.filter((each) => each.kind === 'macro').map(({ name }) => name));

describe('the SQL that DuckDB and Trino share', () => {
  test.each([...detectors, ...own].map(({ id, query }) => [id, query] as const))('holds %s', async (_, query) => {
    expect(await portabilityProblems(database.connection, query, ownMacros)).toEqual([]);
  });

  const bodies = definitions.filter((each) => !isAlias(each));
  test.each(bodies.map(({ file, name, query }) => [name, file, query] as const))(
    'holds %s of %s',
    async (_, __, query) => {
      expect(await portabilityProblems(database.connection, query, ownMacros)).toEqual([]);
    },
  );

  test('is given by macros only where Trino has the function itself', () => {
    expect(definitions.filter(isAlias).map(({ name }) => name)).toEqual([
      'regexp_like',
      'json_extract_scalar',
      'to_unixtime',
      'cardinality',
      'element_at',
      'approx_percentile',
      'slice',
      'sequence',
      'array_join',
    ]);
  });

  test.each([
    ['select a::varchar from t', 'cast with ::'],
    ['select a, count(*) from t group by all', 'group by all'],
    ['select a from t qualify row_number() over (order by a) = 1', 'qualify'],
    ['select * exclude (a) from t', 'exclude'],
    ['select columns(*) from t', 'columns'],
    ["select string_agg(a, ',') from t", 'string_agg'],
    ['select median(a) from t', 'median'],
    ['from t select a', 'starts with from'],
    ['select a from t semi join u using (a)', 'join SEMI'],
    ['select a from t asof join u on t.a >= u.a', 'ASOF'],
    ["select a from t where b ilike 'x'", 'ilike'],
    ["select a from t where contains(b, 'x')", 'contains on text'],
    ['select [x for x in a] from t', ''],
    ['select a[-1] from t', 'subscript'],
    ['select a // 2 from t', '//'],
    ["select a from read_csv('x')", 'read_csv'],
    ['select a from t where b > now()', 'clock'],
    ["select strftime(a, '%Y') from t", 'strftime'],
    ['select {a: 1} from t', ''],
    ['pivot t on a using sum(b)', ''],
  ])('refuses %s', async (query, reason) => {
    const problems = await portabilityProblems(database.connection, query);
    expect(problems.join('\n')).toContain(reason);
    expect(problems).not.toEqual([]);
  });

  test.each([
    ["select a from t where b like '%::now()%' -- a::b"],
    ["select date_trunc('hour', a) from t where a > $from - $days * interval '1' day group by 1"],
    ['select x from t cross join unnest(sequence(1, 3)) as u(x)'],
    ['select filter(array[a, b], item -> item is not null) from t'],
  ])('lets through %s', async (query) => {
    expect(await portabilityProblems(database.connection, query)).toEqual([]);
  });
});
