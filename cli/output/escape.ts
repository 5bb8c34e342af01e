/**
 * Makes outside text safe to print. Log lines are written by whoever sends a request, so a key or a user agent may try
 * to move the cursor, reverse the reading direction, hide itself, start a formula or close a table cell.
 */
import { invisible, visibleEscape, visibleText } from '../../alerts/visible-text.js';

/** What is dangerous even in a file: controls but TAB, LF and CR, bidi controls, lone surrogates, line separators. */
const dangerous = /(?![\t\n\r])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const printableAscii = /^[\x20-\x7e]*$/;

/** Text on one line that a terminal shows as it is: `visibleText` is what a terminal needs. */
export function terminalSafe(text: string): string {
  return visibleText(text);
}

/** Like `terminalSafe` for text of several lines, such as SQL or error messages: line feeds stay. */
export function terminalSafeLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => terminalSafe(line.replaceAll('\t', '  ')))
    .join('\n');
}

/** JSON text in which every invisible or directional character is a `\u` escape: the same JSON value, safe to print. */
export function safeJson(json: string): string {
  return printableAscii.test(json) ? json : json.replace(invisible, jsonEscape);
}

function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Starts a formula in Excel, LibreOffice or Google Sheets (OWASP "CSV Injection"), also behind our own apostrophes. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/;
const signedNumber = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * A text as a CSV field (RFC 4180). A text that a spreadsheet would take for a formula gets one leading apostrophe;
 * take one away from fields that match `'+[=+-@…]` to undo that. Numbers with a sign stay. Dangerous characters become
 * visible escapes; text without them is kept exactly.
 */
export function csvText(text: string): string {
  const shown = text.replace(dangerous, visibleEscape);
  const neutral = formula.test(shown) && !signedNumber.test(shown) ? `'${shown}` : shown;
  // Quoted also for ; and TAB: a spreadsheet that splits at those must not find a new cell, and a formula, inside.
  return neutral === '' || /[",;\t\r\n]|^\s|\s$/.test(neutral) ? `"${neutral.replaceAll('"', '""')}"` : neutral;
}

/** Words, and numbers, times and addresses: nothing that could be markup, a link or HTML. */
const plainMarkdown = /^[\p{L}\p{N}]+(?:(?:_|[ ,-]+)[\p{L}\p{N}]+)*$|^-?\d[\dTZ:.-]*$/u;

/**
 * A text as a cell of a Markdown table: plain words as they are, anything else as a code span, in which nothing is
 * markup, HTML or a link.
 */
export function markdownCell(text: string): string {
  const shown = terminalSafe(text);
  if (shown === '' || plainMarkdown.test(shown)) return shown;
  // A pipe ends a cell even inside a code span unless a backslash precedes it; behind a backslash there is no way to
  // write it.
  const piped = shown.replace(/(\\?)\|/g, (_, backslash: string) => (backslash === '' ? '\\|' : '\\\\x7c'));
  return codeSpan(piped);
}

/** The fence is longer than any run of backticks inside; the spaces are not part of the code. */
function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = /^[` ]|[` ]$/.test(text) ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}
