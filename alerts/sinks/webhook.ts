/**
 * The sink for programs of the reader's own and for chat: an HTTPS POST for each alert, signed when there is a secret. The
 * address may be a secret itself, so no message of this sink has it: the sink's name stands for it.
 */
import { createHmac } from 'node:crypto';
import { AppError } from '../../config/app-error.js';
import type { SinkOf } from '../../config/sink-schema.js';
import type { Alert } from '../outbox.js';
import type { Sink, Undelivered } from './sink.js';
import { webhookBody } from './webhook-body.js';

const timeoutMs = 10_000;
/** Redirects on the same host that are followed. */
const maxRedirects = 3;
/** No receiver keeps us away for longer. */
const longestRetryAfterMs = 300_000;

export interface WebhookOptions {
  readonly name: string;
  readonly config: Pick<SinkOf<'webhook'>, 'url' | 'urlEnv' | 'secretEnv' | 'format'>;
  /** Read when something is sent. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for one request. */
  readonly timeoutMs?: number;
}

export function webhookSink(options: WebhookOptions): Sink {
  const { name, config, env } = options;
  return {
    name,
    async send(alerts) {
      if (alerts.length === 0) return [];
      const target: Target = {
        url: addressOf(name, config, env),
        secret: config.secretEnv === null ? null : variable(name, config.secretEnv, env),
        timeoutMs: options.timeoutMs ?? timeoutMs,
      };
      const undelivered: Undelivered[] = [];
      for (const [index, alert] of alerts.entries()) {
        const refusal = await post(target, alert, webhookBody(alert, config.format));
        if (refusal === null) continue;
        const { isForAll, ...rest } = refusal;
        const failure = { ...rest, error: `${name}: ${refusal.error}` };
        if (!isForAll) {
          undelivered.push({ alert, ...failure });
          continue;
        }
        if (index === 0 && failure.retryAfterMs === undefined) throw new AppError('sink-unreachable', failure.error);
        return [...undelivered, ...alerts.slice(index).map((alert) => ({ alert, ...failure }))];
      }
      return undelivered;
    },
  };
}

interface Target {
  readonly url: URL;
  readonly secret: string | null;
  readonly timeoutMs: number;
}

function addressOf(name: string, { url, urlEnv }: WebhookOptions['config'], env: WebhookOptions['env']): URL {
  const written = url ?? variable(name, urlEnv!, env);
  const address = URL.canParse(written) ? new URL(written) : null;
  const isLocal = address?.protocol === 'http:' && /^(localhost|127\.0\.0\.1)$/.test(address.hostname);
  if (address === null || (address.protocol !== 'https:' && !isLocal) || address.username !== '') {
    const expected = 'an https:// address without a user name (http:// only for localhost)';
    throw new AppError(
      'config-invalid',
      `${name}: what the variable holds is not a webhook address; expected ${expected}`,
    );
  }
  return address;
}

function variable(name: string, variableName: string, env: WebhookOptions['env']): string {
  const value = env[variableName];
  if (value !== undefined && value !== '') return value;
  throw new AppError(
    'config-invalid',
    `${name}: the environment variable ${variableName} is not set; expected it where bucketwatch runs`,
    { facts: { variable: variableName } },
  );
}

interface Refusal {
  readonly error: string;
  readonly isPermanent?: boolean;
  readonly retryAfterMs?: number;
  /** Whether the next alert would fare the same, so that it is not tried now. */
  readonly isForAll: boolean;
}

/** Null when the receiver took it. */
async function post({ url, secret, timeoutMs }: Target, alert: Alert, body: Body): Promise<Refusal | null> {
  const headers = {
    'content-type': body.contentType,
    'user-agent': 'bucketwatch',
    'idempotency-key': alert.id,
    ...(secret === null
      ? {}
      : { 'x-signature': `sha256=${createHmac('sha256', secret).update(body.text).digest('hex')}` }),
  };
  const request = { method: 'POST', headers, body: body.text, redirect: 'manual' } as const;
  // One clock for all of it, so that a receiver that dribbles or redirects cannot hold up the run.
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    let target = url;
    for (let redirects = 0; ; redirects++) {
      const response = await fetch(target, { ...request, signal });
      await response.body?.cancel();
      const next = redirectOf(response, target);
      if (next === null) return refusalOf(response);
      if (next.origin !== url.origin || redirects === maxRedirects) return refusedRedirect;
      target = next;
    }
  } catch (cause) {
    return {
      error: `does not answer (${reasonOf(cause)}); expected HTTP 2xx within ${timeoutMs / 1000} s`,
      isForAll: true,
    };
  }
}

type Body = ReturnType<typeof webhookBody>;

const refusedRedirect: Refusal = {
  error: 'answers with a redirect that is not followed; expected the final address, on one host',
  isPermanent: true,
  isForAll: false,
};

/** Only redirects that keep method and body are followed. */
function redirectOf({ status, headers }: Response, from: URL): URL | null {
  const location = headers.get('location');
  if ((status !== 307 && status !== 308) || location === null || !URL.canParse(location, from.href)) return null;
  return new URL(location, from.href);
}

function refusalOf({ status, headers }: Response): Refusal | null {
  if (status >= 200 && status < 300) return null;
  const isBusy = status === 429 || status === 503;
  const isPassing = status >= 500 || isBusy || status === 408 || status === 425;
  if (status >= 300 && status < 400) return refusedRedirect;
  const retryAfterMs = isBusy ? retryAfter(headers.get('retry-after')) : null;
  return {
    error: `answers with HTTP ${status}; expected 2xx`,
    isPermanent: !isPassing,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    isForAll: isBusy,
  };
}

/** Seconds, or a date (RFC 9110, 10.2.3), in milliseconds from now. */
function retryAfter(header: string | null): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), longestRetryAfterMs);
}

/** The code of the network's error; its text would name the address. */
function reasonOf(thrown: unknown): string {
  const { name, cause } = thrown as { readonly name?: string; readonly cause?: { readonly code?: string } };
  return cause?.code ?? name ?? 'unknown';
}
