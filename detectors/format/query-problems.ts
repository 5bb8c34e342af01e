/** What is wrong with the query of a detector before it is run: its parameters, and that it is one query. */
import { builtInParameters } from './header-schema.js';
import { queryMarks, type QueryMark } from './query-text.js';

/** A problem at an offset of the query. */
export interface QueryProblem {
  readonly offset: number;
  readonly text: string;
}

/** Problems of a query whose header declares these parameters, in the order of the text. */
export function queryProblems(query: string, declared: readonly string[]): QueryProblem[] {
  const marks = queryMarks(query);
  const problems = [
    ...statementProblems(marks),
    ...unknownParameters(marks, declared),
    ...unusedParameters(marks, declared),
  ];
  return problems.sort((a, b) => a.offset - b.offset);
}

function statementProblems(marks: readonly QueryMark[]): QueryProblem[] {
  const first = marks[0];
  if (first === undefined) return [{ offset: 0, text: 'no query; expected one SQL query behind the header' }];
  const open = marks
    .filter(({ kind }) => kind === 'open')
    .map(({ offset, text }) => ({ offset, text: `${text} is never closed; expected its end` }));
  const start = ['select', 'with', 'from', '('].includes(first.text)
    ? []
    : [{ offset: first.offset, text: `starts with ${first.text}; expected select or with` }];
  const inner = marks.filter(({ kind }, index) => kind === 'semicolon' && index < marks.length - 1);
  const several = inner
    .slice(0, 1)
    .map(({ offset }) => ({ offset, text: 'a second statement follows; expected one query' }));
  const positional = marks
    .filter(({ kind }) => kind === 'positional-parameter')
    .map(({ offset, text }) => ({ offset, text: `${text} is a parameter without a name; expected $name` }));
  return [...open, ...start, ...several, ...positional];
}

/** Each name once, where it is used first. */
function unknownParameters(marks: readonly QueryMark[], declared: readonly string[]): QueryProblem[] {
  const known = new Set([...declared, ...builtInParameters]);
  const unknown = new Map<string, number>();
  for (const { kind, text, offset } of marks) {
    if (kind === 'parameter' && !known.has(text) && !unknown.has(text)) unknown.set(text, offset);
  }
  const expected = [...known].map((name) => `$${name}`).join(', ');
  return [...unknown].map(([name, offset]) => ({
    offset,
    text: `$${name} is not declared; expected one of ${expected}, or its declaration under params`,
  }));
}

/** `$from` and `$to` may be left out: the views that a detector reads hold the window under test (engine/window-views.ts). */
function unusedParameters(marks: readonly QueryMark[], declared: readonly string[]): QueryProblem[] {
  const used = new Set(marks.filter(({ kind }) => kind === 'parameter').map(({ text }) => text));
  return declared
    .filter((name) => !used.has(name))
    .map((name) => ({ offset: 0, text: `$${name} is declared and not used; expected its use, or no such parameter` }));
}
