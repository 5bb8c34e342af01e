/**
 * Reads a SQL text just far enough to know its named parameters and where statements end: strings, quoted names, dollar
 * quotes and comments (which nest) are stepped over. The lexical rules are those of PostgreSQL, which DuckDB keeps.
 */

/** One thing of interest in the text; `offset` counts UTF-16 units from its start. */
export interface QueryMark {
  readonly kind: 'parameter' | 'positional-parameter' | 'semicolon' | 'word' | 'open';
  /** Name of the parameter without `$`, or the word in lower case. `open` is a string or comment that never ends. */
  readonly text: string;
  readonly offset: number;
}

/** Steps over, in this order; every branch consumes something, so the scan is linear. */
const token =
  /(?<space>\s+)|(?<line>--[^\n]*)|(?<escape>[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*')|(?<string>'[^']*(?:''[^']*)*')|(?<name>"[^"]*(?:""[^"]*)*")|(?<parameter>\$[A-Za-z_]\w*)|(?<number>\$\d+|\?)|(?<word>[A-Za-z_][\w$]*)|(?<semicolon>;)|(?<digits>\d[\w.]*)|(?<other>[^])/y;

/** Parameters, semicolons and words of a query, in order. */
export function queryMarks(sql: string): QueryMark[] {
  const marks: QueryMark[] = [];
  for (let offset = 0; offset < sql.length;) {
    const end = endOfComment(sql, offset) ?? endOfDollarQuote(sql, offset);
    if (end === null) {
      token.lastIndex = offset;
      const { 0: found, groups } = token.exec(sql)!;
      const mark = markOf(groups!, offset);
      if (mark !== null) marks.push(mark);
      offset += found.length;
    } else {
      if (end === Infinity) marks.push({ kind: 'open', text: sql.slice(offset, offset + 2), offset });
      offset = end;
    }
  }
  return marks;
}

function markOf(groups: Readonly<Record<string, string | undefined>>, offset: number): QueryMark | null {
  if (groups['parameter'] !== undefined) return { kind: 'parameter', text: groups['parameter'].slice(1), offset };
  if (groups['number'] !== undefined) return { kind: 'positional-parameter', text: groups['number'], offset };
  if (groups['semicolon'] !== undefined) return { kind: 'semicolon', text: ';', offset };
  if (groups['word'] !== undefined) return { kind: 'word', text: groups['word'].toLowerCase(), offset };
  if (groups['other'] === "'" || groups['other'] === '"') return { kind: 'open', text: groups['other'], offset };
  return groups['other'] === undefined ? null : { kind: 'word', text: groups['other'], offset };
}

/** Offset after a block comment that starts here, Infinity when it never ends, null when none starts here. */
function endOfComment(sql: string, start: number): number | null {
  if (!sql.startsWith('/*', start)) return null;
  let depth = 1;
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start + 2;
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return Infinity;
}

/** The same for `$$ … $$` and `$tag$ … $tag$`. */
function endOfDollarQuote(sql: string, start: number): number | null {
  if (sql[start] !== '$') return null;
  const opening = /\$(?:[A-Za-z_]\w*)?\$/y;
  opening.lastIndex = start;
  const quote = opening.exec(sql)?.[0];
  if (quote === undefined) return null;
  const end = sql.indexOf(quote, start + quote.length);
  return end < 0 ? Infinity : end + quote.length;
}
