/**
 * HTML in which outside text cannot be markup. Every value of a template is escaped unless it is `Html` itself, and
 * invisible and directional characters are shown as escapes, as on a terminal: a key must not be read backwards here either.
 */
import { visibleText } from '../alerts/visible-text.js';

/** Markup of ours. Only `html` and `svgText` make it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes; null and false are nothing. */
export type Piece = Html | string | number | null | false | readonly Piece[];

/** A template: html`<td>${value}</td>`. Values may stand between tags and in quoted attributes, nowhere else. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.reduce((text, part, index) => `${text}${rendered(pieces[index - 1] ?? null)}${part}`));
}

function rendered(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (typeof piece === 'string') return escaped(piece);
  return typeof piece === 'number' ? String(piece) : piece.map(rendered).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Text of several lines, such as SQL, for `<pre>`: line feeds stay. */
export function lines(text: string): Html {
  return new Html(
    text
      .split(/\r?\n/)
      .map((line) => escaped(line.replaceAll('\t', '  ')))
      .join('\n'),
  );
}
