/**
 * Reads a detector file: a YAML header in a comment whose first and last line carry `---`, then one query. Everything wrong
 * is said at once, with the line of the file.
 */
import { basename, dirname } from 'node:path/posix';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { issueLines, type ConfigDocument } from '../../config/issue-text.js';
import type { Detector } from './detector.js';
import { headerSchema } from './header-schema.js';
import { queryProblems } from './query-problems.js';

/** Either a usable detector or all of its problems, `path:line where: what; expected what` each. */
export type ParsedDetector = { readonly detector: Detector } | { readonly problems: readonly string[] };

/** Anchors in earnest are few; a file that expands into gigabytes has thousands. */
const maxAliases = 100;
const opening = '/*---';
const closing = '---*/';

type Header = z.output<typeof headerSchema>;

/**
 * Parses the text of a detector file. `path` is what messages call the file, with `/`; its last two parts must be
 * `<family>/<id>.sql`. Never throws.
 */
export function parseDetector(text: string, path: string): ParsedDetector {
  const parts = splitFile(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  if (parts === null)
    return {
      problems: [`${path}:1 (header): not found; expected a first line ${opening} and later a line ${closing}`],
    };
  const header = readHeader(parts.header, path);
  if ('problems' in header) return header;
  const { value } = header;
  const problems = [...nameProblems(value, path), ...bodyProblems(value, parts, path)];
  return problems.length > 0 ? { problems } : { detector: { ...value, query: parts.query, path } };
}

interface FileParts {
  /** With an empty first line, so that its line numbers are those of the file. */
  readonly header: string;
  readonly query: string;
  /** Line of the file on which the query starts, counted from 1. */
  readonly queryLine: number;
}

function splitFile(text: string): FileParts | null {
  const lines = text.split('\n');
  const end = lines.findIndex((line) => line.trimEnd() === closing);
  if (lines[0]?.trimEnd() !== opening || end < 0) return null;
  const after = lines.slice(end + 1);
  const blank = after.findIndex((line) => line.trim() !== '');
  const start = blank < 0 ? 0 : blank;
  return {
    header: `\n${lines.slice(1, end).join('\n')}\n`,
    query: `${after.slice(start).join('\n').trimEnd()}\n`,
    queryLine: end + 2 + start,
  };
}

function readHeader(text: string, name: string): { readonly value: Header } | { readonly problems: string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    return {
      problems: faults.map(
        ({ pos, message }) => `${name}:${lines.linePos(pos[0]).line} (yaml): ${sentence(message)}; expected valid YAML`,
      ),
    };
  const plain = plainValue({ name, document, lines });
  if ('problems' in plain) return plain;
  const result = headerSchema.safeParse(plain.value ?? {}, { reportInput: true });
  if (!result.success) return { problems: issueLines(result.error.issues, { name, document, lines }) };
  return { value: result.data };
}

function plainValue({ document, name }: ConfigDocument): { readonly value: unknown } | { readonly problems: string[] } {
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) as unknown };
  } catch (error) {
    return {
      problems: [`${name}:2 (yaml): ${sentence((error as Error).message)}; expected at most ${maxAliases} aliases`],
    };
  }
}

function sentence(message: string): string {
  return (message[0]?.toLowerCase() + message.slice(1)).replace(/\p{C}+/gu, ' ');
}

function nameProblems({ id, family }: Header, path: string): string[] {
  const file = basename(path, '.sql');
  const folder = basename(dirname(path));
  const problems: string[] = [];
  if (id !== file) problems.push(`${path}:2 id: ${id} is not the name of the file; expected ${file}`);
  if (family !== folder) problems.push(`${path}:2 family: ${family} is not the name of the folder; expected ${folder}`);
  return problems;
}

function bodyProblems({ params }: Header, { query, queryLine }: FileParts, path: string): string[] {
  const declared = params.map(({ name }) => name);
  return queryProblems(query, declared).map(
    ({ offset, text }) => `${path}:${queryLine + lineBreaks(query.slice(0, offset))} query: ${text}`,
  );
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1;
}
