/**
 * Whether a caller meets conditions: surely, never, or perhaps. An Allow counts when it can be met, a Deny only when it cannot
 * be avoided; what is not known therefore leaves a grant standing.
 */
import type { Caller, Held, ValueForm } from './caller.js';
import { reachOfAddresses } from './address-values.js';
import type { Condition } from './condition.js';
import { subjectOf } from './condition-keys.js';
import { hasWildcard, matchesPattern } from './policy-pattern.js';

/** How far a condition value reaches into what a caller may have. */
export type Reach = 'always' | 'maybe' | 'never';

/** Whether the caller can bring about a request that meets all conditions. */
export function canMeet(conditions: readonly Condition[], caller: Caller): boolean {
  return byKey(conditions).every(([key, group]) =>
    statesOf(key, caller).some((held) => group.every((one) => reach(one, held) !== 'never')),
  );
}

/** Whether every request of the caller meets all conditions. */
export function mustMeet(conditions: readonly Condition[], caller: Caller): boolean {
  return byKey(conditions).every(([key, group]) =>
    statesOf(key, caller).every((held) => group.every((one) => reach(one, held) === 'always')),
  );
}

/** Conditions on one key are judged together, so that a key is not present for one of them and absent for another. */
function byKey(conditions: readonly Condition[]): [string, Condition[]][] {
  const groups = new Map<string, Condition[]>();
  for (const condition of conditions) groups.set(condition.key, [...(groups.get(condition.key) ?? []), condition]);
  return [...groups];
}

function statesOf(key: string, caller: Caller): readonly Held[] {
  return caller.holds[subjectOf(key)] ?? [{ state: 'chosen' }];
}

function reach(condition: Condition, held: Held): Reach {
  if (condition.comparison === 'unknown') return 'maybe';
  if (condition.comparison === 'null') return reachOfNull(condition, held);
  if (held.state === 'absent') return reachOfAbsent(condition);
  if (held.state === 'chosen' || condition.comparison === 'other') return 'maybe';
  const positive = reachOfValues(condition, held);
  if (!condition.isNegated || positive === 'maybe') return positive;
  return positive === 'always' ? 'never' : 'always';
}

function reachOfNull({ values }: Condition, held: Held): Reach {
  if (held.state === 'chosen') return 'maybe';
  const wanted = held.state === 'absent' ? 'true' : 'false';
  return values.some((value) => value.toLowerCase() === wanted) ? 'always' : 'never';
}

/** An absent key fails a condition, meets a negated one, and meets anything …IfExists or ForAllValues. */
function reachOfAbsent({ quantifier, isIfExists, isNegated }: Condition): Reach {
  if (quantifier === 'all') return 'always';
  if (quantifier === 'any') return 'never';
  return isIfExists || isNegated ? 'always' : 'never';
}

type Present = Exclude<Held, { state: 'absent' | 'chosen' }>;

function reachOfValues({ comparison, values }: Condition, held: Present): Reach {
  if (held.state === 'foreign' && held.form === 'address') return reachOfAddresses(values, comparison);
  const reaches = values.map((value) => reachOfValue(comparison, value, held));
  if (reaches.includes('always')) return 'always';
  return reaches.includes('maybe') ? 'maybe' : 'never';
}

function reachOfValue(comparison: Condition['comparison'], written: string, held: Present): Reach {
  const { pattern, isPattern } = resolved(written, comparison === 'like');
  if (held.state === 'known') return knownReach(pattern, isPattern, held.value, comparison);
  if (held.state === 'in-account') return arnReach(pattern, isPattern, held.account);
  return isPattern ? foreignReach(pattern, held.form) : 'never';
}

/** Wildcards in StringEquals are plain characters, but a policy variable always stands for the caller's own value. */
function resolved(written: string, isLike: boolean): { pattern: string; isPattern: boolean } {
  const literal = written.replace(/\$\{([*?$])\}/g, '$1').replace(/\$\{aws:resource\w*\}/gi, 'of-the-resource');
  const pattern = literal.replace(/\$\{[^}]*\}/g, '*');
  return { pattern, isPattern: (isLike && hasWildcard(pattern)) || pattern !== literal };
}

function knownReach(pattern: string, isPattern: boolean, value: string, comparison: Condition['comparison']): Reach {
  const isExact = comparison === 'equals' || comparison === 'like';
  const [wanted, found] = isExact ? [pattern, value] : [pattern.toLowerCase(), value.toLowerCase()];
  return (isPattern ? matchesPattern(wanted, found) : wanted === found) ? 'always' : 'never';
}

function foreignReach(pattern: string, form: ValueForm): Reach {
  if (/^\*+$/.test(pattern)) return 'always';
  if (form === 'arn') return arnReach(pattern, true, null);
  return hasWildcard(openPart(pattern, form)) ? 'maybe' : 'never';
}

/** Enough of an id to be somebody's: `AROA` and eight characters more. */
const fixedIdLength = 12;

/** The part of a pattern that must be fixed for the value to be somebody in particular. */
function openPart(pattern: string, form: ValueForm): string {
  if (form === 'organization') return pattern.split('/')[0]!;
  if (form !== 'user-id') return pattern;
  const id = pattern.split(':')[0]!;
  return /^[A-Za-z0-9]*/.exec(id)![0].length >= fixedIdLength ? '' : id;
}

/** How far an ARN pattern reaches into one account, or (null) into the account of somebody unknown. */
function arnReach(pattern: string, isPattern: boolean, account: string | null): Reach {
  if (isPattern && /^\*+$/.test(pattern)) return 'always';
  const named = accountInArn(pattern);
  if (named !== null) return named === account ? coveredArn(pattern, isPattern) : 'never';
  if (!isPattern || !isOpenArn(pattern)) return 'never';
  return coveredArn(pattern, isPattern);
}

function coveredArn(pattern: string, isPattern: boolean): Reach {
  const resource = pattern.split(':').slice(5).join(':');
  return isPattern && resource === '*' ? 'always' : 'maybe';
}

/**
 * The account that an ARN or a pattern of ARNs is fixed to, or null. Between colons only: `*111122223333*` would also match
 * a role of that name in anybody's account.
 */
export function accountInArn(pattern: string): string | null {
  const parts = pattern.split(':');
  const isWhole = parts.length >= 6 && !parts.slice(0, 4).some((part) => part.includes('*'));
  if (isWhole) return /^\d{12}/.exec(parts[4]!)?.[0] ?? null;
  return /:(\d{12})(?=[:*]|$)/.exec(pattern)?.[1] ?? null;
}

/** An ARN without an account (buckets) is fixed by its name, so a wildcard there leaves it open as one in the account does. */
function isOpenArn(pattern: string): boolean {
  const parts = pattern.split(':');
  if (parts.length < 6 || parts.slice(0, 4).some((part) => part.includes('*'))) return hasWildcard(pattern);
  return hasWildcard(parts[4] === '' ? parts.slice(5).join(':').split('/')[0]! : parts[4]!);
}
