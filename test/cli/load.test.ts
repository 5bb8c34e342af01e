/** The loader of the bundle: the text decides what runs, whatever lies beside it. */
import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import Module from 'node:module';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../store/sql-files.js';
import { temporaryFolder } from '../temporary-folder.js';

interface Loader {
  load(file: string): unknown;
  saveBytecode(): void;
}

let folder: string;

beforeEach(() => {
  folder = temporaryFolder('load');
});

/** A loader that has loaded nothing yet, as that of a new process. */
async function newLoader(): Promise<Loader> {
  vi.resetModules();
  return import('../../cli/load.js');
}

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

function bytecodeFiles(): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => !name.endsWith('.cjs'))
    .map((name) => path.join(folder, name));
}

describe('a file of the bundle', () => {
  it('has what it requires of the bundle, of Node and of packages, and runs once', async () => {
    write('part.cjs', `exports.loads = (globalThis.loadsOfPart = (globalThis.loadsOfPart ?? 0) + 1);`);
    const main = write(
      'main.cjs',
      `exports.loads = require('./part.cjs').loads + require('./part.cjs').loads;
       exports.name = require('node:path').basename(__filename);`,
    );
    const loader = await newLoader();
    expect(loader.load(main)).toEqual({ loads: 2, name: 'main.cjs' });
    expect(loader.load(main)).toBe(loader.load(main));
  });

  it('does with its bytecode what it does without', async () => {
    const main = write('main.cjs', `exports.answer = [1, 2, 3].map((value) => value * 2);`);
    const first = await newLoader();
    first.load(main);
    first.saveBytecode();
    expect(bytecodeFiles()).toEqual([`${main}.${process.version}-${process.arch}`]);
    const second = await newLoader();
    expect(second.load(main)).toEqual({ answer: [2, 4, 6] });
  });

  it('is what its text says when the bytecode is that of another text of the same length', async () => {
    const main = write('main.cjs', `exports.answer = 'old';`);
    const before = await newLoader();
    before.load(main);
    before.saveBytecode();
    write('main.cjs', `exports.answer = 'new';`);
    const after = await newLoader();
    expect(after.load(main)).toEqual({ answer: 'new' });
  });

  it.each([
    [
      'damaged',
      (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index === bytes.length - 9 ? ~byte : byte))),
    ],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['empty', () => Buffer.alloc(0)],
  ])('runs when its bytecode is %s', async (_how, spoil) => {
    const main = write('main.cjs', `exports.answer = [1, 2, 3].map((value) => value * 2);`);
    const before = await newLoader();
    before.load(main);
    before.saveBytecode();
    for (const file of bytecodeFiles()) fs.writeFileSync(file, spoil(fs.readFileSync(file)));
    const after = await newLoader();
    expect(after.load(main)).toEqual({ answer: [2, 4, 6] });
  });
});

describe('the bundle', () => {
  const bundle = path.join(packageRoot, 'dist/bundle');
  const files = fs.readdirSync(bundle).filter((name) => name.endsWith('.cjs'));

  it.each(files)('has bytecode of this Node for %s', (name) => {
    const file = path.join(bundle, name);
    const bytecode = fs.readFileSync(`${file}.${process.version}-${process.arch}`).subarray(8);
    const script = new vm.Script(Module.wrap(fs.readFileSync(file, 'utf8')), { filename: file, cachedData: bytecode });
    expect(script.cachedDataRejected).toBe(false);
  });

  it('has no import() that is left, which a script with bytecode cannot run', () => {
    const importing = files.filter((name) =>
      /^(?!\s*\*).*[^.\w]import\(/m.test(fs.readFileSync(path.join(bundle, name), 'utf8')),
    );
    expect(importing).toEqual([]);
  });
});
