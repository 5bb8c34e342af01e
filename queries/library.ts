/** The investigation library: every `<name>.sql` of this folder, with a header that says what it answers. */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../store/sql-files.js';

const headerSchema = z.strictObject({
  title: z.string(),
  question: z.string(),
  parameters: z
    .record(z.string(), z.strictObject({ description: z.string(), default: z.union([z.string(), z.number()]) }))
    .default({}),
});

/** A query of the library. `sql` takes its parameters as `$name`; every one has a default. */
export interface LibraryQuery extends z.output<typeof headerSchema> {
  readonly name: string;
  readonly sql: string;
}

/** All queries, by name. Throws when a file of the package is malformed, which its test prevents. */
export function loadLibrary(): LibraryQuery[] {
  const folder = path.join(packageRoot, 'queries');
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseQuery(path.basename(file, '.sql'), fs.readFileSync(path.join(folder, file), 'utf8')));
}

function parseQuery(name: string, text: string): LibraryQuery {
  const [, header, sql] = /^\/\*---\n(.*?)\n---\*\/\n(.*)$/s.exec(text) ?? [];
  if (header === undefined || sql === undefined) throw new Error(`queries/${name}.sql has no /*--- header ---*/`);
  return { name, sql: sql.trim().replace(/;$/, ''), ...headerSchema.parse(parse(header)) };
}
