/**
 * Loads the files of the bundle with the bytecode that the build has put beside them (build.js), so that a process need not
 * compile what it starts with. They are CommonJS, of which alone Node 20 takes bytecode. Bytecode of another Node or of another text, or none, is no error: V8 compiles the text then.
 */
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import zlib from 'node:zlib';

type Body = (
  exports: unknown,
  require: (id: string) => unknown,
  module: { exports: unknown },
  file: string,
  folder: string,
) => void;

interface Loaded {
  readonly module: { exports: unknown };
  readonly text: Buffer;
  readonly script: vm.Script;
}

const loaded = new Map<string, Loaded>();

/** Before the bytecode: the checksums of the text and of the bytecode, which V8 does not look at. */
const checksumBytes = 8;

/** Runs a file of the bundle, once, and answers what it exports. What it requires of the bundle is loaded in the same way. */
export function load(file: string): unknown {
  const known = loaded.get(file);
  if (known !== undefined) return known.module.exports;
  const text = fs.readFileSync(file);
  const script = new vm.Script(Module.wrap(text.toString()), {
    filename: file,
    cachedData: bytecodeOf(file, text),
  });
  const module = { exports: {} };
  loaded.set(file, { module, text, script });
  const folder = path.dirname(file);
  const require = createRequire(file);
  const requireOfFile = (id: string): unknown => (id.startsWith('.') ? load(path.resolve(folder, id)) : require(id));
  (script.runInThisContext() as Body)(module.exports, requireOfFile, module, file, folder);
  return module.exports;
}

/** Puts the bytecode of everything that was loaded beside it. */
export function saveBytecode(): void {
  for (const [file, { text, script }] of loaded) {
    const bytecode = script.createCachedData();
    fs.writeFileSync(bytecodeFile(file), Buffer.concat([checksums(text, bytecode), bytecode]));
  }
}

/** The bytecode of a text, unless it is missing, damaged, or that of another text. */
function bytecodeOf(file: string, text: Buffer): Buffer | undefined {
  try {
    const saved = fs.readFileSync(bytecodeFile(file));
    const bytecode = saved.subarray(checksumBytes);
    return checksums(text, bytecode).equals(saved.subarray(0, checksumBytes)) ? bytecode : undefined;
  } catch {
    return undefined;
  }
}

function checksums(text: Buffer, bytecode: Buffer): Buffer {
  const both = Buffer.alloc(checksumBytes);
  both.writeUInt32LE(zlib.crc32(text));
  both.writeUInt32LE(zlib.crc32(bytecode), 4);
  return both;
}

/** V8 refuses bytecode of another version, but not that of another processor. */
function bytecodeFile(file: string): string {
  return `${file}.${process.version}-${process.arch}`;
}
