/**
 * Asks each service of AWS for what it must refuse, because the request is empty: an answer about the content means that
 * the way there is open, and nothing was sent. Services may look at the content before they look at the permission, so
 * only `--send-test` proves that.
 */
import { clientSettings } from '../../aws/access.js';
import {
  importFindings,
  partitionOf,
  sendEvents,
  sendFindings,
  sendMetrics,
  type Statement,
} from '../../aws/permissions.js';
import type { Config } from '../../config/load.js';
import { watchClock, type AwsProbe } from './aws-answer.js';

type Sink = Config['sinks'][number];
type AwsSink = Extract<Sink, { type: 'sns' | 'cloudwatch' | 'eventbridge' | 'securityhub' }>;

export interface SinkProbe {
  /** What does not exist when the service says so. */
  readonly thing: string;
  readonly statement: Statement;
  /** Sends the empty request. */
  readonly ask: () => Promise<unknown>;
}

export function isAwsSink(sink: Sink): sink is AwsSink {
  return ['sns', 'cloudwatch', 'eventbridge', 'securityhub'].includes(sink.type);
}

/** The probe of a sink; clients live as long as the request. */
export function probeOf(sink: AwsSink, probe: AwsProbe): SinkProbe {
  switch (sink.type) {
    case 'sns':
      return snsProbe(sink, probe);
    case 'cloudwatch':
      return cloudWatchProbe(sink, probe);
    case 'eventbridge':
      return eventBridgeProbe(sink, probe);
    case 'securityhub':
      return securityHubProbe(sink, probe);
  }
}

type Of<Type extends AwsSink['type']> = Extract<AwsSink, { type: Type }>;

const access = ({ region, roleArn }: AwsSink) => ({ region, roleArn, externalId: null });

function snsProbe(sink: Of<'sns'>, probe: AwsProbe): SinkProbe {
  return {
    thing: `the topic ${sink.topicArn}`,
    statement: sendFindings(sink.topicArn),
    ask: async () => {
      const { SNSClient, PublishCommand } = await import('@aws-sdk/client-sns');
      const client = watchClock(new SNSClient(await clientSettings(access(sink))), probe);
      return client.send(new PublishCommand({ TopicArn: sink.topicArn, Message: '' })).finally(() => client.destroy());
    },
  };
}

function cloudWatchProbe(sink: Of<'cloudwatch'>, probe: AwsProbe): SinkProbe {
  return {
    thing: `the namespace ${sink.namespace}`,
    statement: sendMetrics(sink.namespace),
    ask: async () => {
      const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
      const client = watchClock(new CloudWatchClient(await clientSettings(access(sink))), probe);
      return client
        .send(new PutMetricDataCommand({ Namespace: sink.namespace, MetricData: [] }))
        .finally(() => client.destroy());
    },
  };
}

function eventBridgeProbe(sink: Of<'eventbridge'>, probe: AwsProbe): SinkProbe {
  const { eventBus, region } = sink;
  const arn = eventBus.startsWith('arn:')
    ? eventBus
    : `arn:${partitionOf(region)}:events:${region ?? 'THE_REGION'}:THE_ACCOUNT:event-bus/${eventBus}`;
  return {
    thing: `the event bus ${eventBus}`,
    statement: sendEvents(arn),
    ask: async () => {
      const { EventBridgeClient, PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
      const client = watchClock(new EventBridgeClient(await clientSettings(access(sink))), probe);
      // An entry without source, type and detail is refused on its own, behind the permission.
      return client
        .send(new PutEventsCommand({ Entries: [{ EventBusName: eventBus }] }))
        .finally(() => client.destroy());
    },
  };
}

function securityHubProbe(sink: Of<'securityhub'>, probe: AwsProbe): SinkProbe {
  const region = sink.region ?? 'THE_REGION';
  return {
    thing: 'Security Hub',
    statement: importFindings(
      `arn:${partitionOf(sink.region)}:securityhub:${region}:THE_ACCOUNT:product/THE_ACCOUNT/default`,
    ),
    ask: async () => {
      const { SecurityHubClient, BatchImportFindingsCommand } = await import('@aws-sdk/client-securityhub');
      const client = watchClock(new SecurityHubClient(await clientSettings(access(sink))), probe);
      return client.send(new BatchImportFindingsCommand({ Findings: [] })).finally(() => client.destroy());
    },
  };
}
