/** Alerts as JSON text. */
import type { Alert } from '../outbox.js';

/** One line: the finding or the digest, as the contract has it. */
export function alertLine({ content }: Alert): string {
  return `${asciiJson(content)}\n`;
}

/**
 * JSON in which everything but printable ASCII is a `\u` escape, so that log text cannot steer a terminal in which
 * somebody looks at it, and no service finds a character that it refuses; the value is the same.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
