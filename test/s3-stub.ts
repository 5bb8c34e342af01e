/**
 * A small S3 that answers GET and ListObjectsV2 as AWS does, keeps what it was asked, and fails on request. The emulator of
 * the other tests sorts and encodes keys its own way and cannot fail.
 */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';

export interface StubRequest {
  readonly kind: 'list' | 'get';
  readonly bucket: string;
  /** The key, or the prefix of a list. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  /** How often the same was asked before. */
  readonly repetition: number;
}

/** What to do instead of answering. */
export type Fault =
  | {
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Record<string, string>;
    }
  /** Ends the connection after so many bytes of the body. */
  | { readonly cutAfter: number }
  /** Sends a body that is not what its checksum says. */
  | { readonly wrongBytes: true }
  /** Never answers. */
  | { readonly silent: true };

export class S3Stub {
  readonly requests: StubRequest[] = [];
  /** Keys in a page of a list. */
  pageKeys = 1000;
  fault: (request: StubRequest) => Fault | null = () => null;
  readonly #buckets = new Map<string, Map<string, Buffer>>();
  readonly #asked = new Map<string, number>();
  readonly #sorted = new Map<string, string[]>();
  readonly #server = http.createServer((request, response) => this.#answer(request, response));

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(bucket: string, key: string, body: string | Buffer): void {
    const objects = this.#buckets.get(bucket) ?? new Map<string, Buffer>();
    objects.set(key, Buffer.from(body));
    this.#buckets.set(bucket, objects);
    this.#sorted.delete(bucket);
  }

  remove(bucket: string, key: string): void {
    this.#buckets.get(bucket)?.delete(key);
    this.#sorted.delete(bucket);
  }

  lists(): StubRequest[] {
    return this.requests.filter(({ kind }) => kind === 'list');
  }

  gets(): StubRequest[] {
    return this.requests.filter(({ kind }) => kind === 'get');
  }

  #answer(incoming: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(incoming.url!, 'http://stub');
    const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname)!;
    const kind = url.searchParams.has('list-type') ? 'list' : 'get';
    const name = kind === 'list' ? (url.searchParams.get('prefix') ?? '') : decodeURIComponent(key);
    const request: StubRequest = {
      kind,
      bucket,
      key: name,
      query: url.searchParams,
      headers: incoming.headers,
      repetition: this.#asked.get(`${kind} ${bucket} ${name}`) ?? 0,
    };
    this.#asked.set(`${kind} ${bucket} ${name}`, request.repetition + 1);
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault !== null && 'silent' in fault) return;
    if (fault !== null && 'status' in fault) return error(response, fault);
    const objects = this.#buckets.get(bucket);
    if (objects === undefined) return error(response, { status: 404, code: 'NoSuchBucket' });
    if (kind === 'list') return this.#list(response, request);
    const body = objects.get(name);
    if (body === undefined) return error(response, { status: 404, code: 'NoSuchKey' });
    this.#get(response, { request, body, fault });
  }

  #list(response: http.ServerResponse, { bucket, key: prefix, query }: StubRequest): void {
    const delimiter = query.get('delimiter') ?? '';
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const isUrl = query.get('encoding-type') === 'url';
    const encode = (text: string): string =>
      escape(isUrl ? encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/') : text);
    const contents: string[] = [];
    const folders: string[] = [];
    let last = '';
    let isTruncated = false;
    const keys = this.#keys(bucket);
    for (let index = firstBehind(keys, after > prefix ? after : prefix); index < keys.length; index++) {
      const key = keys[index]!;
      if (!key.startsWith(prefix)) break;
      if (after !== '' && (!(key > after) || (after.endsWith('/') && delimiter !== '' && key.startsWith(after))))
        continue;
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      const folder = cut < 0 ? null : key.slice(0, cut + 1);
      if (folder !== null && folder === folders.at(-1)) continue;
      if (contents.length + folders.length === this.pageKeys) {
        isTruncated = true;
        break;
      }
      if (folder === null) contents.push(key);
      else folders.push(folder);
      last = folder ?? key;
    }
    const objects = this.#buckets.get(bucket)!;
    const xml = [
      '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
      `<Name>${bucket}</Name><IsTruncated>${isTruncated}</IsTruncated>`,
      isUrl ? '<EncodingType>url</EncodingType>' : '',
      isTruncated ? `<NextContinuationToken>${escape(last)}</NextContinuationToken>` : '',
      ...contents.map((key) => {
        const body = objects.get(key)!;
        return `<Contents><Key>${encode(key)}</Key><ETag>&quot;${etagOf(body)}&quot;</ETag><Size>${body.length}</Size></Contents>`;
      }),
      ...folders.map((folder) => `<CommonPrefixes><Prefix>${encode(folder)}</Prefix></CommonPrefixes>`),
      '</ListBucketResult>',
    ];
    response.writeHead(200, { 'content-type': 'application/xml' }).end(xml.join(''));
  }

  #get(
    response: http.ServerResponse,
    { request, body, fault }: { readonly request: StubRequest; readonly body: Buffer; readonly fault: Fault | null },
  ): void {
    const expected = request.headers['if-match'];
    if (expected !== undefined && expected !== `"${etagOf(body)}"`)
      return error(response, { status: 412, code: 'PreconditionFailed' });
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const part = body.subarray(Number(from ?? 0));
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(zlib.crc32(body));
    response.writeHead(from === undefined ? 200 : 206, {
      etag: `"${etagOf(body)}"`,
      'content-length': String(part.length),
      ...(request.headers['x-amz-checksum-mode'] === 'ENABLED' && from === undefined
        ? { 'x-amz-checksum-crc32': checksum.toString('base64'), 'x-amz-checksum-type': 'FULL_OBJECT' }
        : {}),
    });
    if (fault !== null && 'cutAfter' in fault) {
      response.write(part.subarray(0, fault.cutAfter), () => response.destroy());
      return;
    }
    if (fault !== null) {
      const wrong = Buffer.from(part);
      wrong[wrong.length - 2]! ^= 1;
      response.end(wrong);
      return;
    }
    response.end(part);
  }

  /** In the order of UTF-8 bytes, which for the keys of these tests is the order of JavaScript. */
  #keys(bucket: string): string[] {
    const known = this.#sorted.get(bucket);
    if (known !== undefined) return known;
    const sorted = [...this.#buckets.get(bucket)!.keys()].sort();
    this.#sorted.set(bucket, sorted);
    return sorted;
  }
}

function firstBehind(keys: readonly string[], text: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function etagOf(body: string | Buffer): string {
  return createHash('md5').update(body).digest('hex');
}

function error(
  response: http.ServerResponse,
  { status, code, message = code, headers = {} }: Extract<Fault, { readonly status: number }>,
): void {
  response
    .writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'STUB', ...headers })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${escape(message)}</Message></Error>`);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
