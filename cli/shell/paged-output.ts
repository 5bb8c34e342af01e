/** Output that stops after each screenful and asks; only for terminals. */
import type { Output } from '../output/rows.js';

/** What the reader of a page wants next. */
export type PageAnswer = 'more' | 'all' | 'stop';

/** Thrown into the writer when the reader has seen enough. */
export class PagingStopped extends Error {}

export interface PagingOptions {
  /** Lines of the terminal. */
  readonly rows: number;
  readonly ask: () => Promise<PageAnswer>;
}

/** Wraps an output. Throws PagingStopped out of `write` when the answer is `stop`. */
export function pagedOutput(output: Output, { rows, ask }: PagingOptions): Output {
  const page = Math.max(5, rows) - 1;
  let left = page;
  return {
    async write(chunk) {
      const lines = String(chunk).split(/(?<=\n)/);
      for (let start = 0; start < lines.length;) {
        if (left === 0) {
          const answer = await ask();
          if (answer === 'stop') throw new PagingStopped('the reader has seen enough');
          left = answer === 'all' ? Infinity : page;
        }
        const shown = lines.slice(start, start + Math.min(left, lines.length));
        await output.write(shown.join(''));
        start += shown.length;
        left -= shown.filter((line) => line.endsWith('\n')).length;
      }
    },
  };
}
