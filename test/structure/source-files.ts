/** The source files of the repository, for tests of its shape. */
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../store/sql-files.js';

const notOurs = new Set(['node_modules', 'dist', '.git', 'coverage', 'bucketwatch-data', 'bench/data']);

/** Files with one of the endings, as paths from the root with slashes, sorted. */
export function filesEndingIn(...endings: readonly string[]): string[] {
  return walk('')
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .sort();
}

function walk(folder: string): string[] {
  return fs.readdirSync(path.join(packageRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(folder, entry.name);
    if (notOurs.has(name)) return [];
    if (entry.isDirectory()) return walk(name);
    return entry.isFile() ? [name] : [];
  });
}

/** The text of a file, by its path from the root. */
export function textOf(file: string): string {
  return fs.readFileSync(path.join(packageRoot, file), 'utf8');
}

/** The folder at the root that a file is in; '' for files of the root. */
export function stageOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}
