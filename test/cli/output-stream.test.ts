import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { streamOutput } from '../../cli/output/output-stream.js';

function failingStream(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
    highWaterMark: 1,
  });
}

describe('output to a stream', () => {
  it('waits while the reader is slow', async () => {
    const pipe = new PassThrough({ highWaterMark: 4 });
    const output = streamOutput(pipe);
    let isWritten = false;
    const writing = output.write('12345678').then(() => (isWritten = true));
    await new Promise(setImmediate);
    expect(isWritten).toBe(false);
    pipe.resume();
    await writing;
    expect(isWritten).toBe(true);
  });

  it('is done after flush', async () => {
    const chunks: string[] = [];
    const output = streamOutput(
      new Writable({
        write(chunk, _encoding, done) {
          setImmediate(() => {
            chunks.push(String(chunk));
            done();
          });
        },
      }),
    );
    await output.write('a');
    await output.write('b');
    await output.flush();
    expect(chunks.join('')).toBe('ab');
  });

  it.each([
    ['EPIPE', 'output-closed', 0],
    ['ENOSPC', 'disk-full', 1],
    ['EIO', 'file-unusable', 2],
  ])('turns %s into %s with exit code %i', async (system, code, exitCode) => {
    const output = streamOutput(failingStream(system));
    await expect(output.write('text')).rejects.toMatchObject({ code, exitCode });
    await expect(output.write('more')).rejects.toMatchObject({ code });
    await expect(output.flush()).rejects.toMatchObject({ code });
  });
});
