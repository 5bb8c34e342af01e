/** Finds what a misspelt name was meant to be, for keys here and for commands, queries and detectors in the cli. */

/** A longer name is not compared: nobody means it, and the cost grows with the square. */
const maxLength = 64;

/** The candidate that needs the fewest edits, or null when none is closer than about a third of its length. */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > maxLength) return null;
  let nearest: string | null = null;
  let fewest = Infinity;
  for (const candidate of candidates) {
    const edits = editDistance(normalised(name), normalised(candidate));
    if (edits >= fewest || edits > Math.max(2, candidate.length / 3)) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

/** `topicArn` and `topic-arn` are `topic_arn` to whoever wrote them. */
function normalised(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[-. ]/g, '_')
    .toLowerCase();
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours cost one each. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swaps = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = swaps ? beforeLast[column - 2]! + 1 : Infinity;
      current.push(Math.min(replaced, swapped, last[column]! + 1, current[column - 1]! + 1));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
