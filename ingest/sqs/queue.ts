/** The requests to a queue. */
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings, customEndpoint, type AwsAccess } from '../../aws/access.js';
import { awsFailure } from '../../aws/failure.js';
import { retrying } from '../../aws/retry.js';
import { AppError } from '../../config/app-error.js';

export interface ReceivedMessage {
  readonly id: string;
  readonly handle: string;
  readonly body: string;
  readonly sentAtMs: number;
}

/** The most that one request takes. */
const batchSize = 10;
const requestsAtOnce = 4;
/** Long enough that every server of the queue is asked: a short poll may answer nothing though there is something. */
const waitSeconds = 1;

export class Queue {
  readonly #url: string;
  readonly #client: Promise<SQSClient>;
  readonly #signal: AbortSignal | undefined;

  constructor(url: string, access: AwsAccess, signal: AbortSignal | undefined) {
    this.#url = url;
    this.#client = createClient(url, access);
    this.#client.catch(() => undefined);
    this.#signal = signal;
  }

  /** Up to 40 messages; none when the queue is empty. They are invisible to others for a while. */
  async receive(visibilitySeconds: number): Promise<ReceivedMessage[]> {
    const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: visibilitySeconds,
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    const client = await this.#client;
    const options = this.#signal === undefined ? {} : { abortSignal: this.#signal };
    const answers = await Promise.all(
      Array.from({ length: requestsAtOnce }, () =>
        this.#ask('sqs:ReceiveMessage', () => client.send(command, options)),
      ),
    );
    return answers.flatMap(({ Messages = [] }) => Messages.map(receivedMessage));
  }

  /** Also when the run was asked to end: what is committed is taken off the queue. */
  async delete(handles: readonly string[]): Promise<void> {
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.#client;
    await this.#inBatches(handles, async (batch) => {
      const Entries = batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      // A message that is not deleted comes again, and the ledger knows its objects.
      await this.#ask('sqs:DeleteMessage', () =>
        client.send(new DeleteMessageBatchCommand({ QueueUrl: this.#url, Entries })),
      );
    });
  }

  /** Keeps messages invisible for so long from now on; 0 shows them to the next who asks. */
  async hide(handles: readonly string[], visibilitySeconds: number): Promise<void> {
    const { ChangeMessageVisibilityBatchCommand } = await import('@aws-sdk/client-sqs');
    const client = await this.#client;
    await this.#inBatches(handles, async (batch) => {
      const Entries = batch.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: visibilitySeconds,
      }));
      await this.#ask('sqs:ChangeMessageVisibility', () =>
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#url, Entries })),
      );
    });
  }

  async close(): Promise<void> {
    (await this.#client.catch(() => null))?.destroy();
  }

  async #inBatches(handles: readonly string[], work: (batch: readonly string[]) => Promise<void>): Promise<void> {
    const batches: string[][] = [];
    for (let start = 0; start < handles.length; start += batchSize)
      batches.push(handles.slice(start, start + batchSize));
    const queue = batches.values();
    await Promise.all(
      Array.from({ length: Math.min(requestsAtOnce, batches.length) }, async () => {
        for (const batch of queue) await work(batch);
      }),
    );
  }

  async #ask<Answer>(action: string, request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await retrying(request);
    } catch (error) {
      throw queueError(error, this.#url, action);
    }
  }
}

function receivedMessage({ MessageId, ReceiptHandle, Body, Attributes }: Message): ReceivedMessage {
  return {
    id: MessageId ?? '',
    handle: ReceiptHandle ?? '',
    body: Body ?? '',
    sentAtMs: Number(Attributes?.SentTimestamp ?? 0),
  };
}

/** The address of a queue says where it is asked, and of AWS also in which Region. */
async function createClient(url: string, access: AwsAccess): Promise<SQSClient> {
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  const region = access.region ?? /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(url)?.[1] ?? null;
  return new SQSClient({
    ...(await clientSettings({ ...access, region }, { maxAttempts: 1 })),
    endpoint: customEndpoint('sqs') ?? new URL(url).origin,
    useQueueUrlAsEndpoint: false,
  });
}

function queueError(error: unknown, url: string, action: string): AppError {
  const { kind, name, message } = awsFailure(error);
  const said = `${url}: ${name}: ${message}`;
  if (kind === 'credentials') return new AppError('credentials-missing', said, { cause: error });
  if (kind === 'forbidden')
    return new AppError('source-forbidden', `${said}; expected ${action} on the queue`, { cause: error });
  return new AppError('source-unreachable', said, { cause: error });
}
