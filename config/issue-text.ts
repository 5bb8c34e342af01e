/** Turns what zod found wrong into lines `file:line path: found; expected …`, with positions from the YAML document. */
import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';

/** A parsed file and what its errors call it. */
export interface ConfigDocument {
  readonly name: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Keys whose values may be secrets, or become one by mistake. */
const hiddenKeys = new Set<PropertyKey | undefined>(['url', 'url_env', 'secret_env', 'external_id', 'queue_url']);
const maxQuoted = 60;

/** One line a problem, in the order of the file. */
export function issueLines(issues: readonly Issue[], config: ConfigDocument): string[] {
  return issues
    .flatMap((issue) => problems(issue))
    .map((problem) => ({ ...problem, line: lineOf(problem.path, config) }))
    .sort((a, b) => a.line - b.line)
    .map(({ path, line, text }) => `${config.name}:${line} ${pathText(path)}: ${text}`);
}

interface Problem {
  readonly path: Path;
  readonly text: string;
}

function problems(issue: Issue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const texts = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: [...issue.path, key], text: texts[index]! }));
  }
  if (issue.code === 'invalid_key') return [{ path: issue.path, text: issue.issues[0]!.message }];
  if (issue.code === 'invalid_union') return [unionProblem(issue)];
  return [{ path: issue.path, text: found(issue.path, issue.input) + issue.message }];
}

/** A union names what it takes, unless the value came close to one branch: then that branch's own words help more. */
function unionProblem(issue: Extract<Issue, { code: 'invalid_union' }>): Problem {
  const input = issue.path.at(-1) === 'type' ? (issue.input as { type?: unknown } | undefined)?.type : issue.input;
  if (input === undefined) return { path: issue.path, text: issue.message.replace(/^.*?;/, 'is missing;') };
  const deepest = issue.errors.flat().find(({ path, message }) => path.length > 0 && message.includes('; expected '));
  if (deepest !== undefined) {
    const path = [...issue.path, ...deepest.path];
    return { path, text: found(path, deepest.input) + deepest.message };
  }
  return { path: issue.path, text: found(issue.path, input) + issue.message };
}

function found(path: Path, input: unknown): string {
  if (input === undefined || hiddenKeys.has(path.at(-1))) return '';
  if (input !== null && typeof input === 'object') return Array.isArray(input) ? 'a list ' : 'a mapping ';
  return `${quoted(input)} `;
}

/** The value as JSON on one line, short, with everything invisible or directional escaped. */
function quoted(value: unknown): string {
  const json = typeof value === 'number' ? String(value) : JSON.stringify(value);
  const short = json.length > maxQuoted ? `${json.slice(0, maxQuoted)}…` : json;
  return visible(short);
}

function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

function pathText(path: Path): string {
  if (path.length === 0) return '(whole file)';
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${keyText(String(part))}`));
  return parts.join('').replace(/^\./, '');
}

function keyText(key: string): string {
  return /^[\w*-]+$/.test(key) ? key : quoted(key);
}

/** The line of the value, of the key when the value is empty, or of the nearest thing around a missing key. */
function lineOf(path: Path, { document, lines }: ConfigDocument): number {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    const next = childOf(resolved(node, document), part);
    if (next === null) break;
    offset = next.offset;
    node = next.node;
  }
  return lines.linePos(offset).line;
}

function resolved(node: Node | null, document: Document.Parsed): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node;
}

function childOf(parent: Node | null, part: PropertyKey): { node: Node | null; offset: number } | null {
  if (isSeq(parent)) {
    const item = parent.items[Number(part)] as Node | undefined;
    return item?.range ? { node: item, offset: item.range[0] } : null;
  }
  if (!isMap(parent)) return null;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  const key = pair?.key as Node | undefined;
  return key?.range ? { node: (pair!.value as Node | null) ?? null, offset: key.range[0] } : null;
}
