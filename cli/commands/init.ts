/** `bucketwatch init`: writes a commented config file, and never over one that exists. */
import fs from 'node:fs';
import path from 'node:path';
import { AppError, exitCodes } from '../../config/app-error.js';
import { configTemplate } from '../../config/template.js';
import type { CommandContext, CommonOptions } from '../context.js';
import { createNotes } from '../notes.js';

export async function initCommand(
  context: CommandContext,
  file: string,
  options: CommonOptions & { force?: boolean },
): Promise<number> {
  const target = path.resolve(context.cwd, file);
  try {
    fs.writeFileSync(target, configTemplate, { flag: options.force === true ? 'w' : 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new AppError('usage', `${file}: exists already; name another file, or overwrite it with --force`, {
        cause: error,
      });
    throw new AppError('file-unusable', `${file}: cannot be written (${code}); expected a folder that takes files`, {
      cause: error,
    });
  }
  createNotes(context, options).note(
    'config-written',
    `wrote ${file}: every key is explained and commented out; edit it, then run: bucketwatch run`,
  );
  return exitCodes.done;
}
