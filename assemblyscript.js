/**
 * Compiles the AssemblyScript of the folders `wasm` for rolldown and for vitest, whose plugins are alike: an import of
 * `./wasm/NAME.wasm` gives the bytes of `wasm/NAME.ts` beside it, compiled.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** In a process of its own: the types of its API declare other globals than Node has. */
const compiler = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));
const options = ['--optimizeLevel', '3', '--noAssert', '--enable', 'simd', '--runtime', 'stub', '--outFile'];

/** Before the path of the source, so that nobody else takes what is imported for a file. */
const prefix = '\0assemblyscript:';

/** What was compiled, for several bundles that have it. @type {Map<string, string>} */
const compiled = new Map();

/** @param {string} file */
function compile(file) {
  const known = compiled.get(file);
  if (known !== undefined) return known;
  const module = execFileSync(process.execPath, [compiler, file, ...options]).toString('base64');
  compiled.set(file, module);
  return module;
}

/** @returns {import('rolldown').Plugin & { enforce: 'pre' }} */
export function assemblyscript() {
  return {
    name: 'assemblyscript',
    enforce: 'pre',
    resolveId: (id, importer) =>
      id.endsWith('.wasm') && importer !== undefined
        ? prefix + path.resolve(path.dirname(importer), id.replace(/wasm$/, 'ts'))
        : null,
    load(id) {
      if (!id.startsWith(prefix)) return null;
      return `export default Buffer.from('${compile(id.slice(prefix.length))}', 'base64');`;
    },
  };
}
