/**
 * Patterns of policies: `*` is any run of characters, `?` is one. Beside matching a text, two patterns can be compared:
 * whether one covers the other (for Deny) and whether they may share a text (for NotAction and NotResource).
 */
import { matchesWildcards } from '../../config/name-pattern.js';

/** Longer patterns are compared by equality only: an ARN has at most about 1,100 characters. */
const maxCompared = 2048;

/** Whether the text has a `*` or `?`. */
export function hasWildcard(text: string): boolean {
  return text.includes('*') || text.includes('?');
}

/** Whether the whole text matches. Case counts. */
export function matchesPattern(pattern: string, text: string): boolean {
  return matches(pattern, text, false);
}

/**
 * Whether every text of `narrow` is surely a text of `wide`. Sound, and not complete: false may also mean "not seen",
 * which leaves a grant standing rather than hiding it.
 */
export function coversPattern(wide: string, narrow: string): boolean {
  return wide === narrow || matches(wide, narrow, true);
}

/** `maxCompared` bounds the cost, which is the product of the lengths at worst. */
function matches(pattern: string, text: string, textIsPattern: boolean): boolean {
  if (pattern.length > maxCompared || text.length > maxCompared) return pattern === text || /^\*+$/.test(pattern);
  const isMatch = (wanted: string, found: string): boolean =>
    wanted === found || (wanted === '?' && !(textIsPattern && found === '*'));
  return matchesWildcards(pattern, text, isMatch);
}

/**
 * Whether some text may match both patterns. False is certain; with wildcards in both, true is said whenever the fixed starts
 * and ends agree, which costs no more than reading them (an exact answer costs the product of the lengths).
 */
export function mayShareText(a: string, b: string): boolean {
  if (!hasWildcard(a)) return matchesPattern(b, a);
  if (!hasWildcard(b)) return matchesPattern(a, b);
  return (
    (fixedStart(a).startsWith(fixedStart(b)) || fixedStart(b).startsWith(fixedStart(a))) &&
    (fixedEnd(a).endsWith(fixedEnd(b)) || fixedEnd(b).endsWith(fixedEnd(a)))
  );
}

function fixedStart(pattern: string): string {
  return /^[^*?]*/.exec(pattern)![0];
}

function fixedEnd(pattern: string): string {
  return pattern.slice(Math.max(pattern.lastIndexOf('*'), pattern.lastIndexOf('?')) + 1);
}
