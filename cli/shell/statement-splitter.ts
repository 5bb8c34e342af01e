/**
 * Cuts what is typed, line by line, into statements: SQL up to a semicolon that is in no quote and no comment, and
 * commands that begin with a full stop, which are a line each.
 */

/** Something to do. SQL comes without its semicolon. */
export interface Statement {
  readonly kind: 'sql' | 'command';
  readonly text: string;
}

/** What a scan is inside of: nothing, a quote, a comment, or a dollar quote with its tag. */
type Inside = null | "'" | '"' | 'line-comment' | { readonly commentDepth: number } | { readonly dollar: string };

/** Keeps what is not finished yet. */
export class StatementSplitter {
  #pending = '';
  #inside: Inside = null;
  /** How much of #pending was looked at. */
  #position = 0;

  /** The text that waits for its semicolon. */
  get pending(): string {
    return this.#pending;
  }

  /** Whether a new statement begins with the next line. */
  get isEmpty(): boolean {
    return this.#inside === null && isBlank(this.#pending);
  }

  /** Takes a line without its end; answers the statements that it finishes. */
  add(line: string): Statement[] {
    if (this.isEmpty && line.trimStart().startsWith('.')) {
      this.clear();
      return [{ kind: 'command', text: line.trim() }];
    }
    this.#pending += `${line}\n`;
    return this.#finished();
  }

  /** The last statement of a script may lack its semicolon. */
  end(): Statement[] {
    const text = this.#pending.trim();
    const isOpen = !this.isEmpty;
    this.clear();
    return isOpen ? [{ kind: 'sql', text }] : [];
  }

  /** Forgets what was typed. */
  clear(): void {
    this.#pending = '';
    this.#inside = null;
    this.#position = 0;
  }

  #finished(): Statement[] {
    const statements: Statement[] = [];
    while (this.#position < this.#pending.length) {
      if (this.#inside === null && this.#pending[this.#position] === ';') {
        const text = this.#pending.slice(0, this.#position);
        if (!isBlank(text)) statements.push({ kind: 'sql', text: text.trim() });
        this.#pending = this.#pending.slice(this.#position + 1);
        this.#position = 0;
      } else this.#step();
    }
    if (this.isEmpty) this.clear();
    return statements;
  }

  /** Goes on by one token: a character, a quote's or a comment's beginning or end. */
  #step(): void {
    const rest = this.#pending.slice(this.#position, this.#position + 66);
    const { inside, length } = nextToken(this.#inside, rest);
    this.#inside = inside;
    this.#position += length;
  }
}

function nextToken(inside: Inside, rest: string): { inside: Inside; length: number } {
  if (inside === null) return opening(rest);
  if (inside === 'line-comment') return { inside: rest.startsWith('\n') ? null : inside, length: 1 };
  if (typeof inside === 'string') return { inside: rest.startsWith(inside) ? null : inside, length: 1 };
  if ('dollar' in inside)
    return rest.startsWith(inside.dollar) ? { inside: null, length: inside.dollar.length } : { inside, length: 1 };
  const { commentDepth } = inside;
  if (rest.startsWith('/*')) return { inside: { commentDepth: commentDepth + 1 }, length: 2 };
  if (!rest.startsWith('*/')) return { inside, length: 1 };
  return { inside: commentDepth === 1 ? null : { commentDepth: commentDepth - 1 }, length: 2 };
}

function opening(rest: string): { inside: Inside; length: number } {
  if (rest.startsWith('--')) return { inside: 'line-comment', length: 2 };
  if (rest.startsWith('/*')) return { inside: { commentDepth: 1 }, length: 2 };
  if (rest.startsWith("'")) return { inside: "'", length: 1 };
  if (rest.startsWith('"')) return { inside: '"', length: 1 };
  const dollar = /^\$(?:[A-Za-z_]\w{0,62})?\$/.exec(rest)?.[0];
  return dollar === undefined ? { inside: null, length: 1 } : { inside: { dollar }, length: dollar.length };
}

/** Nothing but spaces and comments. */
function isBlank(text: string): boolean {
  return text.replace(/--[^\n]*|\/\*.*?\*\//gs, '').trim() === '';
}
