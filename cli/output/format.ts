/** The output formats by name: `--format table|json|jsonl|csv|arrow|parquet|markdown`. */
import { AppError } from '../../config/app-error.js';
import type { ArrowContainer } from './arrow.js';
import { writeCsv } from './csv.js';
import { writeJson, writeJsonl } from './json.js';
import { writeMarkdown } from './markdown.js';
import type { Output, RowStream } from './rows.js';
import { plainStyle, type Style } from './style.js';
import { writeTable } from './table.js';

/** Every value of `--format`. */
export const formats = ['table', 'json', 'jsonl', 'csv', 'arrow', 'parquet', 'markdown'] as const;

/** One value of `--format`. */
export type Format = (typeof formats)[number];

/** What a format may need to know of where it prints. */
export interface FormatOptions {
  /** Columns of the terminal; null for files and pipes, where tables are never cut. */
  readonly width?: number | null;
  readonly style?: Style;
  /** Whether a person looks at the output: binary formats are refused then. */
  readonly isTerminal?: boolean;
  /** Of a table: prints each batch when it arrives. */
  readonly isEager?: boolean;
  /** Of a table: one value a line. */
  readonly isExpanded?: boolean;
  readonly arrowContainer?: ArrowContainer;
  /**
   * Writes the rows as Parquet and returns their number. The store does it with COPY; without it, parquet is refused.
   */
  readonly writeParquet?: (rows: RowStream, output: Output) => Promise<number>;
}

/**
 * Writes rows in a format; returns their number. jsonl, csv, markdown, json and arrow stream; a table measures its
 * first rows.
 */
export async function writeRows(
  format: Format,
  rows: RowStream,
  output: Output,
  options: FormatOptions = {},
): Promise<number> {
  if (isBinary(format) && options.isTerminal === true) throw binaryOnTerminal(format);
  return writers[format](rows, output, options);
}

const writers: Readonly<Record<Format, (rows: RowStream, output: Output, options: FormatOptions) => Promise<number>>> =
  {
    table: (rows, output, { width = null, style = plainStyle, isEager = false, isExpanded = false }) =>
      writeTable(rows, output, { width, style, isEager, isExpanded }),
    json: writeJson,
    jsonl: writeJsonl,
    csv: writeCsv,
    markdown: writeMarkdown,
    // Its library is loaded when it is asked for: that takes longer than most answers.
    arrow: async (rows, output, { arrowContainer }) =>
      (await import('./arrow.js')).writeArrow(rows, output, arrowContainer),
    parquet: async (rows, output, { writeParquet }) => {
      if (writeParquet === undefined) throw parquetNotOffered();
      return writeParquet(rows, output);
    },
  };

/** Whether a format is bytes that only programs read. */
function isBinary(format: Format): boolean {
  return format === 'arrow' || format === 'parquet';
}

function binaryOnTerminal(format: Format): AppError {
  return new AppError(
    'usage',
    `--format ${format}: stdout is a terminal; expected a pipe or a file, so add > FILE or --out FILE`,
  );
}

function parquetNotOffered(): AppError {
  return new AppError(
    'usage',
    `--format parquet: this command has no Parquet output; expected ${formats.filter((name) => name !== 'parquet').join(', ')}`,
  );
}
