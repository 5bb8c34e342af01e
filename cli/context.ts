/** What a command gets from its process; tests hand in their own. */
import type { Readable, Writable } from 'node:stream';

export interface CommandContext {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Aborts when the process is asked to end, with the exit code as its reason; commands finish what they have begun. */
  readonly signal: AbortSignal;
}

/** Options that every command takes. */
export interface CommonOptions {
  readonly dataDir?: string;
  readonly config?: string;
  readonly quiet?: boolean;
  readonly logFormat?: 'text' | 'json';
}
