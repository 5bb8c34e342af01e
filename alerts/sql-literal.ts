/** Values of logs as SQL that people copy: quoted, on one line, printable, and the same on DuckDB and Trino. */

/**
 * A text as an SQL expression. Quotes are doubled; whatever a terminal would not show as itself (controls, bidi and
 * zero-width characters, separators, marks) is spelt `chr(n)`, so that what is copied is what is seen.
 */
export function textLiteral(text: string): string {
  const parts = text.match(/[\x20-\x7e\p{L}\p{N}]+|./gsu) ?? [];
  const merged: string[] = [];
  let plain = '';
  for (const character of parts.flatMap((part) => (isPlain(part) ? [part] : [...part]))) {
    if (isPlain(character)) {
      plain += character;
      continue;
    }
    if (plain !== '') merged.push(quoted(plain));
    merged.push(`chr(${character.codePointAt(0)!})`);
    plain = '';
  }
  if (plain !== '' || merged.length === 0) merged.push(quoted(plain));
  return merged.join(' || ');
}

/** Letters and digits of any script, but none of those that are rendered as nothing (Hangul fillers). */
function isPlain(text: string): boolean {
  return /^[\x20-\x7e\p{L}\p{N}]+$/u.test(text) && !/\p{Default_Ignorable_Code_Point}/u.test(text);
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
