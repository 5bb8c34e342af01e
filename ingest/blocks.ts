/** The memory that raw log bytes live in from their reading until their batches are written. */

/** About 1,900 access-log lines, so one block is about one batch. */
export const usualBlockBytes = 1 << 20;

/** Hands out blocks and takes them all back at once, when everything that was staged has been written. */
export class BlockPool {
  readonly #free = new Map<number, Buffer[]>();
  #used: Buffer[] = [];

  /** A block of at least `bytes`, with rubbish in it. Sizes are powers of two, so that blocks find a second use. */
  take(bytes = usualBlockBytes): Buffer {
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, usualBlockBytes)));
    const block = this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
    this.#used.push(block);
    return block;
  }

  /** Takes back every block but `current`; no batch may point into one of them any more. */
  recycle(current: Buffer): void {
    for (const block of this.#used) {
      if (block === current) continue;
      const free = this.#free.get(block.length);
      if (free === undefined) this.#free.set(block.length, [block]);
      else free.push(block);
    }
    this.#used = [current];
  }
}
