/** The sink for security data lakes and SIEMs on the machine: a file that grows by an OCSF Detection Finding a line. */
import { asciiJson } from './alert-json.js';
import { appendLines } from './append-lines.js';
import { ocsfEvent } from './ocsf-event.js';
import type { Sink } from './sink.js';

export interface OcsfOptions {
  readonly name: string;
  /** Absolute; the folder must exist, the file is made. */
  readonly path: string;
}

export function ocsfSink({ name, path }: OcsfOptions): Sink {
  return {
    name,
    isLocal: true,
    async send(alerts) {
      if (alerts.length === 0) return [];
      await appendLines(path, alerts.map(({ content }) => `${asciiJson(ocsfEvent(content))}\n`).join(''));
      return [];
    },
  };
}
