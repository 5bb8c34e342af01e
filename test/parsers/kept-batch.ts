/** Batches for tests that look at them later: a batch is good while its sink is called. */
import { copyRows, layoutOf, takeArena } from '../../parsers/batch-memory.js';
import type { ParsedBatch } from '../../parsers/batch.js';

/** The batch in memory of its own, but for the block that its rows lie in. */
export function kept(batch: ParsedBatch): ParsedBatch {
  const { table, rows, buffers } = batch;
  const [block, ...others] = buffers;
  const layout = layoutOf(table);
  const arena = takeArena(layout);
  copyRows(layout, batch.arena, rows, arena.bytes);
  return { ...batch, arena, columns: arena.columns, buffers: [block!, ...others.map((buffer) => Buffer.from(buffer))] };
}
