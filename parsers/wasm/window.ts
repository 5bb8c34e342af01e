/** A stretch of log: where in it tokens end, and where secrets may begin. */

import { equals, percent, quote } from './bytes';
import { windowBytes } from './kernel';
import { mayEndSecretName } from './secret-names';

/** A step of the search, and the readable bytes before and behind the lines. */
const step = 64;

/** The lines, and where they end. */
export const window: usize = memory.data(windowBytes + 2 * step, 16) + step;
export let stop: usize = 0;

/** Addresses of the bytes up to `"`, ascending: a token ends at the first that follows it. The last is a line feed. */
const ends = memory.data((windowBytes + step) * 4, 16);
/** Addresses of each `=` and `%` that may end the name of a secret, ascending; the end of the lines is the last. */
const separators = memory.data((windowBytes + step + 1) * 4, 16);

/** The place in `ends` of the first end in the next line. */
export let nextEnd: usize = 0;
let nextSeparator: usize = 0;

/** Says that the next line comes after what is at this place in `ends`. */
export function goBehind(end: usize): void {
  nextEnd = end + 4;
}

/** Says that the next line begins at `at`, or further on. */
export function goTo(at: usize): void {
  while (load<u32>(nextEnd) < <u32>at) nextEnd += 4;
  while (load<u32>(nextSeparator) < <u32>at) nextSeparator += 4;
}

/** Whether a secret may begin before `to`; passes over what is before it. */
export function passSeparators(to: usize): bool {
  const before = nextSeparator;
  while (load<u32>(nextSeparator) < <u32>to) nextSeparator += 4;
  return nextSeparator !== before;
}

/** Looks through the `length` bytes that were put into the window; the last is a line feed. */
export function index(length: i32): void {
  stop = window + length;
  memory.fill(stop, 0xff, step);
  nextEnd = ends;
  nextSeparator = separators;
  let to = ends;
  let toSeparator = separators;
  const last = i8x16.splat(<i8>quote);
  for (let from = window; from < stop; from += step) {
    const a = v128.load(from);
    const b = v128.load(from, 16);
    const c = v128.load(from, 32);
    const d = v128.load(from, 48);
    let found = bits(i8x16.le_u(a, last), i8x16.le_u(b, last), i8x16.le_u(c, last), i8x16.le_u(d, last));
    while (found !== 0) {
      store<u32>(to, <u32>(from + <usize>ctz(found)));
      to += 4;
      found &= found - 1;
    }
    const marksA = isSeparator(a);
    const marksB = isSeparator(b);
    const marksC = isSeparator(c);
    const marksD = isSeparator(d);
    if (!v128.any_true(v128.or(v128.or(marksA, marksB), v128.or(marksC, marksD)))) continue;
    let marked = bits(marksA, marksB, marksC, marksD);
    while (marked !== 0) {
      const at = from + <usize>ctz(marked);
      if (mayEndSecretName(at)) {
        store<u32>(toSeparator, <u32>at);
        toSeparator += 4;
      }
      marked &= marked - 1;
    }
  }
  store<u32>(toSeparator, <u32>stop);
}

function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = <u64>(i8x16.bitmask(a) | (i8x16.bitmask(b) << 16));
  const high = <u64>(i8x16.bitmask(c) | (i8x16.bitmask(d) << 16));
  return (low & 0xffffffff) | (high << 32);
}

function isSeparator(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(<i8>equals)), i8x16.eq(bytes, i8x16.splat(<i8>percent)));
}
