/** gzip as it arrives from strangers: several members, cut short, corrupt, followed by rubbish, or a bomb. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import zlib from 'node:zlib';
import type { RejectReason } from '../parsers/reject.js';

/** What was wrong with the compressed data. The bytes before it are good, unless the reason is `corrupt-gzip`. */
export interface ByteFault {
  readonly reason: RejectReason;
  readonly detail: string;
}

export interface Inflated {
  readonly bytes: Buffer;
  readonly fault: ByteFault | null;
}

/** zlib's own chunk is 16 KB; larger ones save joining. */
const usualChunkBytes = 1 << 20;
/** deflate makes no more of a byte. */
const maxRatio = 1032;

/** Inflates data that fits memory; null when it inflates to more than `maxBytes`. */
export function inflate(compressed: Buffer, maxBytes: number): Inflated | null {
  try {
    const { buffer, engine } = zlib.gunzipSync(compressed, {
      chunkSize: chunkBytes(compressed, maxBytes),
      maxOutputLength: maxBytes,
      info: true,
    }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    if (engine.bytesWritten === compressed.length) return { bytes: buffer, fault: null };
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return null;
  }
  return inflateMembers(compressed, maxBytes);
}

/** What is sent here is gone. */
const nowhere = closedPort();

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

/**
 * Frees at once what was inflated, and is not in use any more. Memory that waits for V8 to collect it is missed by the next object, which
 * takes more of the system: that has to clear it first, and an ingest of CloudTrail was a twentieth longer.
 */
export function freeInflated({ bytes: { buffer } }: Inflated): void {
  // Buffers that are smaller share their memory.
  if (buffer.byteLength >= usualChunkBytes) nowhere.postMessage(null, [buffer as ArrayBuffer]);
}

/** Room for all that the last member says it holds, if that is true, and one byte: then nothing has to be joined. */
function chunkBytes(compressed: Buffer, maxBytes: number): number {
  if (compressed.length < 4) return usualChunkBytes;
  const claimed = compressed.readUInt32LE(compressed.length - 4) + 1;
  return Math.max(usualChunkBytes, Math.min(claimed, compressed.length * maxRatio, maxBytes));
}

/** The slow way for faulty data: member by member, so that what is whole before the fault is known. */
function inflateMembers(compressed: Buffer, maxBytes: number): Inflated | null {
  const parts: Buffer[] = [];
  let total = 0;
  let at = 0;
  while (at < compressed.length) {
    const body = memberBody(compressed, at);
    if (body === null) return { bytes: Buffer.concat(parts), fault: badHeader(compressed, at) };
    const member = inflateMember(compressed, body, maxBytes - total);
    if (member === null) return null;
    if (member.fault?.reason === 'corrupt-gzip') return { bytes: Buffer.alloc(0), fault: member.fault };
    parts.push(member.bytes);
    total += member.bytes.length;
    if (member.fault !== null) return { bytes: Buffer.concat(parts), fault: member.fault };
    at = member.end;
  }
  return { bytes: Buffer.concat(parts), fault: null };
}

function badHeader(compressed: Buffer, at: number): ByteFault {
  if (at === 0) return { reason: 'corrupt-gzip', detail: 'gzip: the header is malformed' };
  return { reason: 'trailing-garbage', detail: `${compressed.length - at} bytes after the end of the gzip data` };
}

interface Member extends Inflated {
  /** Offset behind the member's trailer. */
  readonly end: number;
}

function inflateMember(compressed: Buffer, body: number, maxBytes: number): Member | null {
  const rest = compressed.subarray(body);
  let bytes: Buffer;
  let consumed: number;
  try {
    const options = {
      chunkSize: usualChunkBytes,
      maxOutputLength: Math.max(1, maxBytes),
      info: true,
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
    };
    const result = zlib.inflateRawSync(rest, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    bytes = result.buffer;
    consumed = result.engine.bytesWritten;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return null;
    return {
      bytes: Buffer.alloc(0),
      end: 0,
      fault: { reason: 'corrupt-gzip', detail: `gzip: ${(error as Error).message}` },
    };
  }
  if (rest.length - consumed < 8)
    return { bytes, end: compressed.length, fault: { reason: 'truncated-gzip', detail: 'gzip: the data ends early' } };
  const expected = rest.readUInt32LE(consumed);
  const found = zlib.crc32(bytes);
  const fault: ByteFault | null =
    expected === found ? null : { reason: 'corrupt-gzip', detail: 'gzip: the checksum does not match' };
  return { bytes, end: body + consumed + 8, fault };
}

/** Offset of the deflate data of the member at `at` (RFC 1952, 2.3); null when there is no well-formed header. */
function memberBody(data: Buffer, at: number): number | null {
  if (data.length - at < 10 || data[at] !== 0x1f || data[at + 1] !== 0x8b || data[at + 2] !== 8) return null;
  const flags = data[at + 3]!;
  let body = at + 10;
  if ((flags & 4) !== 0) body += body + 2 <= data.length ? 2 + data.readUInt16LE(body) : data.length;
  for (const flag of [8, 16]) if ((flags & flag) !== 0) body = afterZero(data, body);
  if ((flags & 2) !== 0) body += 2;
  return body < data.length ? body : null;
}

function afterZero(data: Buffer, from: number): number {
  const zero = data.indexOf(0, from);
  return zero < 0 ? data.length : zero + 1;
}
