/** Says what S3 refused, which permission is missing, and what to do about it. */
import { AppError, type ErrorCode } from '../config/app-error.js';
import { awsFailure, type AwsFailure } from './failure.js';

/** The statement of a policy that a request needs, as IAM writes it. */
interface Need {
  readonly action: string;
  readonly resource: string;
}

export interface S3Request {
  readonly bucket: string;
  /** The key, or the prefix that was listed. */
  readonly key: string;
  readonly expectedBucketOwner: string | null;
}

/** Why a bucket could not be listed: exit code 4 with the permission that is missing. */
export function listingError(error: unknown, request: S3Request): AppError {
  if (error instanceof AppError) return error;
  const failure = awsFailure(error);
  const where = `s3://${request.bucket}/${request.key}`;
  const need: Need = { action: 's3:ListBucket', resource: `arn:aws:s3:::${request.bucket}` };
  return new AppError(codeOf(failure), `${where}: ${explain(failure, request, need)}`, {
    facts: factsOf(failure, request),
    cause: error,
  });
}

/** Why an object could not be read, in one line without its name. */
export function readingProblem(failure: AwsFailure, request: S3Request): string {
  return explain(failure, request, { action: 's3:GetObject', resource: `arn:aws:s3:::${request.bucket}/*` });
}

/** The error of a source none of whose objects could be read. */
export function unreadableSourceError(text: string, failure: Pick<AwsFailure, 'kind'>): AppError {
  return new AppError(codeOf(failure), text);
}

function codeOf({ kind }: Pick<AwsFailure, 'kind'>): ErrorCode {
  if (kind === 'credentials') return 'credentials-missing';
  if (kind === 'forbidden') return 'source-forbidden';
  return 'source-unreachable';
}

function factsOf(failure: AwsFailure, { bucket }: S3Request): Record<string, string | number | null> {
  return { bucket, error: failure.name, status: failure.status, request_id: failure.requestId };
}

function explain(failure: AwsFailure, request: S3Request, need: Need): string {
  const { kind, name, message } = failure;
  const said = message === '' || message === name ? name : `${name}: ${message}`;
  if (/region is missing/i.test(message)) return 'no Region is known; set region of the source, or AWS_REGION';
  if (name === 'InvalidObjectState')
    return `${name}: the object is archived; restore it, or shorten lookback so that it is not asked for`;
  if (name.startsWith('KMS.') || /kms:/i.test(message) || /\bKMS\b/.test(message))
    return `${said}; the object is encrypted with a KMS key: expected kms:Decrypt on that key, in the policy of the caller and in the policy of the key, and a key that is enabled`;
  if (kind === 'credentials')
    return `${said}; expected AWS credentials: environment, profile, role of the machine, or role_arn of the source`;
  if (kind === 'forbidden') return `${said}; expected ${need.action} on ${need.resource}${otherReasons(request, need)}`;
  if (name === 'NoSuchBucket') return `${name}: no such bucket; expected the bucket that logs are delivered to`;
  return said;
}

/** S3 says AccessDenied for more than one reason. */
function otherReasons({ expectedBucketOwner }: S3Request, { action }: Need): string {
  const reasons: string[] = [];
  if (expectedBucketOwner !== null) reasons.push(`account ${expectedBucketOwner} does not own the bucket`);
  if (action === 's3:GetObject') {
    reasons.push('kms:Decrypt is missing on the key of the object');
    reasons.push('s3:ListBucket is missing and the object no longer exists');
  }
  return reasons.length === 0 ? '' : `; or ${reasons.join('; or ')}`;
}
