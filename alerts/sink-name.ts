/** How the outbox names the sinks of the config: by type and address, so that a name means the same in the next run. */
import type { Sink as SinkConfig } from '../config/sink-schema.js';
import type { Severity } from '../config/severity.js';
import { sha256 } from './finding.js';

/** A sink that findings are announced to. */
export interface NamedSink {
  readonly name: string;
  readonly config: SinkConfig;
  readonly minSeverity: Severity;
  /** Whether it hears that a finding is over: true where programs keep the state of findings, false where people read. */
  readonly hearsClosing: boolean;
  /** Whether a storm ends in a digest; a store of findings takes every one instead. */
  readonly takesDigests: boolean;
}

/**
 * The sinks that take findings, with unique names: a second sink of the same name gets `#2`. CloudWatch is not among
 * them, because it takes metrics of a run and not findings.
 */
export function namedSinks(sinks: readonly SinkConfig[]): NamedSink[] {
  const seen = new Map<string, number>();
  return sinks.flatMap((config) => {
    if (config.type === 'cloudwatch') return [];
    const name = addressOf(config);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const traits = { hearsClosing: !isForPeople(config), takesDigests: config.type !== 'securityhub' };
    return [{ name: count === 1 ? name : `${name}#${count}`, config, minSeverity: config.minSeverity, ...traits }];
  });
}

function isForPeople(sink: SinkConfig): boolean {
  return 'format' in sink && ['text', 'chat', 'slack'].includes(sink.format);
}

function addressOf(sink: SinkConfig): string {
  switch (sink.type) {
    case 'stdout':
      return 'stdout';
    case 'jsonl':
    case 'ocsf':
      return `${sink.type}:${sink.path}`;
    case 'sns':
      return `sns:${sink.topicArn}`;
    case 'cloudwatch':
      return `cloudwatch:${sink.namespace}`;
    case 'eventbridge':
      return `eventbridge:${sink.eventBus}`;
    case 'securityhub':
      return `securityhub:${sink.region ?? 'default'}`;
    default:
      return `webhook:${sink.url === null ? `$${sink.urlEnv}` : webhookName(sink.url)}`;
  }
}

/** The path of a webhook may be a secret, so only its hash is shown. */
function webhookName(url: string): string {
  return `${new URL(url).host}/${sha256([url]).slice(0, 8)}`;
}
