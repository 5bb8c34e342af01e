/** Alerts as lines of JSON. */
import type { Alert } from '../outbox.js';

/**
 * One line: the finding or the digest, as the contract has it. Everything but printable ASCII is a `\u` escape, so that
 * log text cannot steer a terminal in which somebody looks at the output; the JSON value is the same.
 */
export function alertLine({ content }: Alert): string {
  const json = JSON.stringify(content).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${json}\n`;
}
