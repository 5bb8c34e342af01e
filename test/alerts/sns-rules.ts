/** What SNS refuses, transcribed from the API reference of PublishBatch and the developer guide; emulators allow it all. */
import type { PublishBatchRequestEntry } from '@aws-sdk/client-sns';

/** Default of the topic attribute MaximumMessageSize, and the limit of a batch. */
export const snsLimit = 256 * 1024;

const xmlCharacters = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

export function bytesOf({ Message = '', MessageAttributes = {} }: PublishBatchRequestEntry): number {
  let bytes = Buffer.byteLength(Message, 'utf8');
  for (const [name, { DataType = '', StringValue = '' }] of Object.entries(MessageAttributes))
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
  return bytes;
}

const isFifoId = (id: string): boolean => /^[\x21-\x7e]{1,128}$/.test(id);

/** What is wrong with an entry; nothing when SNS would take it. */
export function entryProblems(entry: PublishBatchRequestEntry, { isFifo }: { readonly isFifo: boolean }): string[] {
  const { Id = '', Message = '', Subject, MessageStructure, MessageAttributes = {} } = entry;
  const problems: string[] = [];
  const must = (condition: boolean, problem: string): unknown => condition || problems.push(problem);
  must(/^[A-Za-z0-9_-]{1,80}$/.test(Id), 'Id');
  must(Message !== '' && bytesOf(entry) <= snsLimit, 'Message too long');
  must(xmlCharacters.test(Message), 'Message has characters that SQS refuses');
  must(Subject === undefined || /^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(Subject), 'Subject');
  must(MessageStructure === undefined || isStructured(Message), 'MessageStructure');
  must(Object.keys(MessageAttributes).length <= 10, 'too many MessageAttributes for raw delivery to SQS');
  for (const [name, { DataType, StringValue = '' }] of Object.entries(MessageAttributes)) {
    must(/^[A-Za-z0-9_.-]{1,256}$/.test(name), `MessageAttributes.${name}`);
    must(StringValue !== '' && xmlCharacters.test(StringValue), `MessageAttributes.${name} is empty or not text`);
    must(DataType === 'String' || /^-?\d+(\.\d+)?$/.test(StringValue), `MessageAttributes.${name} is not a number`);
  }
  const { MessageGroupId = '', MessageDeduplicationId = '' } = entry;
  must(isFifo ? isFifoId(MessageGroupId) : MessageGroupId === '', 'MessageGroupId');
  must(isFifo ? isFifoId(MessageDeduplicationId) : MessageDeduplicationId === '', 'MessageDeduplicationId');
  return problems;
}

function isStructured(message: string): boolean {
  const parts = JSON.parse(message) as Record<string, unknown>;
  return typeof parts['default'] === 'string' && Object.values(parts).every((part) => typeof part === 'string');
}
