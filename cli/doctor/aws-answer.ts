/** A request to AWS as a check sees it: the answer or the failure, and how far its clock is from ours. */
import { awsFailure, type AwsFailure } from '../../aws/failure.js';
import { partitionOf, refusedAction, type Statement } from '../../aws/permissions.js';
import type { Check, Checks } from './check.js';

/** What the requests of one `doctor` have in common. */
export interface AwsProbe {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds that a service was ahead of this clock, one an answer. */
  readonly clockSkewsMs: number[];
}

/** The part of a client's middleware that checks need. */
interface Client {
  readonly middlewareStack: {
    add(middleware: unknown, options: { readonly step: 'deserialize'; readonly name: string }): void;
  };
}

type Next = (args: unknown) => Promise<{ readonly response: unknown }>;

/** Notes the `Date` of every answer that the client gets, refusals too. */
export function watchClock<Watched extends Client>(client: Watched, { now, clockSkewsMs }: AwsProbe): Watched {
  const note = (response: unknown): void => {
    const { headers = {} } = (response ?? {}) as { headers?: Record<string, string> };
    const date = Date.parse(headers['date'] ?? '');
    if (!Number.isNaN(date)) clockSkewsMs.push(date - now());
  };
  const middleware = (next: Next) => async (args: unknown) => {
    try {
      const result = await next(args);
      note(result.response);
      return result;
    } catch (error) {
      note((error as { $response?: unknown }).$response);
      throw error;
    }
  };
  client.middlewareStack.add(middleware, { step: 'deserialize', name: 'bucketwatchClock' });
  return client;
}

export type Answer<Output> = { readonly output: Output } | { readonly failure: AwsFailure };

export async function answerOf<Output>(request: () => Promise<Output>): Promise<Answer<Output>> {
  try {
    return { output: await request() };
  } catch (error) {
    return { failure: awsFailure(error) };
  }
}

/** What a failed request is about, for the advice. */
export interface Asked {
  readonly check: string;
  /** What does not exist when the service says so, for example `the bucket acme-logs`. */
  readonly thing: string;
  /** What grants the request. */
  readonly statement: Statement;
}

/** A failed request as a failed check, with what to do about it. */
export function failedCheck({ fail }: Checks, failure: AwsFailure, asked: Asked): Check {
  const found = `${failure.name}${failure.status === 0 ? '' : ` (${failure.status})`}: ${failure.message}`;
  const { todo, statement } = advice(failure, asked);
  return fail(asked.check, found, { todo, kind: 'access', statement });
}

function advice(failure: AwsFailure, { thing, statement }: Asked): { todo: string; statement: Statement | null } {
  switch (failure.kind) {
    case 'credentials':
      return {
        todo: 'give this process valid credentials: a role of the host, AWS_PROFILE, or the variables of the SDK',
        statement: null,
      };
    case 'forbidden':
      return {
        todo: 'add this statement to the identity, and look for a deny in the policies of the resource and the organisation',
        statement: refusedAction(failure.message)?.action.startsWith('kms:') === true ? kmsOf(failure) : statement,
      };
    case 'missing':
      return { todo: `create ${thing}, or correct its name, account and Region in the config`, statement: null };
    case 'rejected':
      return { todo: `correct ${thing} in the config`, statement: null };
    default:
      return {
        todo: 'look at the network: proxy, firewall, VPC endpoint, Region, AWS_ENDPOINT_URL',
        statement: null,
      };
  }
}

/** A refusal of KMS names the action, and mostly the key. */
function kmsOf({ message }: AwsFailure): Statement {
  const refused = refusedAction(message)!;
  return { Sid: 'UseKey', Effect: 'Allow', Action: refused.action, Resource: refused.resource ?? 'THE_KEY_ARN' };
}

/** The host that the KMS condition of S3 names. */
export function s3Host(region: string): string {
  return `s3.${region}.amazonaws.com${partitionOf(region) === 'aws-cn' ? '.cn' : ''}`;
}
