/** SQL is never built from log text: values go in as parameters, file lists as variables. */
import { describe, expect, it } from 'vitest';
import { filesEndingIn, stageOf, textOf } from './source-files.js';

const shipped = filesEndingIn('.ts').filter((file) => !['test', 'bench', 'fixtures', 'docs'].includes(stageOf(file)));

interface OwnText {
  /** What is put into SQL, as it is written between `${` and `}`. */
  readonly expressions: readonly string[];
  readonly because: string;
}

/** The files that put text into SQL. Nothing of a log, a config or a command line is among it, but for quoted paths. */
const ownText: Readonly<Record<string, OwnText>> = {
  'alerts/enqueue-alerts.ts': { expressions: ['selectFindings'], because: 'A constant that three queries begin with.' },
  'alerts/findings-store.ts': {
    expressions: ['selectFindings', 'maxCandidates + 1'],
    because: 'A constant that three queries begin with, and a number of ours.',
  },
  'alerts/settle-findings.ts': {
    expressions: ['selectFindings', 'closedAtOnce'],
    because: 'The constant that four queries begin with; a number of ours.',
  },
  'alerts/suppression-hits.ts': { expressions: ['spanSql'], because: 'A constant that two queries share.' },
  'alerts/findings-table.ts': { expressions: ['selectFindings'], because: 'A constant that three queries begin with.' },
  'detectors/engine/context.ts': { expressions: ['table'], because: 'Names of temporary tables from a constant list.' },
  'detectors/engine/earlier-views.ts': {
    expressions: ['view', 'reachingFiles'],
    because: 'The name of a view from a constant list, and its own definition with another name of a variable.',
  },
  'detectors/engine/window-views.ts': {
    expressions: ['view', 'table', 'all', 'variable'],
    because: 'Names of views, tables and variables from constant lists.',
  },
  'queries/investigation/narrow.ts': {
    expressions: ['matched', 'ofS3', 'events', 'view'],
    because: 'Conditions of conditions.ts: columns of ours and variables, by kind; names of views.',
  },
  'store/compaction.ts': {
    expressions: ["half.join(' or ')"],
    because: 'Names of tables and numbers of a constant.',
  },
  'store/duckdb.ts': {
    expressions: ['variable', 'memoryLimit(bytes)', 'memoryLimit(usualBytes)', 'name', 'quoted(file)', 'quoted(value)'],
    because:
      'Names of variables, settings and databases, from our own callers; values are parameters. Numbers of bytes. ATTACH and SET take no parameter: paths are quoted.',
  },
  'store/duplicates.ts': {
    expressions: ['id', 'identity', 'order', "sameRecord('known', 'new')", 'source', 'table'].concat(
      "Number(known!.n) === 0 ? 'where false' : ''",
    ),
    because: 'Columns of the tables by the constant `identities`, and names of temporary tables.',
  },
  'store/lake-rewrite.ts': {
    expressions: ['query', 'parquetOptions', 'options', 'rows', 'name', 'unfinished'].concat(
      'values.length + 1',
      'days[0]!.low',
      'days.at(-1)!.high',
    ),
    because: 'Queries, names and options of our own callers, numbers that DuckDB answered.',
  },
  'store/parquet-rows.ts': {
    expressions: ["columns.map(columnDefinition).join(', ')"],
    because: 'Names of columns, quoted, in a database of their own in memory.',
  },
  'store/pending-hours.ts': { expressions: ['sql'], because: 'One of two constants of the file.' },
  'store/read-only.ts': {
    expressions: [`folder.replaceAll("'", "''")`],
    because: 'SET takes no parameter: the path of the data directory is quoted.',
  },
  'store/status.ts': {
    expressions: ["iso('started_at')", "iso('ended_at')", "iso('max(max_event_time)')"],
    because: 'The same formatting of three columns.',
  },
};

/** `${…}` in the SQL of calls that run it; a call may begin with a connection, as `queryRows(connection, …)` does. */
function insertions(text: string): string[] {
  const calls =
    /(?:\.(?:run|runAndReadAll|runAndRead|stream|prepare|streamAndRead)|\bqueryRows(?:<[^`(]*>)?)\(\s*(?:[\w.#]+,\s*)?`((?:[^`\\]|\\.)*)`/g;
  return Array.from(text.matchAll(calls), ([, sql]) => sql!).flatMap((sql) =>
    Array.from(sql.matchAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g), ([, expression]) => expression!),
  );
}

describe('SQL', () => {
  it('is searched for insertions in every form of call', () => {
    const text = 'await connection.run(`drop ${a}`); queryRows<{ n: bigint }>(connection, `select ${b.c(`x`)}`);';
    expect(insertions(text)).toContain('a');
  });

  it('is built only from names and values of our own', () => {
    const found = shipped.flatMap((file) => {
      const known = ownText[file]?.expressions ?? [];
      return [...new Set(insertions(textOf(file)))]
        .filter((expression) => !known.includes(expression))
        .map((expression) => `${file}: ${expression}`);
    });
    expect(found).toEqual([]);
  });

  it('lists no file that puts nothing into SQL any more', () => {
    const building = shipped.filter((file) => insertions(textOf(file)).length > 0);
    expect(Object.keys(ownText).filter((file) => !building.includes(file))).toEqual([]);
  });
});
