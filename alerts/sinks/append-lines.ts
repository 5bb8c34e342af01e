/** Appends to a file that other programs read: in one write, on the disk when it returns, and never in the middle of a line. */
import fs from 'node:fs/promises';
import { AppError, type ErrorCode } from '../../config/app-error.js';

/**
 * Appends lines, each with its line feed, and waits for the disk, so that an alert that counts as delivered survives a
 * power cut. The folder must exist, the file is made. Throws `sink-unreachable`, `sink-forbidden` or `disk-full`.
 */
export async function appendLines(path: string, lines: string): Promise<void> {
  try {
    await append(path, lines);
  } catch (cause) {
    throw sinkError(path, cause as NodeJS.ErrnoException);
  }
}

async function append(path: string, lines: string): Promise<void> {
  const file = await fs.open(path, 'a+');
  try {
    await file.appendFile((await endsInLine(file)) ? lines : `\n${lines}`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A run that was killed in the middle of a write leaves half a line, which must not spoil the next. */
async function endsInLine(file: fs.FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  return buffer[0] === 0x0a;
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk-full',
  EACCES: 'sink-forbidden',
  EPERM: 'sink-forbidden',
};

function sinkError(path: string, cause: NodeJS.ErrnoException): AppError {
  const code = codes[cause.code ?? ''] ?? 'sink-unreachable';
  return new AppError(
    code,
    `${path}: cannot be written (${cause.code ?? cause.message}); expected a file in an existing folder`,
    {
      facts: { path },
      cause,
    },
  );
}
