/** Prints rows in the format that was asked for, to stdout or a file. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import type { CommandContext } from './context.js';
import { writeRows, type Format } from './output/format.js';
import { streamOutput } from './output/output-stream.js';
import type { RowStream } from './output/rows.js';
import { createStyle, wantsColours } from './output/style.js';

export interface RowOutputOptions {
  readonly format?: Format;
  readonly out?: string;
}

/** Writes all rows; answers how many there were. */
export async function printRows(context: CommandContext, rows: RowStream, options: RowOutputOptions): Promise<number> {
  const { stdout, env } = context;
  const toFile = options.out !== undefined;
  const stream = toFile ? openFile(context, options.out) : stdout;
  const output = streamOutput(stream, options.out ?? 'stdout');
  const isTerminal = !toFile && stdout.isTTY === true;
  const count = await writeRows(options.format ?? 'table', rows, output, {
    width: isTerminal ? (stdout.columns ?? 80) : null,
    style: createStyle(isTerminal && wantsColours(stdout, env)),
    isTerminal,
    arrowContainer: toFile ? 'file' : 'stream',
    writeParquet: async (...given) => (await import('./output/parquet.js')).writeParquet(...given),
  });
  await output.flush();
  if (toFile) await new Promise((resolve) => stream.end(resolve));
  return count;
}

function openFile({ cwd }: CommandContext, out: string): fs.WriteStream {
  const file = path.resolve(cwd, out);
  if (!fs.existsSync(path.dirname(file)))
    throw new AppError('file-unusable', `${out}: its folder does not exist; expected a path in one that does`);
  return fs.createWriteStream(file);
}
