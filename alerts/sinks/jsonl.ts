/** The sink for other programs on the machine: a file that grows by a line of JSON a finding. */
import { alertLine } from './alert-json.js';
import { appendLines } from './append-lines.js';
import type { Sink } from './sink.js';

export interface JsonlOptions {
  readonly name: string;
  /** Absolute; the folder must exist, the file is made. */
  readonly path: string;
}

export function jsonlSink({ name, path }: JsonlOptions): Sink {
  return {
    name,
    isLocal: true,
    async send(alerts) {
      if (alerts.length > 0) await appendLines(path, alerts.map((alert) => alertLine(alert)).join(''));
      return [];
    },
  };
}
