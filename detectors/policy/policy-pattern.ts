/**
 * Patterns of policies: `*` is any run of characters, `?` is one. Beside matching a text, two patterns can be compared:
 * whether one covers the other (for Deny) and whether they share a text (for NotAction and NotResource).
 */

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

/** Backtracks to the last `*` only, so that the cost is the product of the lengths at worst. */
function matches(pattern: string, text: string, textIsPattern: boolean): boolean {
  if (pattern.length > maxCompared || text.length > maxCompared) return pattern === text || /^\*+$/.test(pattern);
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    const found = text[position]!;
    if (wanted === '*') {
      star = at++;
      resume = position;
    } else if (wanted === found || (wanted === '?' && !(textIsPattern && found === '*'))) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** Whether some text matches both patterns. Patterns that are too long to compare count as sharing one. */
export function sharesText(a: string, b: string): boolean {
  if (a.length > maxCompared || b.length > maxCompared) return true;
  let row = emptyRow(b);
  for (const character of a) row = nextRow(row, character, b);
  return row[b.length]!;
}

/** Cell n says whether what was read of `a` and the first n characters of `b` share a text; here nothing was read. */
function emptyRow(b: string): boolean[] {
  const row = [true];
  for (let n = 0; n < b.length; n++) row.push(row[n]! && b[n] === '*');
  return row;
}

function nextRow(row: readonly boolean[], character: string, b: string): boolean[] {
  const next = [row[0]! && character === '*'];
  for (let n = 0; n < b.length; n++) {
    const other = b[n]!;
    const anyRun = (character === '*' && (row[n + 1]! || next[n]!)) || (other === '*' && (next[n]! || row[n + 1]!));
    const sameOne =
      row[n]! && (character === other || character === '?' || other === '?' || character === '*' || other === '*');
    next.push(anyRun || sameOne);
  }
  return next;
}
