/**
 * Rows for people: aligned columns cut to the terminal, or one value a line when they do not fit. Widths come from the
 * first rows, so a result of any length takes bounded memory.
 */
import { cellText } from './cell-text.js';
import { cutToWidth } from './display-width.js';
import { terminalSafe } from './escape.js';
import { gridHeader, gridLine, gridWidths, type GridCell, type GridColumn } from './grid.js';
import { formatBytes, formatCounted, formatDuration } from './number-format.js';
import { recordLines } from './record-layout.js';
import type { Cell, Column, Output, Row, RowStream } from './rows.js';
import type { Style } from './style.js';

/** How a table is drawn. `width` is that of the terminal; null, for files and pipes, never cuts. */
export interface TableOptions {
  readonly width: number | null;
  readonly style: Style;
  /** Prints each batch when it arrives, so that the first one alone decides the widths. */
  readonly isEager?: boolean;
  /** One value a line, also where columns would fit. */
  readonly isExpanded?: boolean;
}

/** Rows that decide the widths; later cells are cut to them. */
const measuredRows = 1000;
/** A narrower terminal is treated as this wide: below it nothing can be read anyway. */
export const minTableWidth = 20;

/** Writes the rows and a line with their number; returns the number. */
export async function writeTable(
  { columns, batches }: RowStream,
  output: Output,
  options: TableOptions,
): Promise<number> {
  const table = new TableWriter(columns, output, options);
  for await (const batch of batches) {
    for (const row of batch) await table.add(row);
    if (options.isEager === true && batch.length > 0) await table.drain();
  }
  return table.finish();
}

type Layout = { readonly kind: 'grid'; readonly widths: readonly number[] } | { readonly kind: 'records' };

class TableWriter {
  readonly #columns: readonly Column[];
  readonly #gridColumns: readonly GridColumn[];
  readonly #output: Output;
  readonly #style: Style;
  readonly #width: number | null;
  readonly #isExpanded: boolean;
  #waiting: GridCell[][] = [];
  #layout: Layout | null = null;
  #rows = 0;

  constructor(columns: readonly Column[], output: Output, { width, style, isExpanded = false }: TableOptions) {
    this.#isExpanded = isExpanded;
    this.#columns = columns;
    this.#gridColumns = columns.map(toGridColumn);
    this.#output = output;
    this.#style = style;
    this.#width = width === null ? null : Math.max(width, minTableWidth);
  }

  async add(row: Row): Promise<void> {
    this.#waiting.push(row.map((cell, index) => tableCell(cell, this.#columns[index]!, this.#style)));
    if (this.#waiting.length >= measuredRows) await this.drain();
  }

  async finish(): Promise<number> {
    await this.drain();
    const footer = formatCounted(this.#rows, 'row');
    await this.#output.write(`${this.#style.dim(this.#width === null ? footer : cutToWidth(footer, this.#width))}\n`);
    return this.#rows;
  }

  /** Prints the rows that wait. */
  async drain(): Promise<void> {
    const rows = this.#waiting;
    this.#waiting = [];
    const header = this.#layout === null ? this.#begin(rows) : '';
    const layout = this.#layout!;
    const lines = rows.map((row) => {
      this.#rows++;
      return layout.kind === 'grid' ? gridLine(this.#gridColumns, row, layout.widths) : this.#record(row);
    });
    await this.#output.write(header + lines.map((line) => `${line}\n`).join(''));
  }

  #begin(rows: readonly GridCell[][]): string {
    const widths = this.#isExpanded ? null : gridWidths(this.#gridColumns, rows, this.#width);
    this.#layout = widths === null ? { kind: 'records' } : { kind: 'grid', widths };
    return widths === null ? '' : gridHeader(this.#gridColumns, widths, this.#style);
  }

  #record(row: readonly GridCell[]): string {
    const width = this.#width;
    const title = `── row ${this.#rows} `;
    const values = row.map((value, index) => ({ label: this.#gridColumns[index]!.header, value }));
    const rule =
      width === null ? title.trimEnd() : cutToWidth(title, width) + '─'.repeat(Math.max(0, width - title.length));
    return [this.#style.dim(rule), ...recordLines(values, { width, dim: this.#style.dim })].join('\n');
  }
}

function toGridColumn({ name, type }: Column): GridColumn {
  const isNumber = type === 'integer' || type === 'real' || type === 'decimal';
  const isShort = isNumber || type === 'boolean' || type === 'timestamp' || type === 'date';
  return { header: terminalSafe(name), align: isNumber ? 'right' : 'left', shrinkable: !isShort };
}

/** A cell as it is shown: NULL dim, bytes and milliseconds with units, everything else exact and terminal-safe. */
function tableCell(cell: Cell, column: Column, { dim }: Style): GridCell {
  if (cell === null) return { text: 'NULL', paint: dim };
  return { text: quantityText(cell, column) ?? terminalSafe(cellText(cell, column.type)) };
}

/** Quantities are known by the column names of the lake: `bytes_sent`, `bytes`, `max_bytes`, `total_time_ms`. */
function quantityText(cell: Exclude<Cell, null>, { name, type }: Column): string | null {
  const quantity = type === 'decimal' && typeof cell === 'string' ? Number(cell) : cell;
  if (typeof quantity !== 'bigint' && (typeof quantity !== 'number' || !Number.isFinite(quantity))) return null;
  if (/^bytes_|(^|_)bytes$/.test(name)) return formatBytes(quantity);
  return name.endsWith('_ms') ? formatDuration(quantity) : null;
}
