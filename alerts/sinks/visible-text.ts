/** Log text for receivers that show it to people: what cannot be seen is spelt out, and a length is kept. */

/** Controls, format characters such as bidi marks, lone surrogates, separators, and what renders as nothing. */
const invisible = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text of one line, at most `limit` characters (UTF-16 units), in which an invisible character is `\u{202e}`. */
export function visibleText(text: string, limit: number): string {
  const shown = text.replace(invisible, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return shown.length <= limit ? shown : `${withoutHalf(shown.slice(0, limit - 1))}…`;
}

function withoutHalf(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
