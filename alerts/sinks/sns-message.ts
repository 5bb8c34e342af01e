/** An alert as a message of SNS: body, subject, and the attributes that filter policies look at. */
import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import type { SinkOf } from '../../config/sink-schema.js';
import type { Severity } from '../../config/severity.js';
import type { Digest } from '../digest.js';
import type { Alert } from '../outbox.js';
import { visibleText } from '../visible-text.js';
import { asciiJson } from './alert-json.js';
import { chatNotification } from './sns-chat.js';
import { smsOf, subjectOf } from './sns-subject.js';

export interface SnsMessageOptions {
  readonly format: SinkOf<'sns'>['format'];
  readonly isFifo: boolean;
  /** A finding for people, safe for a terminal, with its line feeds. */
  readonly renderText: (content: Alert['content']) => string;
}

/** All of an entry of PublishBatch but its id, which is unique in its request only. */
export type SnsMessage = Omit<PublishBatchRequestEntry, 'Id'> & { readonly Message: string };

/**
 * The message, whatever its size. `json` gives programs the finding, e-mail readable text and phones one line; `chat`
 * must not have a structure, because Amazon Q reads the body only.
 */
export function snsMessage(alert: Alert, { format, isFifo, renderText }: SnsMessageOptions): SnsMessage {
  const text = (): string => bodyText(alert, renderText);
  const attributes = { MessageAttributes: messageAttributes(alert.content), ...(isFifo ? fifoFields(alert) : {}) };
  switch (format) {
    case 'chat':
      return { Message: asciiJson(chatNotification(alert)), ...attributes };
    case 'text':
      return { Message: text(), Subject: subjectOf(alert), ...attributes };
    default: {
      const parts = { default: asciiJson(alert.content), email: text(), sms: smsOf(alert) };
      return { Message: asciiJson(parts), MessageStructure: 'json', Subject: subjectOf(alert), ...attributes };
    }
  }
}

/** The bytes that count towards the limit: body, subject, and names, types and values of the attributes. */
export function messageBytes({ Message, Subject = '', MessageAttributes = {} }: SnsMessage): number {
  const attributes = Object.entries(MessageAttributes).flatMap(([name, { DataType, StringValue }]) => [
    name,
    DataType ?? '',
    StringValue ?? '',
  ]);
  return [Message, Subject, ...attributes].reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
}

/** Cases in order, independent of each other; the alert's id is the same whenever the same thing is announced. */
function fifoFields({ id, content }: Alert): Pick<SnsMessage, 'MessageGroupId' | 'MessageDeduplicationId'> {
  return {
    MessageGroupId: 'evidence' in content ? content.dedupe_key : 'digest',
    MessageDeduplicationId: id,
  };
}

/** For numeric conditions of filter policies; as OCSF numbers them. */
const severityNumbers: Readonly<Record<Severity, number>> = { critical: 5, high: 4, medium: 3, low: 2, info: 1 };

/** At most ten, because SQS delivers no more raw; none empty, because SNS refuses that. */
function messageAttributes(content: Alert['content']): Record<string, MessageAttributeValue> {
  const texts =
    'evidence' in content
      ? {
          schema: content.schema,
          severity: content.severity,
          detector: content.detector,
          account_id: content.account_id,
          region: content.region,
          source: 'bucketwatch',
          dedupe_key: content.dedupe_key,
          state: content.state,
        }
      : { schema: content.schema, severity: content.severity, source: 'bucketwatch', dedupe_key: content.id };
  return {
    severity_num: { DataType: 'Number', StringValue: String(severityNumbers[content.severity]) },
    ...Object.fromEntries(
      Object.entries(texts)
        .filter((entry): entry is [string, string] => entry[1] !== null && isAttributeValue(entry[1]))
        .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
  };
}

/** Accounts and Regions come from logs too; one that is none would only make SNS refuse the message. */
function isAttributeValue(value: string): boolean {
  return /^[\x21-\x7e]{1,256}$/.test(value);
}

function bodyText({ content }: Alert, renderText: SnsMessageOptions['renderText']): string {
  return 'evidence' in content ? renderText(content) : digestText(content);
}

function digestText({ title, detectors, query }: Digest): string {
  const lines = detectors.map(
    ({ detector, severity, findings }) => `${findings} ${severity}: ${visibleText(detector)}`,
  );
  return [title, '', ...lines, '', 'Query', query, ''].join('\n');
}
