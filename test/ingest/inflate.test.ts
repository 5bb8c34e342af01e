/** gzip from strangers: what is whole is kept, and what was wrong is said. */
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { freeInflated, inflate } from '../../ingest/inflate.js';
import { InflatingBody } from '../../ingest/inflate-stream.js';
import { openLocalObject } from '../../ingest/sources/local.js';
import { temporaryFolder } from '../lake.js';

const text = 'one line of a log\n'.repeat(500);
const member = zlib.gzipSync(text);
const other = zlib.gzipSync('another member\n');
const corrupt = Buffer.from(member);
corrupt[corrupt.length - 6]! ^= 1;

const cases: readonly (readonly [name: string, compressed: Buffer, inflated: string | null, reason: string | null])[] =
  [
    ['one member', member, text, null],
    ['several members', Buffer.concat([member, other]), `${text}another member\n`, null],
    ['a member cut in its data', member.subarray(0, -20), null, 'truncated-gzip'],
    ['a member cut in its trailer', member.subarray(0, -3), text, 'truncated-gzip'],
    ['a second member that is cut', Buffer.concat([member, other.subarray(0, 11)]), null, 'truncated-gzip'],
    ['garbage after the end', Buffer.concat([member, Buffer.from('garbage')]), text, 'trailing-garbage'],
    ['zeros after the end', Buffer.concat([member, Buffer.alloc(64)]), text, 'trailing-garbage'],
    ['a wrong checksum', corrupt, '', 'corrupt-gzip'],
  ];

describe('inflating at once', () => {
  it.each(cases)('handles %s', (_, compressed, expected, reason) => {
    const inflated = inflate(compressed, 1e6)!;
    expect(inflated.fault?.reason ?? null).toBe(reason);
    const found = inflated.bytes.toString();
    expect(expected ?? `${text}another member\n`.slice(0, found.length)).toBe(found);
  });

  it('gives up on a bomb instead of holding it', () => {
    expect(inflate(zlib.gzipSync(Buffer.alloc(5e6)), 1e6)).toBeNull();
    expect(inflate(Buffer.concat([zlib.gzipSync(Buffer.alloc(5e6)), Buffer.from('x')]), 1e6)).toBeNull();
  });
});

async function readAll(compressed: Buffer, maxBytes: number): Promise<{ text: string; reason: string | null }> {
  const file = path.join(temporaryFolder('inflate'), 'object');
  fs.writeFileSync(file, compressed);
  const body = openLocalObject({ kind: 'local', uri: file, etag: '', size: compressed.length }, 0);
  const inflating = new InflatingBody(Buffer.alloc(0), body, maxBytes);
  const parts: Buffer[] = [];
  const into = Buffer.alloc(1000);
  for (let length = await inflating.read(into); length > 0; length = await inflating.read(into))
    parts.push(Buffer.from(into.subarray(0, length)));
  inflating.close();
  return { text: Buffer.concat(parts).toString(), reason: inflating.fault?.reason ?? null };
}

describe('freeing what was inflated', () => {
  it('takes its memory away at once', () => {
    const inflated = inflate(zlib.gzipSync(Buffer.alloc(3e6)), 1e9)!;
    freeInflated(inflated);
    expect(inflated.bytes).toHaveLength(0);
  });

  it('leaves memory alone that others share', () => {
    // Faulty data is joined from pieces, and Node puts small buffers into one memory.
    const inflated = inflate(Buffer.concat([member, other, Buffer.from('garbage')]), 1e9)!;
    const small = inflate(Buffer.concat([other, Buffer.from('garbage')]), 1e9)!;
    freeInflated(small);
    freeInflated(inflated);
    expect([small.bytes.toString(), Buffer.from('still here').toString()]).toEqual(['another member\n', 'still here']);
  });
});

describe('inflating piece by piece', () => {
  it('reads several members as one stream', async () => {
    expect(await readAll(Buffer.concat([member, other]), 1e6)).toEqual({
      text: `${text}another member\n`,
      reason: null,
    });
  });

  it('says that the data ended early', async () => {
    expect((await readAll(member.subarray(0, -20), 1e6)).reason).toBe('truncated-gzip');
  });

  it('says that the data is corrupt', async () => {
    expect((await readAll(corrupt, 1e6)).reason).toBe('corrupt-gzip');
  });

  it('stops a bomb at the limit', async () => {
    const bomb = await readAll(zlib.gzipSync(Buffer.alloc(5e6)), 1e6);
    expect(bomb.reason).toBe('too-large');
    expect(bomb.text.length).toBeLessThanOrEqual(1e6);
  });
});
