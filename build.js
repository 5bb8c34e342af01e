/**
 * What `npm run build` writes to dist/: few files where the sources and their packages have hundreds, for a command reads
 * all that it loads before it does anything. `node build.js bench` writes the benchmarks too.
 */
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
    'cli/bucketwatch': 'cli/bucketwatch.ts',
    'ingest/worker': 'ingest/worker.ts',
    'deploy/seed': 'deploy/seed.ts',
    'docs/write-docs': 'docs/write-docs.ts',
    'fixtures/generator/generate': 'fixtures/generator/generate.ts',
  },
  plugins: [assemblyscript(), licenses()],
  output: { dir: 'dist', chunkFileNames: 'chunks/[name]-[hash].js', cleanDir: true },
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

await build(product);
if (process.argv[2] === 'bench') await build(bench);
