/** The memory of row groups: taken piece by piece, and given back as a whole. */

/** Sixteen bytes behind every piece can be read and written, so that a loop need not know where its last step ends. */
const slack: usize = 16;
const pageShift: usize = 16;

let next: usize = (__heap_base + 15) & ~15;

/** Pieces that were given back one by one, as what grows does with its smaller self: lists by the power of two of their size. */
const returned = memory.data(32 * 4, 16);

/** Gives all pieces back. */
export function forgetAll(): void {
  next = (__heap_base + 15) & ~15;
  memory.fill(returned, 0, 32 * 4);
}

/** A piece of memory, of whatever was left in it; its address is a multiple of 16. Traps when the system gives no more. */
export function take(bytes: usize): usize {
  const at = next;
  next = (at + bytes + slack + 15) & ~15;
  const size = (<usize>memory.size()) << pageShift;
  if (next > size) grow((next - size + 0xffff) >> pageShift);
  return at;
}

/** Seldom and much: what is not written to costs nothing, but V8 collects garbage after each time. */
function grow(pages: usize): void {
  const much = max(pages, <usize>memory.size());
  if (memory.grow(<i32>much) < 0 && memory.grow(<i32>pages) < 0) unreachable();
}

/** A piece of a power of two of bytes, at least 16. */
export function takePower(bytes: usize): usize {
  const list = returned + (ctz(bytes) << 2);
  const at = <usize>load<u32>(list);
  if (at === 0) return take(bytes);
  store<u32>(list, load<u32>(at));
  return at;
}

/** Gives such a piece back. */
export function giveBack(at: usize, bytes: usize): void {
  const list = returned + (ctz(bytes) << 2);
  store<u32>(at, load<u32>(list));
  store<u32>(list, <u32>at);
}

/** Copies and may write up to 15 bytes more than asked for. */
export function copyBytes(to: usize, from: usize, length: usize): void {
  if (length > 256) {
    memory.copy(to, from, length);
    return;
  }
  for (let at: usize = 0; at < length; at += 16) v128.store(to + at, v128.load(from + at));
}
