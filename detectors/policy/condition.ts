/**
 * The Condition element of a statement, made uniform: one operator, one key (lower case, as AWS compares keys), its
 * values. Operators: AWS "IAM JSON policy elements: Condition operators", IAM User Guide.
 */
import { isLoggedObject, listed, texts, type LoggedObject } from './logged-shapes.js';

/** How values are compared. `other` are numbers, dates and binaries; of `unknown` nothing is concluded. */
export type Comparison = 'equals' | 'equals-ignore-case' | 'like' | 'address' | 'bool' | 'null' | 'other' | 'unknown';

export interface Condition {
  readonly comparison: Comparison;
  readonly isNegated: boolean;
  /** `…IfExists`: true when the key is absent. */
  readonly isIfExists: boolean;
  /** `ForAllValues:` is true and `ForAnyValue:` false when the key is absent; both ignore IfExists. */
  readonly quantifier: 'all' | 'any' | null;
  readonly key: string;
  readonly values: readonly string[];
  /** Operator, key and values as they were written, for people. */
  readonly written: string;
}

/** Operators without Not, IfExists and quantifier. ArnEquals and ArnLike are the same and take wildcards. */
const comparisons = new Map<string, Comparison>([
  ['stringequals', 'equals'],
  ['stringequalsignorecase', 'equals-ignore-case'],
  ['stringlike', 'like'],
  ['arnequals', 'like'],
  ['arnlike', 'like'],
  ['ipaddress', 'address'],
  ['bool', 'bool'],
  ['null', 'null'],
]);

/** The conditions of a statement, all of which must hold; null when the element is neither absent nor an object of objects. */
export function parseConditions(element: unknown): readonly Condition[] | null {
  const conditions: Condition[] = [];
  for (const block of listed(element)) {
    if (block === '') continue; // how an empty XML or JSON element is logged
    if (!isLoggedObject(block)) return null;
    const parsed = blockConditions(block);
    if (parsed === null) return null;
    conditions.push(...parsed);
  }
  return conditions;
}

function blockConditions(block: LoggedObject): Condition[] | null {
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(block)) {
    if (!isLoggedObject(keys)) return null;
    for (const [key, values] of Object.entries(keys)) conditions.push(parseCondition(operator, key, texts(values)));
  }
  return conditions;
}

function parseCondition(operator: string, writtenKey: string, writtenValues: readonly string[]): Condition {
  const [, quantifier, name, ifExists] =
    /^(?:for(all|any)values?:)?(.*?)(ifexists)?$/.exec(operator.trim().toLowerCase()) ?? [];
  const positive = (name ?? '').replace('not', '');
  return {
    comparison: comparisons.get(positive) ?? (/^(numeric|date|binary)/.test(positive) ? 'other' : 'unknown'),
    isNegated: positive !== name,
    isIfExists: ifExists !== undefined,
    quantifier: quantifier === 'all' || quantifier === 'any' ? quantifier : null,
    ...mirrored(writtenKey.trim().toLowerCase(), writtenValues),
    written: `${operator} ${writtenKey} ${writtenValues.join(', ')}`.trim(),
  };
}

/** Which key and value `aws:ResourceX = ${aws:PrincipalX}` is when it is read from the other side. */
const mirrors = new Map([
  ['aws:resourceaccount ${aws:principalaccount}', ['aws:principalaccount', '${aws:ResourceAccount}']],
  ['aws:resourceorgid ${aws:principalorgid}', ['aws:principalorgid', '${aws:ResourceOrgID}']],
  ['aws:resourceorgpaths ${aws:principalorgpaths}', ['aws:principalorgpaths', '${aws:ResourceOrgPaths}']],
]);

/** Turns a comparison of the resource with the caller into the same comparison of the caller with the resource. */
function mirrored(key: string, values: readonly string[]): { key: string; values: readonly string[] } {
  const mirror = values.length === 1 ? mirrors.get(`${key} ${values[0]!.toLowerCase()}`) : undefined;
  return mirror === undefined ? { key, values } : { key: mirror[0]!, values: [mirror[1]!] };
}
