/** From the config to sinks: one line a type. */
import type { Sink as SinkConfig } from '../../config/sink-schema.js';
import { namedSinks } from '../sink-name.js';
import { eventBridgeSink } from './eventbridge.js';
import { jsonlSink } from './jsonl.js';
import { ocsfSink } from './ocsf.js';
import { securityHubSink } from './securityhub.js';
import type { Sink } from './sink.js';
import { snsSink } from './sns.js';
import { stdoutSink, type StdoutOptions } from './stdout.js';
import { webhookSink } from './webhook.js';

/** What sinks get from the process. */
export interface SinkSurroundings extends Pick<StdoutOptions, 'write' | 'renderText'> {
  /** Variables of the environment: secrets are there and nowhere else. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The sinks of the config that take findings, by the names that the outbox knows them by. */
export function openSinks(configs: readonly SinkConfig[], surroundings: SinkSurroundings): Sink[] {
  return namedSinks(configs).flatMap(({ name, config }) => {
    if (config.type === 'stdout') return [stdoutSink({ name, config, ...surroundings })];
    if (config.type === 'jsonl') return [jsonlSink({ name, path: config.path })];
    if (config.type === 'ocsf') return [ocsfSink({ name, path: config.path })];
    if (config.type === 'securityhub') return [securityHubSink({ name, config })];
    if (config.type === 'webhook') return [webhookSink({ name, config, env: surroundings.env })];
    if (config.type === 'sns') return [snsSink({ name, config, renderText: surroundings.renderText })];
    if (config.type === 'eventbridge') return [eventBridgeSink({ name, config })];
    return [];
  });
}
