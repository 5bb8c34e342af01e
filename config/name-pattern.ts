/**
 * Matching of names with `*`, as the lists of the config have them. `*` stands for any run of characters, also none and
 * also `/`; nothing else is special, and case counts, as it does in S3. No regular expression is built from a name: the
 * cost is at worst the two lengths multiplied, so a pattern cannot stall a run.
 */

/** Whether a whole name matches a pattern such as `exfiltration-*`. */
export function matchesName(pattern: string, name: string): boolean {
  return matchesWildcards(pattern, name, (wanted, found) => wanted === found);
}

/**
 * Whether a whole text matches a pattern in which `*` is any run of characters, and `isMatch` says of every other
 * character of the pattern whether it matches one of the text. Backtracks to the last `*` only, so that the cost is the
 * product of the lengths at worst.
 */
export function matchesWildcards(
  pattern: string,
  text: string,
  isMatch: (wanted: string, found: string) => boolean,
): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let position = 0;
  while (position < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resume = position;
    } else if (wanted !== undefined && isMatch(wanted, text[position]!)) {
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

/** Whether any of the patterns matches the whole name. */
export function matchesAnyName(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesName(pattern, name));
}
