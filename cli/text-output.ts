/** Writes a whole text to stdout, or to a file that appears under its name when it is complete. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../config/app-error.js';
import type { CommandContext } from './context.js';
import { streamOutput } from './output/output-stream.js';

/** Throws `file-unusable` when the file cannot be written. */
export async function writeText({ cwd, stdout }: CommandContext, text: string, out?: string): Promise<void> {
  if (out === undefined) {
    const output = streamOutput(stdout);
    await output.write(text);
    await output.flush();
    return;
  }
  const file = path.resolve(cwd, out);
  const unfinished = `${file}.${process.pid}.part`;
  try {
    fs.writeFileSync(unfinished, text);
    fs.renameSync(unfinished, file);
  } catch (error) {
    fs.rmSync(unfinished, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    throw new AppError(
      'file-unusable',
      `${out}: cannot be written (${code ?? String(error)}); expected a path in a folder that exists and takes files`,
      { cause: error },
    );
  }
}
