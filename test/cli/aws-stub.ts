/** A server that answers as services of AWS do when something is wrong: refusals, missing things, a clock of its own. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StubRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** `s3`, `sns`, … as the signature names it. */
  readonly service: string;
  readonly body: string;
}

export interface StubAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AwsStub {
  readonly endpoint: string;
  readonly requests: readonly StubRequest[];
  close(): Promise<void>;
}

export async function startAwsStub(answer: (request: StubRequest) => StubAnswer): Promise<AwsStub> {
  const requests: StubRequest[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const asked = { method: request.method!, url: request.url!, service, body };
      requests.push(asked);
      const { status, body: text, headers = {} } = answer(asked);
      response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** An error as S3 writes it. */
export function s3Error(status: number, code: string, message: string): StubAnswer {
  return { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>` };
}

/** An error of the query protocol, which SNS and STS speak. */
export function queryError(status: number, code: string, message: string): StubAnswer {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>stub</RequestId></ErrorResponse>` };
}

/** An error of the JSON protocols, which CloudWatch, EventBridge, SQS and Security Hub speak. */
export function jsonError(status: number, code: string, message: string): StubAnswer {
  return {
    status,
    body: JSON.stringify({ __type: code, message }),
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code },
  };
}
