/** The sink for rules of EventBridge: an event a finding, on the default bus or another. */
import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { clientSettings } from '../../aws/access.js';
import { awsFailure } from '../../aws/failure.js';
import type { SinkOf } from '../../config/sink-schema.js';
import type { Alert } from '../outbox.js';
import { asciiJson } from './alert-json.js';
import type { AwsSinkName } from './aws-sink-error.js';
import { deliverBatches, type Entry, type EntryFailure } from './batch-delivery.js';
import { fitAlert } from './fit-alert.js';
import { systemClock, type Clock } from './pacing.js';
import { s3Arns } from './s3-arns.js';
import type { Sink } from './sink.js';

export interface EventBridgeOptions {
  readonly name: string;
  readonly config: Pick<SinkOf<'eventbridge'>, 'eventBus' | 'region' | 'roleArn'>;
  readonly clock?: Clock;
  /** From [0, 1): spreads retries. */
  readonly random?: () => number;
}

/** Of a request (API reference of PutEvents, 2026-11: fewer than 1 MB in all). */
export const putEventsLimits = { entries: 10, bytes: 999_999 };
/** Targets such as SQS and SNS take less than EventBridge does, and it bills by 64 KiB. */
export const maxEventBytes = 65_536;

interface EventEntry extends Entry {
  readonly event: PutEventsRequestEntry;
}

export function eventBridgeSink(options: EventBridgeOptions): Sink {
  const { name, config, clock = systemClock, random = Math.random } = options;
  const { eventBus, roleArn } = config;
  const sink: AwsSinkName = {
    what: `event bus ${eventBus}`,
    action: 'events:PutEvents',
    resource: busArn(config),
    roleArn,
  };
  let client: Promise<EventBridgeClient> | null = null;
  return {
    name,
    async send(alerts) {
      if (alerts.length === 0) return [];
      client ??= openClient(config);
      const opened = await client;
      return deliverBatches(
        alerts.map((alert) => eventEntry(alert, config)),
        { sink, limits: putEventsLimits, clock, random, request: (entries) => putEvents(opened, entries) },
      );
    },
  };
}

async function openClient(config: EventBridgeOptions['config']): Promise<EventBridgeClient> {
  const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  const { roleArn } = config;
  return new EventBridgeClient(await clientSettings({ region: regionOf(config), roleArn, externalId: null }));
}

/** That of the config, or of the bus; null asks the environment. */
function regionOf({ region, eventBus }: Pick<EventBridgeOptions['config'], 'region' | 'eventBus'>): string | null {
  return region ?? /^arn:[^:]+:events:([a-z0-9-]+):/.exec(eventBus)?.[1] ?? null;
}

/** For the statement of a missing permission. */
function busArn(config: EventBridgeOptions['config']): string {
  if (config.eventBus.startsWith('arn:')) return config.eventBus;
  return `arn:aws:events:${regionOf(config) ?? '<region>'}:<account>:event-bus/${config.eventBus}`;
}

/** The event of an alert, shortened when it would be too large. */
export function eventEntry(alert: Alert, { eventBus }: Pick<EventBridgeOptions['config'], 'eventBus'>): EventEntry {
  const fitting = fitAlert(alert, (shorter) => eventBytes(eventOf(shorter, eventBus)) <= maxEventBytes);
  const event = eventOf(fitting, eventBus);
  return { alert, event, bytes: eventBytes(event) };
}

function eventOf({ content }: Alert, eventBus: string): PutEventsRequestEntry {
  const event = { EventBusName: eventBus, Source: 'bucketwatch', Detail: asciiJson(content) };
  if (!('evidence' in content))
    return { ...event, DetailType: 'Bucketwatch Digest', Time: new Date(content.created_at), Resources: [] };
  const Resources = s3Arns(content).filter((arn) => arn.length <= 2048);
  return { ...event, DetailType: 'Bucketwatch Finding', Time: new Date(content.updated_at), Resources };
}

/** The size of an entry as the user guide counts it ("Calculating PutEvents event entry size"). */
export function eventBytes({ Time, Source, DetailType, Detail, Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((bytes, text = '') => bytes + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

/** Answers 200 also when entries failed: the answers stand in the order of the entries. */
async function putEvents(
  client: EventBridgeClient,
  entries: readonly EventEntry[],
): Promise<EntryFailure<EventEntry>[]> {
  const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
  const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: entries.map(({ event }) => event) }));
  return entries.flatMap((entry, index) => {
    const { ErrorCode, ErrorMessage = '' } = Entries[index] ?? { ErrorCode: 'InternalFailure' };
    if (ErrorCode === undefined) return [];
    // A code that is not known to pass or to be about the bus is about this event.
    return [
      { entry, failure: awsFailure({ name: ErrorCode, message: ErrorMessage, $metadata: { httpStatusCode: 400 } }) },
    ];
  });
}
