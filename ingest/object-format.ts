/** What an object is, told by as few of its first bytes as will do. */
import { sniff, type ObjectFormat } from '../parsers/sniff.js';
import type { LogFormat } from './log-parsers.js';

/** More bytes than this say no more about an object. */
export const sniffBytes = 64 << 10;
const quickSniffBytes = 4 << 10;

/** A few lines are enough to know most objects; the others are looked at more closely. */
export function sniffObject(bytes: Uint8Array): ObjectFormat {
  const format = sniff(bytes.subarray(0, quickSniffBytes));
  return isLogFormat(format) || bytes.length <= quickSniffBytes ? format : sniff(bytes.subarray(0, sniffBytes));
}

/** Whether a parser reads the format as it is. */
export function isLogFormat(format: ObjectFormat): format is LogFormat {
  return format === 'access-log-text' || format === 'access-log-json' || format === 'cloudtrail-json';
}
