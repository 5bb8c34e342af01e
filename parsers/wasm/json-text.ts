/** Strings and numbers of compact JSON. Behind the text are zeros, so that what is cut off fails there. */
import { backslash, dash, dot, equals, percent, quote, zero } from './bytes';
import { mayEndSecretName } from './secret-names';

/** Where reading failed the last time. */
export let failedAt: usize = 0;

/** Says that the text is not plain at `at`; returns 0. */
export function fail(at: usize): usize {
  failedAt = at;
  return 0;
}

/** The closing quote of the string whose text begins at `from`; 0 when it has escapes, control characters or perhaps a secret. */
export function stringEnd(from: usize): usize {
  for (let at = from; ; at += 16) {
    const bytes = v128.load(at);
    const ends = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(<i8>quote)), i8x16.eq(bytes, i8x16.splat(<i8>backslash))),
        i8x16.lt_u(bytes, i8x16.splat(0x20)),
      ),
    );
    let marks = i8x16.bitmask(
      v128.or(i8x16.eq(bytes, i8x16.splat(<i8>equals)), i8x16.eq(bytes, i8x16.splat(<i8>percent))),
    );
    if (ends !== 0) marks &= (ends & -ends) - 1;
    for (; marks !== 0; marks &= marks - 1) {
      const mark = at + <usize>ctz(marks);
      if (mayEndSecretName(mark)) return fail(mark);
    }
    if (ends === 0) continue;
    const end = at + <usize>ctz(ends);
    return load<u8>(end) === 0x22 ? end : fail(end);
  }
}

/** The end of the number at `from`; 0 when it is none, or has an exponent. */
export function numberEnd(from: usize): usize {
  const first = load<u8>(from) === dash ? from + 1 : from;
  const whole = digitsEnd(first);
  if (whole === first || (load<u8>(first) === zero && whole > first + 1)) return fail(whole);
  if (load<u8>(whole) !== dot) return whole;
  const fraction = digitsEnd(whole + 1);
  return fraction === whole + 1 ? fail(fraction) : fraction;
}

function digitsEnd(from: usize): usize {
  let at = from;
  while (<u32>load<u8>(at) - zero <= 9) at++;
  return at;
}
