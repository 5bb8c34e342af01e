/** The sink for pipes and log collectors: a line of JSON a finding on stdout, or text for people. */
import { AppError } from '../../config/app-error.js';
import type { SinkOf } from '../../config/sink-schema.js';
import type { Alert } from '../outbox.js';
import { alertLine } from './alert-json.js';
import type { Sink } from './sink.js';

export interface StdoutOptions {
  readonly name: string;
  readonly config: Pick<SinkOf<'stdout'>, 'format'>;
  /** Writes to stdout and returns when it has taken the text; only the cli may touch the stream itself. */
  readonly write: (text: string) => Promise<void>;
  /** An alert for people, safe for a terminal, with its line feeds. */
  readonly renderText: (content: Alert['content']) => string;
}

export function stdoutSink({ name, config, write, renderText }: StdoutOptions): Sink {
  const render = config.format === 'text' ? (alert: Alert): string => renderText(alert.content) : alertLine;
  return {
    name,
    isLocal: true,
    async send(alerts) {
      if (alerts.length === 0) return [];
      try {
        await write(alerts.map((alert) => render(alert)).join(''));
      } catch (cause) {
        if (cause instanceof AppError) throw cause;
        const found = cause instanceof Error ? cause.message : String(cause);
        throw new AppError('sink-unreachable', `stdout: cannot be written (${found}); expected a file or a pipe`, {
          cause,
        });
      }
      return [];
    },
  };
}
