/**
 * Fills the column `has_key` of finished batches of the access log: which of two actions an operation on an ACL was is told by it, and
 * reading all keys for that took half the time of many questions.
 */
import type { ParsedBatch } from './batch.js';
import { accessLogTable, columnIndex } from './tables.js';

const keyColumn = columnIndex(accessLogTable, 'key');
const hasKeyColumn = columnIndex(accessLogTable, 'has_key');

/** Fills the batch in place. Other tables are left alone. */
export function fillHasKey(parsed: ParsedBatch): ParsedBatch {
  const { table, rows, columns } = parsed;
  if (table !== accessLogTable) return parsed;
  const { bytes, valid } = columns[hasKeyColumn]!;
  const bitmapBytes = (rows + 7) >> 3;
  bytes.set(columns[keyColumn]!.valid.subarray(0, bitmapBytes));
  valid.fill(0xff, 0, bitmapBytes);
  return parsed;
}
