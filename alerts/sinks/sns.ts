/** The sink for programs, people and chat behind an SNS topic, standard or FIFO. */
import type { BatchResultErrorEntry, SNSClient } from '@aws-sdk/client-sns';
import { clientSettings } from '../../aws/access.js';
import { awsFailure } from '../../aws/failure.js';
import type { SinkOf } from '../../config/sink-schema.js';
import type { Alert } from '../outbox.js';
import { awsSinkError, type AwsSinkName } from './aws-sink-error.js';
import { deliverBatches, type Entry, type EntryFailure } from './batch-delivery.js';
import { fitAlert } from './fit-alert.js';
import { paced, systemClock, type Clock } from './pacing.js';
import type { Sink } from './sink.js';
import { messageBytes, snsMessage, type SnsMessage, type SnsMessageOptions } from './sns-message.js';

export interface SnsOptions {
  readonly name: string;
  readonly config: Pick<SinkOf<'sns'>, 'topicArn' | 'region' | 'roleArn' | 'format'>;
  /** A finding for people, safe for a terminal, with its line feeds. */
  readonly renderText: SnsMessageOptions['renderText'];
  readonly clock?: Clock;
  /** From [0, 1): spreads retries. */
  readonly random?: () => number;
}

/** SNS bills by 64 KiB, and every kind of subscriber takes a message of that size. */
export const maxMessageBytes = 65_536;
/** Of a request: entries, and the sum of the bytes, which is that of one message (API reference of PublishBatch). */
export const publishBatchLimits = { entries: 10, bytes: 262_144 };
/** E-mail subscriptions get about 10 messages a second at most, and people read no faster. */
const pace = { perSecond: 5, burst: 10 };

interface SnsEntry extends Entry {
  readonly message: SnsMessage;
}

export function snsSink({ name, config, renderText, clock = systemClock, random = Math.random }: SnsOptions): Sink {
  const { topicArn, roleArn } = config;
  const sink: AwsSinkName = { what: `SNS topic ${topicArn}`, action: 'sns:Publish', resource: topicArn, roleArn };
  const options = { format: config.format, isFifo: topicArn.endsWith('.fifo'), renderText };
  const mayPublish = paced(pace, clock);
  let client: Promise<SNSClient> | null = null;
  return {
    name,
    async send(alerts) {
      if (alerts.length === 0) return [];
      client ??= openClient(config);
      const opened = await client;
      return deliverBatches(
        alerts.map((alert) => snsEntry(alert, options)),
        {
          sink,
          limits: publishBatchLimits,
          clock,
          random,
          request: async (entries) => {
            await mayPublish(entries.length);
            return publishBatch(opened, { sink, topicArn, entries });
          },
        },
      );
    },
  };
}

async function openClient({ region, roleArn }: SnsOptions['config']): Promise<SNSClient> {
  const { SNSClient } = await import('@aws-sdk/client-sns');
  return new SNSClient(await clientSettings({ region, roleArn, externalId: null }));
}

/** The entry of an alert, shortened when its message would be too large. */
export function snsEntry(alert: Alert, options: SnsMessageOptions): SnsEntry {
  const fitting = fitAlert(alert, (shorter) => messageBytes(snsMessage(shorter, options)) <= maxMessageBytes);
  const message = snsMessage(fitting, options);
  return { alert, message, bytes: messageBytes(message) };
}

interface PublishRequest {
  readonly sink: AwsSinkName;
  readonly topicArn: string;
  readonly entries: readonly SnsEntry[];
}

/** Answers 200 also when entries failed: those are in `Failed`. */
async function publishBatch(
  client: SNSClient,
  { sink, topicArn, entries }: PublishRequest,
): Promise<EntryFailure<SnsEntry>[]> {
  const { PublishBatchCommand } = await import('@aws-sdk/client-sns');
  const PublishBatchRequestEntries = entries.map(({ message }, index) => ({ Id: String(index), ...message }));
  try {
    const { Failed = [] } = await client.send(
      new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries }),
    );
    return Failed.map((failed) => ({ entry: entries[Number(failed.Id)]!, failure: entryFailure(failed) }));
  } catch (thrown) {
    // Said of the topic it is the config that is wrong, and no alert.
    const failure = awsFailure(thrown);
    if (failure.kind === 'rejected' && failure.message.includes('TopicArn')) throw awsSinkError(failure, sink, thrown);
    throw thrown;
  }
}

/** Codes that name no known kind go by whose fault it is. */
function entryFailure({ Code, Message, SenderFault }: BatchResultErrorEntry): EntryFailure<SnsEntry>['failure'] {
  return awsFailure({
    name: Code ?? 'Error',
    message: Message ?? '',
    $metadata: { httpStatusCode: SenderFault === true ? 400 : 500 },
  });
}
