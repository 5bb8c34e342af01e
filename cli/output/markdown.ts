/**
 * Rows as a Markdown table, for tickets and chats. Cells that are not plain words are code, so that nothing in them is
 * markup.
 */
import { cellText } from './cell-text.js';
import { markdownCell } from './escape.js';
import type { Cell, Column, Output, RowStream } from './rows.js';

/** Writes a header, the rule and the rows. */
export async function writeMarkdown({ columns, batches }: RowStream, output: Output): Promise<number> {
  let count = 0;
  await output.write(line(columns.map(({ name }) => markdownCell(name))) + line(columns.map(alignment)));
  for await (const batch of batches) {
    count += batch.length;
    await output.write(
      batch.map((row) => line(row.map((cell, index) => cellMarkdown(cell, columns[index]!)))).join(''),
    );
  }
  return count;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function alignment({ type }: Column): string {
  return type === 'integer' || type === 'real' || type === 'decimal' ? '---:' : '---';
}

function cellMarkdown(cell: Cell, { type }: Column): string {
  if (cell === null) return '*NULL*';
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell);
  return markdownCell(cellText(cell, type));
}
