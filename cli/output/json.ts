/**
 * Rows as JSON: one array, or one object a line. Large integers and decimals keep every digit; NaN and infinities are
 * strings.
 */
import { cellJson } from './cell-text.js';
import { safeJson } from './escape.js';
import type { Column, Output, Row, RowStream } from './rows.js';

/** Writes an array with one object a line. */
export async function writeJson(rows: RowStream, output: Output): Promise<number> {
  let count = 0;
  await output.write('[');
  await writeObjects(rows, output, (object) => `${count++ === 0 ? '\n' : ',\n'}${object}`);
  await output.write(count === 0 ? ']\n' : '\n]\n');
  return count;
}

/** Writes one object a line. */
export async function writeJsonl(rows: RowStream, output: Output): Promise<number> {
  return writeObjects(rows, output, (object) => `${object}\n`);
}

async function writeObjects(
  { columns, batches }: RowStream,
  output: Output,
  line: (object: string) => string,
): Promise<number> {
  const names = uniqueNames(columns).map((name) => safeJson(JSON.stringify(name)));
  let count = 0;
  for await (const batch of batches) {
    count += batch.length;
    await output.write(batch.map((row) => line(objectJson(row, columns, names))).join(''));
  }
  return count;
}

function objectJson(row: Row, columns: readonly Column[], names: readonly string[]): string {
  const members = row.map((cell, index) => `${names[index]}:${cellJson(cell, columns[index]!.type)}`);
  return `{${members.join(',')}}`;
}

/** `select a, a` must not lose a value: the second becomes `a:1`, as DuckDB names it. */
function uniqueNames(columns: readonly Column[]): string[] {
  const taken = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let count = 1; taken.has(unique); count++) unique = `${name}:${count}`;
    taken.add(unique);
    return unique;
  });
}
