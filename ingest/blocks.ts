/** The memory that raw log bytes live in from their reading until they are parsed. */

/** About 1,900 access-log lines, which are two or three batches. */
export const usualBlockBytes = 1 << 20;

/** Hands out blocks that are used again and again. */
export class BlockPool {
  readonly #free = new Map<number, Buffer[]>();

  /** A block of at least `bytes`, with rubbish in it. Sizes are powers of two, so that blocks find a second use. */
  take(bytes = usualBlockBytes): Buffer {
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, usualBlockBytes)));
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** Takes a block back; no batch may point into it any more. */
  giveBack(block: Buffer): void {
    const free = this.#free.get(block.length);
    if (free === undefined) this.#free.set(block.length, [block]);
    else free.push(block);
  }
}
