/** What documentation and help show is run as it stands there, on the logs of the bundled demonstration. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCommands, helpText } from '../../docs/cli-page.js';
import { loadLibrary } from '../../queries/library.js';
import { queryRows, type Database } from '../../store/duckdb.js';
import { checkReadsOnly, lockDown } from '../../store/read-only.js';
import { packageRoot } from '../../store/sql-files.js';
import { askLake, ingestLogs, openLake, temporaryFolder } from '../lake.js';
import { fencedBlocks, helpExamples, ourCommands } from './blocks.js';
import { ReaderMachine } from './reader-machine.js';

/** `npm start` is what package.json says, without the install and the build that went before this test. */
const startScript = (
  JSON.parse(fs.readFileSync(path.join(packageRoot, 'package.json'), 'utf8')) as { scripts: { start: string } }
).scripts.start
  .replace('npm run --silent build && ', '')
  .replace('node dist/cli/bucketwatch.js', 'bucketwatch');

/** What stands in documentation for something of the reader's; `finding` is an id of the demonstration. */
const substitutions: readonly (readonly [shown: RegExp, run: (finding: string) => string])[] = [
  [/\b3f9c21ab\b/g, (finding) => finding],
  [/^(npm ci && )?npm start\b/, () => startScript],
  [/^npx (?=bucketwatch\b)/, () => ''],
];

/** What must have happened before an example makes sense. */
const preparations: readonly (readonly [example: RegExp, before: string])[] = [
  [/^bucketwatch init$/, 'rm bucketwatch.yaml'],
  [/^bucketwatch findings reopen /, 'bucketwatch findings close 3f9c21ab'],
  [/^bucketwatch detectors test \.\/detectors$/, 'cp -r fixtures/own-detectors detectors'],
];

/** Exit codes that are no failure. */
const documentedExitCodes: readonly (readonly [example: RegExp, exitCode: number])[] = [[/--fail-on/, 10]];

const documents = ['README.md', ...fs.readdirSync(path.join(packageRoot, 'docs')).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md') && fs.existsSync(path.join(packageRoot, file)),
);
const textOf = (file: string): string => fs.readFileSync(path.join(packageRoot, file), 'utf8');

const shown: readonly (readonly [where: string, command: string])[] = unique([
  ...documents.flatMap((file) =>
    fencedBlocks(textOf(file), 'sh').flatMap((shell) => ourCommands(shell).map((command) => [file, command] as const)),
  ),
  ...allCommands().flatMap(({ name, command }) =>
    ourCommands(helpExamples(helpText(command)).join('\n')).map((example) => [`${name} --help`, example] as const),
  ),
]);

function unique<Example extends readonly [string, string]>(examples: readonly Example[]): Example[] {
  return [...new Map(examples.toReversed().map((example) => [example[1], example])).values()].toReversed();
}

let machine: ReaderMachine;
let finding: string;

beforeAll(async () => {
  machine = new ReaderMachine();
  const [row] = await askLake<{ id: string }>(
    machine.dataDir,
    "select id from findings where state = 'open' order by id limit 1",
  );
  finding = row!.id.slice(0, 10);
});

function runnable(command: string): string {
  return substitutions.reduce((text, [pattern, run]) => text.replace(pattern, run(finding)), command);
}

describe('a command that is shown', () => {
  it.each(shown)('in %s works: %s', async (_, command) => {
    const before = preparations.filter(([example]) => example.test(command)).map(([, text]) => `${text} && `);
    const { exitCode, stderr } = await machine.run(runnable(before.join('') + command));
    const allowed = documentedExitCodes.filter(([example]) => example.test(command)).map(([, code]) => code);
    expect(stderr).not.toMatch(/^error/m);
    expect([0, ...allowed]).toContain(exitCode);
  });
});

const queries = documents.flatMap((file) =>
  fencedBlocks(textOf(file), 'sql').map((sql, index) => [file, index + 1, sql] as const),
);
const library = loadLibrary().map((query) => [query.name, query] as const);

/** Questions whose answer is that there is nothing, on every healthy machine. */
const mayFindNothing = /where status in \('partly', 'interrupted'\)|\bfrom (?:trail_digests|integrity_problems)\b/;

/** Library queries about what the demonstration does not hold; test/queries has rows for them. */
const findsNothing = ['kms-keys', 'kms-throttling', 'rejects', 'server-errors', 'sse-c-use', 'versions-deleted'];

describe('SQL that is shown', () => {
  let demonstration: Database;
  let hostile: Database;

  beforeAll(async () => {
    const hostileDir = temporaryFolder('hostile');
    await ingestLogs(path.join(packageRoot, 'fixtures/logs'), hostileDir);
    hostile = await openAsReader(hostileDir);
    demonstration = await openAsReader(machine.dataDir);
  });
  afterAll(() => {
    hostile.close();
    demonstration.close();
  });

  it.each(queries)('in %s, block %i, finds something in the demonstration or in hostile logs', async (_, __, sql) => {
    const rows = [...(await ask(demonstration, sql)), ...(await ask(hostile, sql))];
    expect(rows.length > 0 || mayFindNothing.test(sql)).toBe(true);
  });

  it.each(library)('in the library as %s runs on hostile logs', async (_, { sql, parameters }) => {
    const defaults = Object.entries(parameters).map(([name, parameter]) => [name, parameter.default] as const);
    await expect(ask(hostile, sql, Object.fromEntries(defaults))).resolves.toBeInstanceOf(Array);
  });

  it.each(library.filter(([name]) => !findsNothing.includes(name)))(
    'in the library as %s finds something in the demonstration by its example',
    async (_, { sql, parameters, example }) => {
      const defaults = Object.entries(parameters).map(([name, parameter]) => [name, parameter.default] as const);
      const rows = await ask(demonstration, sql, { ...Object.fromEntries(defaults), ...example });
      expect(rows.length).toBeGreaterThan(0);
    },
  );
});

/** A lake as `bucketwatch query` opens it: without other files and the network. */
async function openAsReader(dataDir: string): Promise<Database> {
  const lake = await openLake(dataDir);
  await lockDown(lake.connection, dataDir);
  return lake;
}

async function ask(
  { connection }: Database,
  sql: string,
  values: Record<string, string | number> = {},
): Promise<unknown[]> {
  await checkReadsOnly(connection, sql);
  return queryRows(connection, sql, values);
}
