/** An HTTP server on the loopback that keeps what it is sent and answers as the test says. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => stop(server)));
});

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export class WebhookReceiver {
  readonly requests: ReceivedRequest[] = [];
  /** Null never answers. */
  answer: (request: ReceivedRequest, index: number) => Answer | null = () => ({ status: 200 });
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((incoming, outgoing) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (text: string) => (body += text));
      incoming.on('end', () => {
        const request = { path: incoming.url!, headers: incoming.headers, body };
        this.requests.push(request);
        const answer = this.answer(request, this.requests.length - 1);
        if (answer !== null) outgoing.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    servers.push(receiver.#server);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', () => resolve()));
    return receiver;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on nobody listens. */
  close(): Promise<void> {
    return stop(this.#server);
  }

  bodies(): unknown[] {
    return this.requests.map(({ body }) => JSON.parse(body) as unknown);
  }
}
