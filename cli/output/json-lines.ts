/** JSON for people to read and copy: indented, and safe to print whatever is in it. */
import { safeJson } from './escape.js';

export function jsonLines(value: unknown): string[] {
  return JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) => safeJson(line));
}
