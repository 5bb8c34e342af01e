/** Reads what is left of a body, into memory or into a file. */
import fs from 'node:fs';
import { usualBlockBytes } from './blocks.js';
import type { ObjectBody } from './source.js';

export async function readWhole(body: ObjectBody): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.allocUnsafe(usualBlockBytes);
    const length = await body.read(part);
    if (length === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, length));
  }
}

export interface WholeFile {
  /** What was already read of the body. */
  readonly head: Uint8Array;
  /** True when that was all. */
  readonly ended: boolean;
  readonly file: string;
  readonly maxBytes: number;
}

/** Writes an object to a file; false when it is larger than it may be, and then the file is not whole. */
export async function writeWhole(body: ObjectBody, { head, ended, file, maxBytes }: WholeFile): Promise<boolean> {
  const part = Buffer.allocUnsafe(usualBlockBytes);
  let bytes = head.length;
  fs.writeFileSync(file, head);
  while (!ended && bytes <= maxBytes) {
    const length = await body.read(part);
    ended = length === 0;
    bytes += length;
    fs.appendFileSync(file, part.subarray(0, length));
  }
  return bytes <= maxBytes;
}
