/** Bytes of logs by their names. Sixteen at a time are compared with a splat, which takes an `i8`. */

export const lineFeed: u32 = 0x0a;
export const carriageReturn: u32 = 0x0d;
export const space: u32 = 0x20;
export const quote: u32 = 0x22;
export const percent: u32 = 0x25;
export const plus: u32 = 0x2b;
export const comma: u32 = 0x2c;
export const dash: u32 = 0x2d;
export const dot: u32 = 0x2e;
export const slash: u32 = 0x2f;
export const zero: u32 = 0x30;
export const colon: u32 = 0x3a;
export const equals: u32 = 0x3d;
export const openBracket: u32 = 0x5b;
export const backslash: u32 = 0x5c;
export const closeBracket: u32 = 0x5d;
export const openBrace: u32 = 0x7b;
export const closeBrace: u32 = 0x7d;
