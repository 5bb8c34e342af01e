/** Standard input as one object. It has no name to remember it by, so every run reads it; repeated rows are duplicates. */
import fs from 'node:fs';
import type { ObjectBody, Source, SourceObject } from '../source.js';

/** `etag` must differ from run to run, so that the ledger does not take this input for an earlier one. */
export function stdinSource(etag: string): Source {
  return { kind: 'stdin', list: () => [{ kind: 'stdin', uri: 'stdin', etag, size: 0 }] };
}

export function openStdin(_object: SourceObject): ObjectBody {
  return { read: readStdin, close: () => undefined };
}

function readStdin(into: Uint8Array): number {
  for (;;) {
    try {
      return fs.readSync(0, into);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      // A terminal or an idle pipe in non-blocking mode: look again shortly.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}
