/** Decodes percent-encoded object keys, as parsers/percent.ts does. */
import { percent, plus, space } from './bytes';

/** As `decodeKeyTwice` in parsers/percent.ts; returns where the decoded bytes end, 0 at a malformed escape. */
export function decodeTwice(from: usize, to: usize, target: usize): usize {
  let stop = target;
  for (let at = from; at < to; at++) {
    let byte = <u32>load<u8>(at);
    if (byte === percent) {
      // Nearly every escape is %25 and two digits, which one step decodes.
      const value = load<u16>(at + 1) === 0x3532 && at + 5 <= to ? hexPair(at + 3) : 256;
      if (value > 255) {
        const once = decode(from, to, target);
        return once === 0 ? 0 : decode(target, once, target);
      }
      byte = value;
      at += 4;
    } else if (byte === plus) {
      byte = space;
    }
    store<u8>(stop++, byte);
  }
  return stop;
}

/** As `decodeKeyOnce` in parsers/percent.ts; `target` may be `from`. */
export function decode(from: usize, to: usize, target: usize): usize {
  for (let at = from; at < to; at++) {
    let byte = <u32>load<u8>(at);
    if (byte === percent) {
      byte = at + 3 <= to ? hexPair(at + 1) : 256;
      if (byte > 255) return 0;
      at += 2;
    } else if (byte === plus) {
      byte = space;
    }
    store<u8>(target++, byte);
  }
  return target;
}

/** The value of two hexadecimal digits; more than 255 when they are not. */
function hexPair(at: usize): u32 {
  return (hexDigit(load<u8>(at)) << 4) | hexDigit(load<u8>(at + 1));
}

function hexDigit(byte: u32): u32 {
  const digit = byte - 0x30;
  if (digit <= 9) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter <= 5 ? letter + 10 : 256;
}

/** Whether `[from, to)` is UTF-8: no overlong form, no surrogate, nothing above U+10FFFF. */
export function isUtf8(from: usize, to: usize): bool {
  let at = from;
  while (at < to) {
    const first = <u32>load<u8>(at++);
    if (first < 0x80) continue;
    if (first < 0xc2 || first > 0xf4) return false;
    const length: usize = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (at + length > to) return false;
    const second = <u32>load<u8>(at);
    const least: u32 = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    const most: u32 = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (let i: usize = 1; i < length; i++) if ((load<u8>(at + i) & 0xc0) !== 0x80) return false;
    at += length;
  }
  return true;
}
