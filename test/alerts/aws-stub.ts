/**
 * A stand-in for services that the emulators lack, or are too kind in: an HTTP server that reads what the SDK really
 * sends and answers what a test tells it to. Keeps what it was asked.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach } from 'vitest';

export interface StubRequest {
  /** `x-amz-target` of the JSON protocols; empty for the query protocol of SNS. */
  readonly target: string;
  readonly contentType: string;
  readonly isCompressed: boolean;
  readonly userAgent: string;
  readonly body: string;
}

export interface StubAnswer {
  readonly status?: number;
  readonly contentType: string;
  readonly body: string;
}

export interface AwsStub {
  readonly url: string;
  readonly requests: readonly StubRequest[];
  /** From now on nobody listens. */
  readonly stop: () => Promise<void>;
}

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** Runs until the end of the test. */
export async function startAwsStub(answer: (request: StubRequest) => StubAnswer): Promise<AwsStub> {
  const requests: StubRequest[] = [];
  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = readRequest(incoming, Buffer.concat(chunks));
      requests.push(request);
      const { status = 200, contentType, body } = answer(request);
      outgoing.writeHead(status, { 'content-type': contentType, 'x-amzn-requestid': `r${requests.length}` }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  running.push(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop };
}

function readRequest({ headers }: http.IncomingMessage, raw: Buffer): StubRequest {
  const isCompressed = headers['content-encoding'] === 'gzip';
  return {
    target: String(headers['x-amz-target'] ?? ''),
    contentType: headers['content-type'] ?? '',
    isCompressed,
    userAgent: headers['user-agent'] ?? '',
    body: (isCompressed ? gunzipSync(raw) : raw).toString('utf8'),
  };
}

/** An error of the JSON protocols. */
export function jsonError(status: number, type: string, message: string): StubAnswer {
  return { status, contentType: 'application/x-amz-json-1.1', body: JSON.stringify({ __type: type, message }) };
}

/** What the SDK finds in the environment; set before a client is made. */
export function setAwsEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, awsEnvironment, variables);
}

export const awsEnvironment = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'not-a-secret-but-secret',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
} as const;

/** A clock that stands still but for its sleepers. */
export function fakeClock() {
  let nowMs = 0;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => nowMs,
    async sleep(ms: number): Promise<void> {
      sleeps.push(ms);
      nowMs += ms;
    },
  };
}
