/** Local files, folders and globs. A file is read again when its size or modification time changes. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../config/app-error.js';
import type { ObjectBody, Source, SourceObject } from '../source.js';

/** A source of the files under a path: a file, a folder with everything in it, or a pattern with `*`, `**` and `?`. */
export function localSource(pattern: string): Source {
  return { kind: 'local', list: () => listFiles(pattern) };
}

export function openLocalObject({ uri }: SourceObject, offset: number): ObjectBody {
  const file = fs.openSync(uri, 'r');
  let position = offset;
  const read = (into: Uint8Array): number => {
    const length = fs.readSync(file, into, 0, into.length, position);
    position += length;
    return length;
  };
  return { read, close: () => fs.closeSync(file) };
}

function* listFiles(pattern: string): Generator<SourceObject> {
  const root = path.resolve(pattern);
  const stats = fs.statSync(root, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) yield* listFolder(root);
  else if (stats !== undefined) yield fileObject(root, stats);
  else if (/[*?]/.test(pattern)) yield* listGlob(root);
  else
    throw new AppError(
      'source-unreachable',
      `${pattern}: no such file or folder; expected a path, or a pattern with * in quotes`,
    );
}

/** Sorted, so that objects of one day are read together. Links are followed to files and not to folders: no loops. */
function* listFolder(folder: string): Generator<SourceObject> {
  for (const entry of readFolder(folder)) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* listFolder(file);
    else {
      const stats = fs.statSync(file, { throwIfNoEntry: false });
      if (stats?.isFile() === true) yield fileObject(file, stats);
    }
  }
}

function readFolder(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new AppError('source-forbidden', `${folder}: ${found}; expected a folder that can be listed`, {
      cause: error,
    });
  }
}

/** The deepest folder without a wildcard is walked, and its files are matched. */
function* listGlob(pattern: string): Generator<SourceObject> {
  const parts = pattern.split(path.sep);
  const folder =
    parts
      .slice(
        0,
        parts.findIndex((part) => /[*?]/.test(part)),
      )
      .join(path.sep) || path.sep;
  if (!fs.existsSync(folder))
    throw new AppError(
      'source-unreachable',
      `${folder}: no such folder; expected one that holds files matching ${pattern}`,
    );
  const matches = globPattern(pattern);
  let found = false;
  for (const object of listFolder(folder)) {
    if (!matches.test(object.uri)) continue;
    found = true;
    yield object;
  }
  if (!found) throw new AppError('source-unreachable', `${pattern}: matches no file`);
}

function fileObject(file: string, stats: fs.Stats): SourceObject {
  return { kind: 'local', uri: file, etag: `${stats.size}-${Math.round(stats.mtimeMs * 1000)}`, size: stats.size };
}

/** `*` and `?` stay inside a folder, `**` does not. */
function globPattern(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*|\?)/).map((part) => {
    if (part.startsWith('**')) return part === '**' ? '.*' : '(?:.*/)?';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}
