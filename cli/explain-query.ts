/** What a query of the library answers, as text for people: its question, parameters, columns, an example and its SQL. */
import type { LibraryQuery } from '../queries/library.js';
import { recordLines, type LabelledValue } from './output/record-layout.js';
import type { Style } from './output/style.js';

export interface ExplanationOptions {
  /** Columns of the terminal; null does not wrap. */
  readonly width: number | null;
  readonly style: Style;
}

/** The whole explanation, with a line feed at its end. */
export function queryExplanation(query: LibraryQuery, options: ExplanationOptions): string {
  const { style } = options;
  const parameters = Object.entries(query.parameters).map(([name, { description, default: value }]) => ({
    label: name,
    value: { text: `${description} (default: ${JSON.stringify(value)})` },
  }));
  const columns = Object.entries(query.columns).map(([label, text]) => ({ label, value: { text } }));
  const parts = [
    `${style.bold(query.name)}: ${query.title}`,
    query.question,
    ...(query.note === undefined ? [] : [query.note]),
    ...labelled('Parameters', parameters, options),
    ...labelled('Columns', columns, options),
    `${style.bold('Example')}\n${exampleCommand(query)}`,
    `${style.bold('SQL')}\n${query.sql}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The command line of the query's example. */
export function exampleCommand({ name, example }: LibraryQuery): string {
  const given = Object.entries(example).map(([parameter, value]) => ` --param ${parameter}=${String(value)}`);
  return `bucketwatch query ${name}${given.join('')}`;
}

function labelled(title: string, values: readonly LabelledValue[], { width, style }: ExplanationOptions): string[] {
  if (values.length === 0) return [];
  return [[style.bold(title), ...recordLines(values, { width, dim: style.dim })].join('\n')];
}
