/**
 * One value a line, `name  value`, for rows that are too wide for columns and for the card of a finding. Nothing is
 * cut.
 */
import { cutToWidth, displayWidth, padToWidth, wrapToWidth } from './display-width.js';
import type { GridCell } from './grid.js';
import type { Paint } from './style.js';

/** A name beside its value; both are already terminal-safe. */
export interface LabelledValue {
  readonly label: string;
  readonly value: GridCell;
}

/** Lines of labelled values; long values go on below themselves. `width` null means no limit, else at least 20. */
export function recordLines(
  values: readonly LabelledValue[],
  { width, dim }: { width: number | null; dim: Paint },
): string[] {
  const longest = values.reduce((widest, { label }) => Math.max(widest, displayWidth(label)), 0);
  const labelWidth = width === null ? longest : Math.min(longest, Math.floor(width / 3));
  return values.flatMap(({ label, value }) => {
    const pieces = width === null ? [value.text] : wrapToWidth(value.text, width - labelWidth - 2);
    return pieces.map((piece, index) => {
      const shownLabel = padToWidth(index === 0 ? cutToWidth(label, labelWidth) : '', labelWidth, 'left');
      const painted = value.paint === undefined ? piece : value.paint(piece);
      return `${dim(shownLabel)}  ${painted}`.trimEnd();
    });
  });
}
