/**
 * Compiles the AssemblyScript of parsers/wasm/ for rolldown and for vitest, whose plugins are alike: an import of
 * `./wasm/NAME.wasm` gives the bytes of parsers/wasm/NAME.ts, compiled.
 */
import fs from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const options = ['--optimize', '--noAssert', '--optimizeLevel', '3', '--enable', 'simd', '--runtime', 'stub'];

/** @returns {import('rolldown').Plugin} */
export function assemblyscript() {
  return {
    name: 'assemblyscript',
    resolveId: (id, importer) =>
      id.endsWith('.wasm') && importer !== undefined ? path.resolve(path.dirname(importer), id) : null,
    async load(id) {
      if (!id.endsWith('.wasm')) return null;
      const source = id.replace(/wasm$/, 'ts');
      this.addWatchFile(source);
      const bytes = await compile(source);
      return `export default Buffer.from('${Buffer.from(bytes).toString('base64')}', 'base64');`;
    },
  };
}

/**
 * @param {string} file
 * @returns {Promise<Uint8Array>} a WebAssembly module
 */
async function compile(file) {
  /** @type {Uint8Array | undefined} */
  let compiled;
  const { error, stderr } = await asc.main([path.basename(file), '--outFile', 'out.wasm', ...options], {
    readFile: (name, folder) => {
      const wanted = path.resolve(path.dirname(file), folder ?? '', name);
      return fs.existsSync(wanted) ? fs.readFileSync(wanted, 'utf8') : null;
    },
    writeFile: (_name, contents) => {
      compiled = /** @type {Uint8Array} */ (contents);
    },
  });
  if (error !== null || compiled === undefined) throw new Error(`${file}: ${error?.message}\n${stderr.toString()}`);
  return compiled;
}
