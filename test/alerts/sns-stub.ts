/** SNS as strict as the real one: PublishBatch with its limits, fan-out by protocol, and failures on demand. */
import type { PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { startAwsStub, type AwsStub, type StubAnswer } from './aws-stub.js';
import { bytesOf, entryProblems, snsLimit } from './sns-rules.js';

export interface FailedEntry {
  readonly code: string;
  readonly isSenderFault: boolean;
}

/** Instead of the usual answer: an error of the whole request, or of its entries by their place. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly message?: string }
  | { readonly entries: Readonly<Record<number, FailedEntry>> };

export interface SnsStub extends AwsStub {
  /** Every request's entries, also refused ones. */
  readonly batches: PublishBatchRequestEntry[][];
  /** What a subscriber of a protocol got, in order. */
  readonly delivered: (protocol: 'sqs' | 'email' | 'sms') => string[];
  /** What the next requests are answered with. */
  readonly faults: Fault[];
  /** Called with every request, before its answer. */
  onBatch: () => unknown;
}

export async function startSnsStub({ isFifo = false } = {}): Promise<SnsStub> {
  const batches: PublishBatchRequestEntry[][] = [];
  const published: PublishBatchRequestEntry[] = [];
  const faults: Fault[] = [];
  const stub = await startAwsStub(({ body }) => {
    const entries = entriesOf(new URLSearchParams(body));
    batches.push(entries);
    self.onBatch();
    const fault = faults.shift();
    if (fault !== undefined && 'code' in fault) return error(fault.status, fault.code, fault.message ?? fault.code);
    const refused = batchProblem(entries);
    if (refused !== null) return error(400, refused, refused);
    const failed = new Map<PublishBatchRequestEntry, FailedEntry>();
    entries.forEach((entry, index) => {
      const code = fault?.entries[index] ?? problemOf(entry, isFifo);
      if (code === null) published.push(entry);
      else failed.set(entry, code);
    });
    return answer(entries, failed);
  });
  const delivered: SnsStub['delivered'] = (protocol) => published.map((entry) => partFor(protocol, entry));
  const self: SnsStub = { ...stub, batches, delivered, faults, onBatch: () => undefined };
  return self;
}

function problemOf(entry: PublishBatchRequestEntry, isFifo: boolean): FailedEntry | null {
  const [problem] = entryProblems(entry, { isFifo });
  return problem === undefined ? null : { code: 'InvalidParameter', isSenderFault: true };
}

function batchProblem(entries: readonly PublishBatchRequestEntry[]): string | null {
  if (entries.length === 0) return 'EmptyBatchRequest';
  if (entries.length > 10) return 'TooManyEntriesInBatchRequest';
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) return 'BatchEntryIdsNotDistinct';
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  return bytes > snsLimit ? 'BatchRequestTooLong' : null;
}

function partFor(protocol: string, { Message = '', MessageStructure }: PublishBatchRequestEntry): string {
  if (MessageStructure !== 'json') return Message;
  const parts = JSON.parse(Message) as Record<string, string>;
  return parts[protocol] ?? parts['default']!;
}

/** Reads `PublishBatchRequestEntries.member.1.Message=…` and so on. */
function entriesOf(form: URLSearchParams): PublishBatchRequestEntry[] {
  const entries: PublishBatchRequestEntry[] = [];
  for (let place = 1; form.has(`PublishBatchRequestEntries.member.${place}.Id`); place++) {
    const field = (name: string) => form.get(`PublishBatchRequestEntries.member.${place}.${name}`) ?? undefined;
    const attributes: NonNullable<PublishBatchRequestEntry['MessageAttributes']> = {};
    for (let number = 1; ; number++) {
      const name = field(`MessageAttributes.entry.${number}.Name`);
      if (name === undefined) break;
      const value = (part: string) => field(`MessageAttributes.entry.${number}.Value.${part}`);
      attributes[name] = { DataType: value('DataType'), StringValue: value('StringValue') };
    }
    const names = ['Id', 'Message', 'Subject', 'MessageStructure', 'MessageGroupId', 'MessageDeduplicationId'];
    const fields = Object.fromEntries(names.map((name) => [name, field(name)]));
    entries.push({ ...fields, MessageAttributes: attributes } as PublishBatchRequestEntry);
  }
  return entries;
}

const xml = 'text/xml';

function answer(
  entries: readonly PublishBatchRequestEntry[],
  failed: ReadonlyMap<PublishBatchRequestEntry, FailedEntry>,
): StubAnswer {
  const successful = entries.filter((entry) => !failed.has(entry)).map(({ Id }) => `<member><Id>${Id}</Id></member>`);
  const failures = Array.from(
    failed,
    ([{ Id }, { code, isSenderFault }]) =>
      `<member><Id>${Id}</Id><Code>${code}</Code><Message>${code} of the stub</Message><SenderFault>${isSenderFault}</SenderFault></member>`,
  );
  const result = `<Successful>${successful.join('')}</Successful><Failed>${failures.join('')}</Failed>`;
  const body = `<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishBatchResult>${result}</PublishBatchResult></PublishBatchResponse>`;
  return { contentType: xml, body };
}

function error(status: number, code: string, message: string): StubAnswer {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const body = `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return { status, contentType: xml, body };
}
