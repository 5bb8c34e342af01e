/**
 * The memory of a batch: one piece for all columns of a table, laid out as Arrow wants it, and used again
 * for one batch after another. Batches are made by the thousand, so a column is three views that live as long as the memory.
 */
import type { ColumnKind, Table } from './tables.js';

/** Rows of a full batch: few enough for the cache, and enough to forget what a batch costs. */
export const batchRows = 2048;
export const bitmapBytes = batchRows / 8;
/** Bytes of a value; a boolean is a bit. */
export const valueBytes: Readonly<Record<ColumnKind, number>> = {
  text: 16,
  blob: 16,
  int16: 2,
  int64: 8,
  timestamp: 8,
  boolean: 1 / 8,
};

/** A column of a batch. Text and blob are views: length, then the bytes up to 12, else four of them, a buffer and an offset. */
export interface BatchColumn {
  /** The values, and the same memory in words. */
  readonly bytes: Buffer;
  readonly words: Int32Array;
  /** A bit a row; 0 is null. */
  readonly valid: Buffer;
}

/** The memory of all columns of one batch, as a whole and by column. */
export interface Arena {
  readonly words: Int32Array;
  readonly shorts: Int16Array;
  readonly bytes: Uint8Array;
  readonly columns: readonly BatchColumn[];
  /** The side buffer of the batch. */
  side: Buffer;
  /** True for memory of a compiled reader, which writes one batch after the other there. */
  readonly isLent: boolean;
}

/** Where the columns of a table lie in an arena: `firstWords` in words, `validBytes` in bytes. */
export interface Layout {
  readonly table: Table;
  readonly firstWords: Int32Array;
  readonly validBytes: Int32Array;
  readonly bytes: number;
  readonly free: Arena[];
}

/** Arenas that are kept for reuse, a table: a batch is consumed when its builder has begun the next one. */
const maxFreeArenas = 8;

/** Larger side buffers are not kept. */
const maxFreeSideBytes = 1 << 18;
const noSide = Buffer.alloc(0);

/** Between two columns, which are a power of two long: without it the values of a row would share few places of the cache. */
const staggerBytes = 192;

const layouts = new Map<string, Layout>();

export function layoutOf(table: Table): Layout {
  let layout = layouts.get(table.name);
  if (layout === undefined) layouts.set(table.name, (layout = computeLayout(table)));
  return layout;
}

function computeLayout(table: Table): Layout {
  let bytes = 0;
  const reserve = (size: number): number => (bytes += (size + 7) & ~7) - ((size + 7) & ~7);
  const firstWords = Int32Array.from(
    table.columns,
    ({ kind }) => reserve(valueBytes[kind] * batchRows + staggerBytes) >> 2,
  );
  const validBytes = Int32Array.from(table.columns, () => reserve(bitmapBytes));
  return { table, firstWords, validBytes, bytes, free: [] };
}

/** Memory with every value null. */
export function takeArena(layout: Layout): Arena {
  const arena = layout.free.pop() ?? arenaIn(layout, new ArrayBuffer(layout.bytes));
  forgetRows(layout, arena);
  return arena;
}

/** Makes every value null. */
export function forgetRows(layout: Layout, arena: Arena): void {
  arena.bytes.fill(0, layout.validBytes[0]);
}

/** Copies the first `rows` rows, and of a nearly full arena all, to the same places of `to`. */
export function copyRows({ table, firstWords, validBytes }: Layout, from: Arena, rows: number, to: Uint8Array): void {
  if (rows > batchRows / 2) {
    to.set(from.bytes);
    return;
  }
  for (const [index, { kind }] of table.columns.entries()) {
    const at = firstWords[index]! * 4;
    to.set(from.bytes.subarray(at, at + Math.ceil(rows * valueBytes[kind])), at);
  }
  to.set(from.bytes.subarray(validBytes[0]), validBytes[0]);
}

/** Gives the memory of a batch back; the batch must not be read afterwards. */
export function freeArena(layout: Layout, arena: Arena): void {
  if (arena.side.length > maxFreeSideBytes) arena.side = noSide;
  if (layout.free.length < maxFreeArenas) layout.free.push(arena);
}

/** All columns of a table in memory of their own, or from `lentFrom` on, a multiple of eight, in that of a compiled reader. */
export function arenaIn(
  { table, bytes, firstWords, validBytes }: Layout,
  memory: ArrayBuffer,
  lentFrom: number | null = null,
): Arena {
  const start = lentFrom ?? 0;
  const columns = table.columns.map(({ kind }, index): BatchColumn => {
    const at = start + firstWords[index]! * 4;
    const length = valueBytes[kind] * batchRows;
    return {
      bytes: Buffer.from(memory, at, length),
      words: new Int32Array(memory, at, length >> 2),
      valid: Buffer.from(memory, start + validBytes[index]!, bitmapBytes),
    };
  });
  return {
    words: new Int32Array(memory, start, bytes >> 2),
    shorts: new Int16Array(memory, start, bytes >> 1),
    bytes: new Uint8Array(memory, start, bytes),
    columns,
    side: noSide,
    isLent: lentFrom !== null,
  };
}
