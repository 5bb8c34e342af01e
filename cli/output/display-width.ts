/**
 * How many terminal columns text takes, and cutting, padding and wrapping by that. All text here is already
 * terminal-safe.
 */

/** East Asian Wide and Fullwidth (Unicode 16, EastAsianWidth.txt) without emoji, which have their own property. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const zeroWidth = /[\p{Mn}\p{Me}]/u;
const regionalIndicator = /[\u{1f1e6}-\u{1f1ff}]/u;
const printableAscii = /^[\x20-\x7e]*$/;

/** Columns of a text: 2 for wide characters and emoji, 0 for combining marks, 1 for the rest. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) && !regionalIndicator.test(character) ? 2 : 1;
}

/** The text, or as much of its beginning as fits with a `…` behind it. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${beginning(text, width - 1)}…`;
}

/** The longest beginning of at most this width; marks stay with their base. */
function beginning(text: string, width: number): string {
  let used = 0;
  let length = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/** The text with spaces up to a width, on the right for left-aligned and on the left for right-aligned text. */
export function padToWidth(text: string, width: number, align: 'left' | 'right'): string {
  const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + padding : padding + text;
}

/** The text in pieces of at most this width (at least 2), broken at the last space where there is one. */
export function wrapToWidth(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (displayWidth(rest) > width) {
    const line = beginning(rest, width);
    const space = rest[line.length] === ' ' ? line.length : line.lastIndexOf(' ');
    const end = space > line.length / 2 ? space : line.length;
    lines.push(rest.slice(0, end));
    rest = rest.slice(rest[end] === ' ' ? end + 1 : end);
  }
  return [...lines, rest];
}
