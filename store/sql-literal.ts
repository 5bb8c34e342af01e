/** Values of logs as SQL that people copy: quoted, on one line, printable, and the same on DuckDB and Trino. */

/**
 * A text as an SQL expression. Quotes are doubled; whatever a terminal would not show as itself (controls, bidi and
 * zero-width characters, separators, marks) is spelt `chr(n)`, so that what is copied is what is seen.
 */
export function textLiteral(text: string): string {
  const parts: string[] = [];
  let plain = '';
  const endPlain = (): void => {
    if (plain !== '') parts.push(quoted(plain));
    plain = '';
  };
  for (const character of text) {
    if (isPlain(character)) {
      plain += character;
      continue;
    }
    endPlain();
    parts.push(`chr(${character.codePointAt(0)!})`);
  }
  endPlain();
  return parts.length === 0 ? quoted('') : parts.join(' || ');
}

/** Printable ASCII, and letters and digits of any script but those that are rendered as nothing (Hangul fillers). */
function isPlain(character: string): boolean {
  return /[\x20-\x7e]|(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u.test(character);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `timestamp '2026-01-31 07:00:05'`, with microseconds when there are any. */
export function timestampLiteral(timeUs: number): string {
  const seconds = Math.floor(timeUs / 1e6);
  const micros = timeUs - seconds * 1e6;
  const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0')}`;
  return `timestamp '${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}${fraction}'`;
}
