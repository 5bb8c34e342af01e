/** Single rows of finished batches: taken out, copied elsewhere, asked for their time. */
import { valueBytes, type BatchColumn } from './batch-memory.js';
import type { BatchBuilder, ParsedBatch } from './batch.js';

/**
 * Takes rows out of a batch, in its own memory: the last rows move into the gaps. `rows` ascends. The batch that was
 * given must not be used again. Null when no row is left.
 */
export function removeRows(parsed: ParsedBatch, rows: readonly number[]): ParsedBatch | null {
  const kept = parsed.rows - rows.length;
  if (kept === 0) return null;
  const moves: [from: number, to: number][] = [];
  const removed = new Set(rows);
  for (let from = parsed.rows - 1, gap = 0; gap < rows.length && rows[gap]! < kept; from--) {
    if (!removed.has(from)) moves.push([from, rows[gap++]!]);
  }
  for (const [index, column] of parsed.columns.entries()) {
    const width = valueBytes[parsed.table.columns[index]!.kind];
    for (const [from, to] of moves) moveValue(column, width, from, to);
  }
  return { ...parsed, rows: kept };
}

function moveValue({ bytes, valid }: BatchColumn, width: number, from: number, to: number): void {
  moveBit(valid, from, to);
  if (width < 1) moveBit(bytes, from, to);
  else bytes.copyWithin(to * width, from * width, (from + 1) * width);
}

function moveBit(bits: Uint8Array, from: number, to: number): void {
  const bit = (bits[from >> 3]! >> (from & 7)) & 1;
  bits[to >> 3] = (bits[to >> 3]! & ~(1 << (to & 7))) | (bit << (to & 7));
}

/** Adds a row of a batch to a builder of the same table; its text is copied, so no block is held for it. */
export function copyRow(parsed: ParsedBatch, row: number, to: BatchBuilder): void {
  const { table, columns, buffers } = parsed;
  let timeUs = NaN;
  for (let index = 0; index < columns.length; index++) {
    const column = columns[index]!;
    if (((column.valid[row >> 3]! >> (row & 7)) & 1) === 0) continue;
    const { kind, name } = table.columns[index]!;
    if (kind === 'text' || kind === 'blob') copyText(column, buffers, row, index, to);
    else if (kind === 'int16') to.int16(index, column.bytes.readInt16LE(row * 2));
    else if (kind === 'boolean') to.boolean(index, ((column.bytes[row >> 3]! >> (row & 7)) & 1) === 1);
    else to.words64(index, column.words[row * 2]!, column.words[row * 2 + 1]!);
    if (name === table.timeColumn) timeUs = timeOf(column, row);
  }
  to.endRow(timeUs);
}

function copyText(
  { words, bytes }: BatchColumn,
  buffers: readonly Buffer[],
  row: number,
  index: number,
  to: BatchBuilder,
): void {
  const at = row * 4;
  const length = words[at]!;
  if (length <= 12) to.copy(index, bytes, row * 16 + 4, row * 16 + 4 + length);
  else to.copy(index, buffers[words[at + 2]!]!, words[at + 3], words[at + 3]! + length);
}

/** Microseconds since 1970 of a row of a timestamp column. */
export function timeOf({ words }: BatchColumn, row: number): number {
  return words[row * 2 + 1]! * 4294967296 + (words[row * 2]! >>> 0);
}
