/**
 * What `npm run build` writes to dist/: few files where the sources and their packages have hundreds, for a command reads
 * all that it loads before it does anything. `node build.js bench` writes the benchmarks too.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';
import { assemblyscript } from './assemblyscript.js';

/** @type {import('rolldown').BuildOptions} */
const common = {
  platform: 'node',
  // Large packages that few commands load, and the one with a binary, stay where npm put them.
  external: [/^@aws-sdk\//, /^@smithy\//, '@duckdb/node-bindings', 'apache-arrow', 'fauxqs', 'maxmind'],
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
};

/** @type {import('rolldown').BuildOptions} */
const product = {
  ...common,
  input: {
    load: 'cli/load.ts',
    'bundle/bucketwatch': 'cli/bucketwatch.ts',
    'bundle/worker': 'ingest/worker.ts',
  },
  plugins: [assemblyscript(), licenses(), entries()],
  output: {
    dir: 'dist',
    format: 'cjs',
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: 'bundle/[name]-[hash].cjs',
    cleanDir: true,
  },
};

/** Programs that are started seldom. @type {import('rolldown').BuildOptions} */
const tools = {
  ...common,
  input: {
    'deploy/seed': 'deploy/seed.ts',
    'docs/write-docs': 'docs/write-docs.ts',
    'fixtures/generator/generate': 'fixtures/generator/generate.ts',
  },
  plugins: [assemblyscript()],
  output: { dir: 'dist', chunkFileNames: 'chunks/[name]-[hash].js' },
};

/** @type {import('rolldown').BuildOptions} */
const bench = {
  ...common,
  input: {
    run: 'bench/run.ts',
    rival: 'bench/rival.ts',
    's3-server': 'bench/s3-server.ts',
    'quality/run': 'bench/quality/run.ts',
  },
  plugins: [assemblyscript()],
  output: { dir: 'dist/bench', chunkFileNames: 'chunks/[name]-[hash].js' },
};

/**
 * The licences of the packages whose code is in the bundle, which are the condition for copying it.
 * @returns {import('rolldown').Plugin}
 */
function licenses() {
  return {
    name: 'licenses',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
      const folders = modules.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []);
      const texts = [...new Set(folders)].sort().map((folder) => {
        const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
        const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
        const text = file === undefined ? '' : fs.readFileSync(path.join(folder, file), 'utf8').trim();
        return `${name} ${version}: ${license}\n\n${text}\n`;
      });
      this.emitFile({ type: 'asset', fileName: 'licenses.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
    },
  };
}

/**
 * What is started: a process and a thread, which load their part of the bundle by cli/load.ts.
 * @returns {import('rolldown').Plugin}
 */
function entries() {
  const program = `#!/usr/bin/env node
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
const { load } = createRequire(import.meta.url)('../load.cjs');
await load(fileURLToPath(new URL('../bundle/bucketwatch.cjs', import.meta.url))).main();
`;
  const worker = `require('../load.cjs').load(require.resolve('../bundle/worker.cjs'));\n`;
  return {
    name: 'entries',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'cli/bucketwatch.js', source: program });
      this.emitFile({ type: 'asset', fileName: 'ingest/worker.cjs', source: worker });
    },
  };
}

/** Has all of the bundle loaded, in a process and what threads load in a thread, and the bytecode kept that V8 made of it. */
function saveBytecode() {
  const folder = path.resolve('dist/bundle');
  const files = fs.readdirSync(folder).map((file) => path.join(folder, file));
  const worker = path.join(folder, 'worker.cjs');
  const inThread = `${loading([worker])} process.exit();`;
  const script = `${loading(files.filter((file) => file !== worker))}
    new (require('node:worker_threads').Worker)(${JSON.stringify(inThread)}, { eval: true });`;
  execFileSync(process.execPath, ['-e', script]);
}

/** @param {string[]} files */
function loading(files) {
  return `const { load, saveBytecode } = require(${JSON.stringify(path.resolve('dist/load.cjs'))});
    for (const file of ${JSON.stringify(files)}) load(file);
    saveBytecode();`;
}

await build(product);
await build(tools);
saveBytecode();
if (process.argv[2] === 'bench') await build(bench);
