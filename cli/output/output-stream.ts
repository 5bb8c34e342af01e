/** Writing to a Node stream such as stdout: waits while the reader is slow, and knows when it has gone away. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { AppError } from '../../config/app-error.js';
import type { Output } from './rows.js';

/**
 * An output over a stream, whose errors become AppErrors: `output-closed` for `| head`, `disk-full`, `file-unusable`.
 */
export interface StreamOutput extends Output {
  /** Waits until everything has reached the operating system; call it before the process exits. */
  flush(): Promise<void>;
}

/** Wraps a stream. `name` is what errors call it: `stdout` or a path. */
export function streamOutput(stream: Writable, name = 'stdout'): StreamOutput {
  let failure: Error | null = null;
  stream.on('error', (error) => (failure ??= error));
  return {
    async write(chunk) {
      if (failure !== null) throw outputError(failure, name);
      if (stream.write(chunk)) return;
      await once(stream, 'drain').catch((error: unknown) => {
        throw outputError(error as Error, name);
      });
    },
    flush: () =>
      new Promise((resolve, reject) => {
        stream.write('', (error) => (error ? reject(outputError(failure ?? error, name)) : resolve()));
      }),
  };
}

function outputError(cause: Error, name: string): AppError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EPIPE') return new AppError('output-closed', `${name}: the reader went away`, { cause });
  if (code === 'ENOSPC')
    return new AppError('disk-full', `${name}: no space left; expected room for the output`, { cause });
  return new AppError(
    'file-unusable',
    `${name}: cannot be written (${code ?? cause.message}); expected a file or pipe that takes output`,
    { cause },
  );
}
