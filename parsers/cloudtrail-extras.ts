/** Collects the top-level fields of a record that have no column as one JSON object. */
import type { JsonScanner } from './json-scanner.js';

const open = Buffer.from('{');
const colon = Buffer.from(':');
const comma = Buffer.from(',');
const close = Buffer.from('}');

/** The JSON text of the fields in `scanner.extras`; of a repeated key only the last is there. */
export function collectExtraFields(scanner: JsonScanner, block: Uint8Array): Buffer {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const parts: Buffer[] = [];
  for (const at of lastOfEachKey(scanner, bytes)) {
    parts.push(parts.length === 0 ? open : comma);
    parts.push(bytes.subarray(scanner.extras[at]! - 1, scanner.extras[at + 1]! + 1), colon);
    parts.push(bytes.subarray(scanner.extras[at + 2], scanner.extras[at + 3]));
  }
  parts.push(close);
  return Buffer.concat(parts);
}

/** Where in `scanner.extras` the fields are that count. */
function lastOfEachKey(scanner: JsonScanner, bytes: Buffer): Iterable<number> {
  const all = Array.from({ length: scanner.extraCount }, (_, index) => index * 4);
  if (!scanner.repeated) return all;
  const last = new Map<string, number>();
  for (const at of all) last.set(keyOf(bytes, scanner.extras[at]! - 1, scanner.extras[at + 1]! + 1), at);
  return last.values();
}

function keyOf(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(bytes.toString('utf8', start, end)) as string;
}
