/** What the compiled readers agree on with parsers/kernel.ts. */

/** Bytes of log that are read at a time. */
export const windowBytes = 1 << 16;
/** Rows of a full batch. */
export const batchRows = 2048;

/** Why `read` stops. */
export const ended = 0;
export const notPlain = 1;
export const batchIsFull = 2;
export const maySecret = 3;
export const otherDay = 4;
export const cutOff = 5;
