/**
 * Outside text that people will read, with nothing in it that they would not see. Log lines are written by whoever sends
 * a request; the terminal, the e-mail and the chat message all show them through this.
 */

/**
 * What a terminal does not show as itself: controls (C0, DEL, C1), format characters (bidi controls, zero-width), lone
 * surrogates, line and paragraph separators, private and unassigned code points, everything that may be rendered as
 * nothing (variation selectors, tags, fillers), marks with no base, and marks beyond four on one base.
 */
export const invisible = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|^\p{M}|(?<=\p{M}{4})\p{M}/gu;
const printableAscii = /^[\x20-\x7e]*$/;
const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text on one line that shows all of itself. Invisible and directional characters become visible escapes such as
 * `\x1b`, `\n`, `\u202e`. Backslashes stay, so the result is for reading and cannot be turned back; jsonl can.
 */
export function visibleText(text: string): string {
  return printableAscii.test(text) ? text : text.replace(invisible, visibleEscape);
}

/** The same, at most `limit` characters (UTF-16 units), never half a character, with a sign that something is missing. */
export function shortVisibleText(text: string, limit: number): string {
  const shown = visibleText(text);
  return shown.length <= limit ? shown : `${shown.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** `\x1b`, `\n` or `\u202e` for the character. */
export function visibleEscape(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0)!;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
