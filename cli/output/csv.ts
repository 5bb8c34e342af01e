/** Rows as CSV (RFC 4180, but lines end with LF alone). NULL is an empty field, empty text is `""`. */
import { cellText } from './cell-text.js';
import { csvText } from './escape.js';
import type { Cell, Column, Output, RowStream } from './rows.js';

/**
 * Writes a header and the rows. Numbers are printed exactly; text that a spreadsheet would run as a formula is made
 * inert.
 */
export async function writeCsv({ columns, batches }: RowStream, output: Output): Promise<number> {
  let count = 0;
  await output.write(`${columns.map(({ name }) => csvText(name)).join(',')}\n`);
  for await (const batch of batches) {
    count += batch.length;
    await output.write(
      batch.map((row) => `${row.map((cell, index) => csvCell(cell, columns[index]!)).join(',')}\n`).join(''),
    );
  }
  return count;
}

function csvCell(cell: Cell, { type }: Column): string {
  if (cell === null) return '';
  if (typeof cell === 'number' || typeof cell === 'bigint' || typeof cell === 'boolean') return String(cell);
  return csvText(cellText(cell, type));
}
