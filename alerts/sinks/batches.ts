/** Cuts what is to be sent into requests that a service takes: so many entries, and so many bytes in all. */

export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** In the order given. An item that is too large on its own is a batch of its own: the service says what is wrong. */
export function batchesOf<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
  limits: BatchLimits,
): Item[][] {
  const batches: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = bytesOf(item);
    const last = batches.at(-1);
    if (last === undefined || last.length === limits.entries || bytes + size > limits.bytes) {
      batches.push([item]);
      bytes = size;
    } else {
      last.push(item);
      bytes += size;
    }
  }
  return batches;
}
