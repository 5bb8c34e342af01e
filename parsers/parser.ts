/** What every parser is: bytes in, record batches out. A parser never throws on data, reads no clock and does no I/O. */
import type { SkippedKind } from './reject.js';

/**
 * Where a parser is in which object, and what it has counted there. The caller makes one an object and passes it
 * with every block of that object; the parser moves it. `lines` counts records that are not blank and not skipped,
 * and equals `rows + rejected` whenever the parser returns.
 */
export interface ObjectCursor {
  readonly uri: string;
  /** Physical lines, or elements of the array, before the next byte. */
  position: number;
  /** Offset of the next byte in the (inflated) object. */
  offset: number;
  lines: number;
  rows: number;
  rejected: number;
  readonly skipped: Partial<Record<SkippedKind, number>>;
}

export function startObject(uri: string): ObjectCursor {
  return { uri, position: 0, offset: 0, lines: 0, rows: 0, rejected: 0, skipped: {} };
}

/** Bounds on hostile input. */
export interface ParserLimits {
  /** A longer line or record is rejected whole, in bytes. */
  readonly maxRecordBytes: number;
}

export const defaultLimits: ParserLimits = { maxRecordBytes: 1 << 20 };

/**
 * One parser serves many objects, one after another, so that the rows of small objects fill one batch.
 *
 * `parse` reads `block[start, end)` and returns the offset of the first byte that it did not consume: the caller
 * gives those bytes again, at the start of the next block of the same object. With `last` everything is consumed.
 * The block belongs to the parser: secrets and invalid bytes are blanked in place. Objects may share a block; the
 * caller must `flush` before it continues in another block, and must not reuse a block before its batches are consumed.
 */
export interface Parser {
  parse(block: Uint8Array, start: number, end: number, cursor: ObjectCursor, last: boolean): number;
  flush(): void;
}
