/** From the config to sinks. A type that is not here yet leaves its alerts in the outbox. */
import type { Sink as SinkConfig } from '../../config/sink-schema.js';
import { namedSinks } from '../sink-name.js';
import { eventBridgeSink } from './eventbridge.js';
import { jsonlSink } from './jsonl.js';
import type { Sink } from './sink.js';
import { snsSink } from './sns.js';
import { stdoutSink, type StdoutOptions } from './stdout.js';

/** The sinks of the config that can deliver, by the names that the outbox knows them by. */
export function openSinks(configs: readonly SinkConfig[], stdout: Pick<StdoutOptions, 'write' | 'renderText'>): Sink[] {
  return namedSinks(configs).flatMap(({ name, config }) => {
    if (config.type === 'stdout') return [stdoutSink({ name, config, ...stdout })];
    if (config.type === 'jsonl') return [jsonlSink({ name, path: config.path })];
    if (config.type === 'sns') return [snsSink({ name, config, renderText: stdout.renderText })];
    if (config.type === 'eventbridge') return [eventBridgeSink({ name, config })];
    return [];
  });
}
