/**
 * Lays text out in aligned columns that fit a terminal, or says that they do not fit. Knows nothing of rows and types.
 */
import { cutToWidth, displayWidth, padToWidth } from './display-width.js';
import type { Paint } from './style.js';

/** A column of a grid. Only shrinkable ones are cut to fit. */
export interface GridColumn {
  readonly header: string;
  readonly align: 'left' | 'right';
  readonly shrinkable: boolean;
}

/** A cell: text that is already terminal-safe, and the look it gets after it was cut and padded. */
export interface GridCell {
  readonly text: string;
  readonly paint?: Paint;
}

/** The spaces between two columns. */
const gap = '  ';
/** A text column is not cut below this; a narrower one says nothing. */
const minShrunkWidth = 8;

/**
 * The width of each column, so that a line takes at most `maxWidth` columns (null: no limit). The widest shrinkable
 * columns give way first. Null when even the narrowest layout is too wide.
 */
export function gridWidths(
  columns: readonly GridColumn[],
  rows: readonly (readonly GridCell[])[],
  maxWidth: number | null,
): number[] | null {
  const natural = columns.map((column, index) => {
    return rows.reduce((widest, row) => Math.max(widest, displayWidth(row[index]!.text)), displayWidth(column.header));
  });
  if (maxWidth === null) return natural;
  const available = maxWidth - gap.length * (columns.length - 1);
  const widthsBelow = (cap: number): number[] =>
    natural.map((width, index) => (columns[index]!.shrinkable ? Math.min(width, cap) : width));
  const fits = (cap: number): boolean => widthsBelow(cap).reduce((sum, width) => sum + width, 0) <= available;
  const widest = Math.max(...natural, minShrunkWidth);
  if (fits(widest)) return natural;
  return fits(minShrunkWidth) ? widthsBelow(largestCap(minShrunkWidth, widest, fits)) : null;
}

/** The largest cap that fits, by halving: `low` fits and `high` does not. */
function largestCap(low: number, high: number, fits: (cap: number) => boolean): number {
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** One line of the grid, without spaces at its end. */
export function gridLine(
  columns: readonly GridColumn[],
  cells: readonly GridCell[],
  widths: readonly number[],
): string {
  const parts = cells.map((cell, index) => {
    const width = widths[index]!;
    const { align } = columns[index]!;
    const isLast = index === cells.length - 1;
    const text = cutToWidth(cell.text, width);
    const padding = isLast && align === 'left' ? '' : padToWidth('', width - displayWidth(text), 'left');
    const painted = cell.paint === undefined ? text : cell.paint(text);
    return align === 'left' ? painted + padding : padding + painted;
  });
  return parts.join(gap);
}

/** The headers and a rule below each. */
export function gridHeader(
  columns: readonly GridColumn[],
  widths: readonly number[],
  { bold, dim }: { bold: Paint; dim: Paint },
): string {
  const headers = columns.map(({ header }) => ({ text: header, paint: bold }));
  const rules = widths.map((width) => ({ text: '─'.repeat(width), paint: dim }));
  return `${gridLine(columns, headers, widths)}\n${gridLine(columns, rules, widths)}\n`;
}

/** A whole small grid, or null when it does not fit. */
export function renderGrid(
  columns: readonly GridColumn[],
  rows: readonly (readonly GridCell[])[],
  { width, style }: { width: number | null; style: { bold: Paint; dim: Paint } },
): string | null {
  const widths = gridWidths(columns, rows, width);
  if (widths === null) return null;
  return gridHeader(columns, widths, style) + rows.map((row) => `${gridLine(columns, row, widths)}\n`).join('');
}
