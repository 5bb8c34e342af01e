/** The investigation library: every `<name>.sql` of this folder, with a header that says what it answers. */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../store/sql-files.js';
import { publicViews } from '../store/view-columns.js';
import { usualColumns } from './usual-columns.js';

/** The groups of the library, in the order in which they are listed, with the question that each answers. */
export const queryGroups = {
  activity: 'Who did what',
  novelty: 'First seen, last seen, new',
  volume: 'How much, and when',
  errors: 'What failed',
  exposure: 'Who from outside',
  deletion: 'What was deleted or overwritten',
  channel: 'Over which channel',
  encryption: 'Encrypted with what',
  configuration: 'What was changed',
  coverage: 'What the logs cover',
  cost: 'What it costs',
} as const;

/** One key of `queryGroups`. */
export type QueryGroup = keyof typeof queryGroups;

const value = z.union([z.string(), z.number()]);

const headerSchema = z.strictObject({
  title: z.string(),
  question: z.string(),
  group: z.enum(Object.keys(queryGroups) as [QueryGroup, ...QueryGroup[]]),
  /** What the answer does not say, in sentences. */
  note: z.string().optional(),
  parameters: z.record(z.string(), z.strictObject({ description: z.string(), default: value })).default({}),
  /** A sentence a column; null stands for what the name means in the whole library, or in s3_events. */
  columns: z.record(z.string(), z.string().nullable()),
  /** Values with which the query finds something in the bundled demonstration; those left out are the defaults. */
  example: z.record(z.string(), value).default({}),
});

type Header = z.output<typeof headerSchema>;

/** A query of the library. `sql` takes its parameters as `$name`; every one has a default. */
export interface LibraryQuery extends Omit<Header, 'columns'> {
  readonly name: string;
  readonly sql: string;
  /** What each column of the answer means, in its order. */
  readonly columns: Readonly<Record<string, string>>;
}

const folder = path.join(packageRoot, 'queries');

/** One query; null when there is none of that name. Reading them all takes a fifth of a second, reading one next to nothing. */
export function loadQuery(name: string): LibraryQuery | null {
  const file = path.join(folder, `${name}.sql`);
  return /^[a-z0-9-]+$/.test(name) && fs.existsSync(file) ? parseQuery(name, fs.readFileSync(file, 'utf8')) : null;
}

/** All queries, by name. Throws when a file of the package is malformed, which its test prevents. */
export function loadLibrary(): LibraryQuery[] {
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => parseQuery(path.basename(file, '.sql'), fs.readFileSync(path.join(folder, file), 'utf8')));
}

function parseQuery(name: string, text: string): LibraryQuery {
  const [, header, sql] = /^\/\*---\n(.*?)\n---\*\/\n(.*)$/s.exec(text) ?? [];
  if (header === undefined || sql === undefined) throw new Error(`queries/${name}.sql has no /*--- header ---*/`);
  const { columns, ...facts } = headerSchema.parse(parse(header));
  return { name, sql: sql.trim().replace(/;$/, ''), ...facts, columns: describedColumns(name, columns) };
}

function describedColumns(name: string, columns: Header['columns']): Record<string, string> {
  const described = Object.entries(columns).map(([column, sentence]) => {
    const text = sentence ?? usualColumns[column] ?? publicViews.s3_events.columns[column];
    if (text === undefined) throw new Error(`queries/${name}.sql: column ${column} has no description`);
    return [column, text] as const;
  });
  return Object.fromEntries(described);
}
