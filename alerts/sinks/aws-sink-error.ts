/** Why an AWS service takes nothing from us, as an error that says what to do about it. */
import type { AwsFailure } from '../../aws/failure.js';
import { AppError, type ErrorCode } from '../../config/app-error.js';
import { visibleText } from '../visible-text.js';

/** A sink as its error texts name it. */
export interface AwsSinkName {
  /** For example `SNS topic arn:aws:sns:…`. */
  readonly what: string;
  /** What sending needs, for example `sns:Publish`. */
  readonly action: string;
  /** The ARN that the permission is for, or `*`. */
  readonly resource: string;
  readonly roleArn: string | null;
}

/** One line about a failure; texts of AWS may quote the request, so they are escaped. */
export function failureText({ name, message }: Pick<AwsFailure, 'name' | 'message'>): string {
  return visibleText(message === '' || message === name ? name : `${name}: ${message}`).slice(0, 500);
}

export function awsSinkError(failure: AwsFailure, sink: AwsSinkName, cause: unknown): AppError {
  const { code, expected } = remedyOf(failure, sink);
  const facts = { sink: sink.what, error: failure.name, status: failure.status, request_id: failure.requestId };
  return new AppError(code, `${sink.what}: ${failureText(failure)}; expected ${expected}`, { facts, cause });
}

interface Remedy {
  readonly code: ErrorCode;
  readonly expected: string;
}

function remedyOf(failure: AwsFailure, { action, resource, roleArn }: AwsSinkName): Remedy {
  switch (failure.kind) {
    case 'credentials':
      return {
        code: 'credentials-missing',
        expected: 'valid AWS credentials from the environment, a profile or the role of the machine',
      };
    case 'forbidden':
      return { code: 'sink-forbidden', expected: permissionText(failure, { action, resource, roleArn }) };
    case 'missing':
      return { code: 'sink-unreachable', expected: 'one that exists in that account and Region' };
    case 'throttled':
      return { code: 'sink-unreachable', expected: 'to be let through; the next run tries again' };
    case 'rejected':
      return { code: 'sink-unreachable', expected: 'a request that the service takes; check its address and Region' };
    default:
      return { code: 'sink-unreachable', expected: 'an answer; check the network, the Region and the endpoint' };
  }
}

/** The statement that is missing: of the key of an encrypted topic, of the role to assume, or of the sink itself. */
function permissionText(
  { name, message }: AwsFailure,
  { action, resource, roleArn }: Pick<AwsSinkName, 'action' | 'resource' | 'roleArn'>,
): string {
  if (name.startsWith('KMS') || /\bkms:/i.test(message))
    return `${statement(['kms:GenerateDataKey', 'kms:Decrypt'], '<arn of the key>')} and the same in the policy of the key`;
  if (roleArn !== null && /\bsts:AssumeRole\b/i.test(message))
    return `${statement(['sts:AssumeRole'], roleArn)} and a trust policy of that role that names us`;
  return statement([action], resource);
}

function statement(actions: readonly string[], resource: string): string {
  return `the permission ${JSON.stringify({ Effect: 'Allow', Action: actions.length === 1 ? actions[0] : actions, Resource: resource })}`;
}
