/** The memory of a row group: taken piece by piece, and given back as a whole. */

/** Sixteen bytes behind every piece can be read and written, so that a loop need not know where its last step ends. */
const slack: usize = 16;
const pageShift: usize = 16;

let next: usize = (__heap_base + 15) & ~15;

/** Gives all pieces back. */
export function forgetAll(): void {
  next = (__heap_base + 15) & ~15;
}

/** A piece of memory, of whatever was left in it; its address is a multiple of 16. Traps when the system gives no more. */
export function take(bytes: usize): usize {
  const at = next;
  next = (at + bytes + slack + 15) & ~15;
  const size = (<usize>memory.size()) << pageShift;
  if (next > size && memory.grow(<i32>((next - size + 0xffff) >> pageShift)) < 0) unreachable();
  return at;
}

/** Copies and may write up to 15 bytes more than asked for. */
export function copyBytes(to: usize, from: usize, length: usize): void {
  if (length > 256) {
    memory.copy(to, from, length);
    return;
  }
  for (let at: usize = 0; at < length; at += 16) v128.store(to + at, v128.load(from + at));
}
