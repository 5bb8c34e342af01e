/** Data flows one way, and so do imports; `import type` obeys too (docs/adr/0001-order-of-the-folders.md). */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesEndingIn, stageOf, textOf } from './source-files.js';

const everything = [
  'parsers',
  'config',
  'aws',
  'store',
  'ingest',
  'detectors',
  'alerts',
  'queries',
  'reports',
  'cli',
] as const;

/** What a folder may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  parsers: [],
  parquet: ['parsers'],
  config: [],
  aws: ['config'],
  store: ['parsers', 'parquet', 'config'],
  ingest: ['parsers', 'config', 'aws', 'store'],
  detectors: ['store', 'config'],
  alerts: ['detectors', 'store', 'aws', 'config'],
  queries: ['store', 'config'],
  reports: ['queries', 'alerts', 'store', 'config'],
  // `detectors test` runs the cases of users with what runs ours.
  cli: [...everything, 'fixtures'],
  deploy: ['aws', 'store'],
  // Nothing imports these three; only they import what tests and benchmarks are made of.
  docs: [...everything, 'fixtures'],
  test: [...everything, 'docs', 'bench', 'fixtures'],
  bench: [...everything, 'fixtures'],
  fixtures: everything,
};

/** Folders of no stage; files of the root, such as vitest.config.ts, import nothing of ours. */
const sources = filesEndingIn('.ts', '.mts', '.mjs', '.js').filter((file) => stageOf(file) !== '');

const importPattern = /(?:\bfrom\s*|\bimport\s*\(\s*|^\s*import\s+|\bnew URL\(\s*)'(\.{1,2}\/[^']+)'/gm;

/** Files of the repository that a file imports, of every form of import. */
function importsOf(file: string): string[] {
  const folder = path.posix.dirname(file);
  return Array.from(textOf(file).matchAll(importPattern), ([, target]) => path.posix.join(folder, target!));
}

describe('imports', () => {
  it('are found in every form', () => {
    const text =
      "import a from './a.js';\nimport type { B } from '../b.js';\nimport './c.js';\nawait import('./d.js');";
    const forms = Array.from(
      `${text}\nexport * from './e.js';\nnew URL('./f.js', import.meta.url);`.matchAll(importPattern),
    );
    expect(forms.map(([, target]) => target)).toEqual(['./a.js', '../b.js', './c.js', './d.js', './e.js', './f.js']);
  });

  it('are known for every folder that holds code', () => {
    const unknown = new Set(sources.map(stageOf).filter((stage) => !(stage in allowed)));
    expect([...unknown]).toEqual([]);
  });

  it.each(Object.keys(allowed))('of %s go only where the table lets them', (stage) => {
    const files = sources.filter((file) => stageOf(file) === stage);
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => stageOf(target) !== stage && !allowed[stage]!.includes(stageOf(target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('reach other packages only where package.json names them', () => {
    const wrong = sources.flatMap((file) =>
      packagesOf(file)
        .filter((name) => !(isShipped(file) ? dependencies : [...dependencies, ...devDependencies]).includes(name))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('reach every package that the product depends on', () => {
    // The bundle has the code of @duckdb/node-api, and imports this for it.
    const used = new Set([...sources.filter(isShipped).flatMap(packagesOf), '@duckdb/node-bindings']);
    expect(dependencies.filter((name) => !used.has(name))).toEqual([]);
  });
});

const manifest = JSON.parse(textOf('package.json')) as Record<'dependencies' | 'devDependencies', object>;
const dependencies = Object.keys(manifest.dependencies);
const devDependencies = Object.keys(manifest.devDependencies);

/** True for what users install; fixtures and docs run on the machines of developers only. */
function isShipped(file: string): boolean {
  return !['test', 'bench', 'fixtures', 'docs'].includes(stageOf(file));
}

/** Names of packages that a file imports; those of Node begin with `node:`. */
function packagesOf(file: string): string[] {
  const bare = /(?:^import\b[^'\n]*?|^\} from\s*|^export\b[^'\n]*? from\s*|\bimport\s*\(\s*)'([^'.#][^']*)'/gm;
  return Array.from(textOf(file).matchAll(bare), ([, name]) => name!)
    .filter((name) => !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
}
