/** The memory that raw log bytes live in from their reading until their batches are written. */

/** About 1,900 access-log lines, so one block is about one batch. */
const usualBytes = 1 << 20;

/** Hands out blocks and takes them all back at once, when everything that was staged has been written. */
export class BlockPool {
  readonly #free: Buffer[] = [];
  readonly #used: Buffer[] = [];

  /** A block of at least `bytes`, with rubbish in it. */
  take(bytes = usualBytes): Buffer {
    const block = bytes <= usualBytes ? (this.#free.pop() ?? Buffer.allocUnsafeSlow(usualBytes)) : Buffer.allocUnsafeSlow(bytes);
    this.#used.push(block);
    return block;
  }

  /** Takes back every block; no batch may point into one any more. */
  recycle(): void {
    for (const block of this.#used) if (block.length === usualBytes) this.#free.push(block);
    this.#used.length = 0;
  }
}
