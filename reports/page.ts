/** The frame of every page: one file without scripts, whose policy allows its own style sheet and nothing else. */
import { createHash } from 'node:crypto';
import { packageText } from '../store/sql-files.js';
import { html, Html, type Piece } from './html.js';

export interface Page {
  readonly title: string;
  /** What stands in the header, beside the name of the program. */
  readonly masthead: Piece;
  readonly contents: readonly { readonly id: string; readonly title: string }[];
  readonly main: Piece;
  readonly footer: Piece;
}

/**
 * The document. The policy forbids scripts, images, frames, forms and every address on the network, so that log text that
 * got past the escaping could still do nothing.
 */
export function pageText({ title, masthead, contents, main, footer }: Page): string {
  const style = packageText('reports/page.css');
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${styleElement(style)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="masthead">${masthead}</header>
        <nav class="contents" aria-label="Sections">
          <ul>
            ${contents.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
          </ul>
        </nav>
        <main id="main">${main}</main>
        <footer>${footer}</footer>
      </body>
    </html> `.text;
}

/** Not a template: its formatter would put spaces inside, and the policy's hash is of every byte. */
function styleElement(style: string): Html {
  return new Html(`<style>${style}</style>`);
}
