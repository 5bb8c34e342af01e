/** gzip too large to hold: inflated piece by piece, with a limit on what comes out. */
import type { Hash } from 'node:crypto';
import zlib from 'node:zlib';
import type { ByteFault } from './inflate.js';
import type { ObjectBody } from './source.js';

const pieceBytes = 1 << 18;

/** A body that inflates another. `fault` says how the data ended, once `read` has answered 0. */
export class InflatingBody implements ObjectBody {
  fault: ByteFault | null = null;
  /** Is given every byte that `read` answers. */
  hash: Hash | null = null;
  readonly #body: ObjectBody;
  readonly #maxBytes: number;
  readonly #gunzip = zlib.createGunzip({ chunkSize: pieceBytes });
  readonly #ready: Buffer[] = [];
  #inflated = 0;
  #ended = false;
  #wake: () => void = () => undefined;

  /** `head` is what was already read of the compressed data. */
  constructor(head: Uint8Array, body: ObjectBody, maxBytes: number) {
    this.#body = body;
    this.#maxBytes = maxBytes;
    this.#gunzip.on('data', (chunk: Buffer) => {
      this.#ready.push(chunk);
      this.#wake();
    });
    this.#gunzip.on('drain', () => this.#wake());
    this.#gunzip.on('end', () => this.#end(null));
    this.#gunzip.on('error', (error) => this.#end(faultOf(error, this.#inflated > 0 || this.#ready.length > 0)));
    this.#gunzip.write(Buffer.from(head));
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#ready.length === 0 && !this.#ended) await this.#feed();
    const chunk = this.#ready.shift();
    if (chunk === undefined) return 0;
    const taken = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, taken));
    this.hash?.update(chunk.subarray(0, taken));
    if (taken < chunk.length) this.#ready.unshift(chunk.subarray(taken));
    this.#inflated += taken;
    if (this.#inflated <= this.#maxBytes) return taken;
    this.#end({ reason: 'too-large', detail: `inflates to more than ${this.#maxBytes} bytes (limits.max_inflated)` });
    return 0;
  }

  close(): void {
    this.#gunzip.destroy();
    this.#body.close();
  }

  async #feed(): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    const piece = Buffer.allocUnsafe(pieceBytes);
    const length = await this.#body.read(piece);
    if (length === 0) this.#gunzip.end();
    else this.#gunzip.write(piece.subarray(0, length));
    if (!this.#ended && this.#ready.length === 0) await woken;
  }

  #end(fault: ByteFault | null): void {
    if (!this.#ended) {
      this.#ended = true;
      this.fault = fault;
      if (fault?.reason === 'corrupt-gzip' || fault?.reason === 'too-large') this.#ready.length = 0;
    }
    this.#wake();
  }
}

function faultOf(error: Error, hadOutput: boolean): ByteFault {
  if ((error as { code?: string }).code === 'Z_BUF_ERROR')
    return { reason: 'truncated-gzip', detail: 'gzip: the data ends early' };
  if (hadOutput && /header|compression method/.test(error.message)) {
    return { reason: 'trailing-garbage', detail: 'bytes after the end of the gzip data' };
  }
  return { reason: 'corrupt-gzip', detail: `gzip: ${error.message}` };
}
